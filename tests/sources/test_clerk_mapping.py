"""Clerk's user -> User: which address is the user's, whose id it is, and who is banned."""

from typing import Any

import pytest

from cockpit.records import User
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources.base import MappingContext
from cockpit.sources.clerk import PROVIDER


def address(number: int, email: str, status: str | None = "verified") -> dict[str, Any]:
    verification = {"status": status, "strategy": "email_code"} if status else None
    return {"id": f"idn_{number}", "email_address": email, "verification": verification, "linked_to": []}


RECORD: dict[str, Any] = {
    "id": "user_2YDr",
    "external_id": "app-7",
    "primary_email_address_id": "idn_2",
    "first_name": "Jane",
    "last_name": "Doe",
    "email_addresses": [address(1, "old@example.com"), address(2, "jane@example.com")],
    "external_accounts": [{"provider": "oauth_google", "provider_user_id": "11"}],
    "password_enabled": True,
    "public_metadata": {"plan": "team", "theme": "dark"},
    "private_metadata": {"plan": "enterprise"},
    "created_at": 1_700_000_000_000,
}


def mapped(policy: str = "clerk", metadata: tuple[str, ...] = (), **fields: object) -> User:
    facts = {"clerk.external_id": policy}
    context = MappingContext(MappingSettings(metadata=metadata), PasswordSettings(), facts)
    return PROVIDER.mapper(context)({**RECORD, **fields})


def test_a_record() -> None:
    user = mapped()
    assert (user.source_id, user.email, user.email_verified) == ("user_2YDr", "jane@example.com", True)
    assert (user.first_name, user.last_name, user.name, user.status) == ("Jane", "Doe", None, "active")
    assert user.metadata == {
        "provider": "clerk",
        "created_at": "2023-11-14T22:13:20.000Z",
        "other_emails": "old@example.com",
        "identities": "oauth_google|11",
    }
    assert user.password.state == "unsupported" and "passwords load" in str(user.password.reason)


@pytest.mark.parametrize("status", ["unverified", "expired", "transferable", None])
def test_an_address_is_verified_only_where_clerk_says_so(status: str | None) -> None:
    assert not mapped(email_addresses=[address(2, "jane@example.com", status)]).email_verified


@pytest.mark.parametrize("primary", [None, "idn_9"])
def test_without_a_primary_address_there_is_no_email_and_none_is_guessed(primary: str | None) -> None:
    user = mapped(primary_email_address_id=primary)
    assert (user.email, user.email_verified) == (None, False)
    assert user.metadata["other_emails"] == "old@example.com, jane@example.com"


@pytest.mark.parametrize(
    ("policy", "own", "ident", "kept"),
    [
        ("clerk", "app-7", "user_2YDr", None),
        ("app", "app-7", "app-7", "user_2YDr"),
        ("app", None, "user_2YDr", None),
        ("app", "  ", "user_2YDr", None),
    ],
)
def test_whose_id_it_is(policy: str, own: str | None, ident: str, kept: str | None) -> None:
    user = mapped(policy, external_id=own)
    assert (user.source_id, user.metadata.get("clerk_id")) == (ident, kept)


@pytest.mark.parametrize("flag", ["banned", "locked", "deprovisioned"])
def test_who_may_not_sign_in_is_banned(flag: str) -> None:
    fields: dict[str, Any] = {flag: True}
    assert mapped(**fields).status == "banned"


def test_only_metadata_that_was_chosen_goes_along_and_the_private_one_wins() -> None:
    assert mapped(metadata=("plan", "nothing")).metadata["plan"] == "enterprise"
    assert "theme" not in mapped(metadata=("plan",)).metadata


def test_who_never_had_a_password_has_lost_none() -> None:
    assert mapped(password_enabled=False).password.state == "absent"


def test_a_record_without_an_id_is_none() -> None:
    with pytest.raises(ValueError, match="no id"):
        mapped(id=None)


@pytest.mark.parametrize(
    ("fields", "lost"),
    [
        ({"totp_enabled": True, "backup_code_enabled": True}, ("totp", "recovery_codes")),
        ({"phone_numbers": [{"reserved_for_second_factor": True}]}, ("sms",)),
        ({"phone_numbers": [{"reserved_for_second_factor": False}]}, ()),
        ({"passkeys": [{"id": "idn_3"}]}, ("passkey",)),
        ({"totp_enabled": False, "passkeys": [], "phone_numbers": None}, ()),
    ],
)
def test_second_factors_that_the_record_tells_of_are_lost(
    fields: dict[str, Any], lost: tuple[str, ...]
) -> None:
    assert mapped(**fields).lost_factors == lost


@pytest.mark.parametrize(("moment", "at"), [(1_700_000_000_000, 1_700_000_000_000), (None, None), (0, None)])
def test_when_the_password_was_last_changed_is_known(moment: Any, at: int | None) -> None:
    assert mapped(password_last_updated_at=moment).password.changed_at == at
    assert mapped(password_last_updated_at=moment, password_enabled=False).password.changed_at is None
