"""Stytch's users, and members of several organizations who are one person."""

from typing import Any

import pytest

from cockpit.records import User
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources import _stytch_mapping
from cockpit.sources.base import MappingContext
from cockpit.sources.stytch import _member


def mapped(raw: dict[str, Any], **policies: Any) -> User:
    context = MappingContext(MappingSettings(**policies), PasswordSettings(), {})
    return _stytch_mapping.mapper(context)(raw)


def member(ident: str, created: str, **fields: Any) -> dict[str, Any]:
    return {
        "member_id": ident, "organization_id": "organization-1", "email_address": "ana@example.com",
        "email_address_verified": False, "status": "active", "name": "Ana Díaz", "created_at": created,
    } | fields  # fmt: skip


def test_the_earliest_member_names_the_person_whatever_came_first() -> None:
    late = member("member-b", "2024-02-01T00:00:00Z", email_address_verified=True)
    early = member("member-a", "2024-01-01T00:00:00Z", member_password_id="password-1")
    for members in ([early, late], [late, early]):
        user = mapped({one["member_id"]: one for one in members})
        assert user.source_id == "member-a"
        assert user.email_verified
        assert user.metadata["members"] == "member-a, member-b"
        assert user.metadata["created_at"] == "2024-01-01T00:00:00Z"
        assert user.password.state == "unsupported"


def test_who_is_deleted_everywhere_is_deleted_and_who_is_a_member_somewhere_is_not() -> None:
    gone, here = member("member-a", "1", status="deleted"), member("member-b", "2")
    assert mapped({"member-a": gone}).status == "deleted"
    assert mapped({"member-a": gone, "member-b": here}).status == "active"


def test_a_consumer_is_known_by_the_first_address_that_is_verified() -> None:
    user = mapped(
        {
            "user_id": "user-1",
            "emails": [
                {"email": "old@example.com", "verified": False},
                {"email": "ana@example.com", "verified": True},
            ],
            "name": {"first_name": "Ana", "last_name": "Díaz"},
            "providers": [{"provider_type": "Google", "provider_subject": "11"}],
            "trusted_metadata": {"plan": "team", "secret": "x"},
        },
        metadata=("plan",),
    )
    assert (user.email, user.email_verified, user.first_name) == ("ana@example.com", True, "Ana")
    assert user.metadata == {
        "provider": "stytch", "other_emails": "old@example.com", "identities": "Google|11", "plan": "team",
    }  # fmt: skip
    assert user.password.state == "absent"


def test_a_member_is_one_part_of_the_person_with_that_address() -> None:
    item = _member({"member_id": "member-live-1", "email_address": " Ana@Example.com"}, "{}")
    assert (item.id, item.part) == ("ana@example.com", "member-live-1")


@pytest.mark.parametrize("ident", [None, "", 'a"b', "a b", 7])
def test_a_member_whose_id_could_not_be_kept_apart_is_held_back(ident: Any) -> None:
    assert _member({"member_id": ident, "email_address": "ana@example.com"}, "{}").id == ""


def test_neither_a_user_nor_members() -> None:
    with pytest.raises(ValueError, match="neither"):
        mapped({"odd": 1})


@pytest.mark.parametrize(
    ("fields", "lost"),
    [
        ({"totps": [{"totp_id": "totp-1", "verified": True}]}, ("totp",)),
        ({"totps": [{"totp_id": "totp-1", "verified": False}]}, ()),
        ({"phone_numbers": [{"phone_number": "+15555550100", "verified": True}]}, ("sms",)),
        ({"webauthn_registrations": [{"verified": True}], "biometric_registrations": [{"verified": True}]},
         ("passkey", "biometrics")),
        ({"totps": None, "phone_numbers": []}, ()),
    ],
)  # fmt: skip
def test_a_consumers_second_factors_are_lost(fields: dict[str, Any], lost: tuple[str, ...]) -> None:
    assert mapped({"user_id": "user-1", **fields}).lost_factors == lost


def test_a_person_loses_the_second_factors_of_every_member() -> None:
    phone = member("member-a", "1", mfa_phone_number="+15555550100", totp_registration_id="")
    app = member("member-b", "2", mfa_phone_number="", totp_registration_id="member-totp-1")
    assert mapped({"a": phone, "b": app}).lost_factors == ("totp", "sms")
    assert mapped({"a": member("member-a", "1")}).lost_factors == ()
