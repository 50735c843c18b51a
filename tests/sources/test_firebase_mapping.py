"""Firebase's record -> User."""

import json
from typing import Any

import pytest

from cockpit.passwords import validate
from cockpit.records import User
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources._firebase_hash import memo_key
from cockpit.sources.base import MappingContext
from cockpit.sources.firebase import PROVIDER

KEY = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
HASHED = {"passwordHash": "bFNyZlYxNWNweDk1", "salt": "42xEC+ixf3L2lw=="}
BY_PASSWORD = {"providerId": "password", "rawId": "ana@example.com", "email": "ana@example.com"}
GOOGLE = {"providerId": "google.com", "rawId": "1157", "email": "ana@gmail.example"}


def config(key: str) -> str:
    return json.dumps({"signer_key": key, "salt_separator": "Bw==", "rounds": 8, "mem_cost": 14})


FACTS = {memo_key(""): config(KEY), memo_key("acme-x1"): config("QUNNRQ==")}


def mapped(raw: dict[str, Any], form: Any = "phc", **mapping: Any) -> User:
    passwords = PasswordSettings(firebase_format=form)
    context = MappingContext(MappingSettings(**mapping), passwords, FACTS)
    return PROVIDER.mapper(context)({"localId": "X7aB"} | raw)


def test_a_whole_record() -> None:
    user = mapped(
        {
            "email": "ana@example.com",
            "emailVerified": True,
            "displayName": "Ana Diaz",
            "createdAt": "1700000000123",
            "disabled": False,
            "customAttributes": '{"role":"admin"}',
            "providerUserInfo": [BY_PASSWORD, GOOGLE],
        }
        | HASHED,
        metadata=("role",),
    )
    assert user.model_dump(exclude={"password"}) == {
        "source_id": "X7aB",
        "email": "ana@example.com",
        "email_verified": True,
        "first_name": None,
        "last_name": None,
        "name": "Ana Diaz",
        "connection": None,
        "metadata": {
            "provider": "firebase",
            "created_at": "2023-11-14T22:13:20.123Z",
            "identities": "google.com|1157",
            "role": "admin",
        },
        "status": "active",
        "federated": False,
        "lost_factors": (),
        "warnings": (),
    }
    assert user.password.state == "carried"


def test_a_hash_is_encoded_with_the_parameters_of_its_tenant() -> None:
    def encoded(raw: dict[str, Any], form: str = "phc") -> str:
        password = mapped(raw | HASHED, form).password
        assert password.type == "firebase-scrypt"
        assert password.hash is not None
        assert validate("firebase-scrypt", password.hash.get_secret_value()) is None
        return password.hash.get_secret_value()

    assert f"sk={KEY.rstrip('=')}," in encoded({})
    assert "sk=QUNNRQ," in encoded({"tenantId": "acme-x1"})
    assert encoded({}, "flat").startswith("$firebase-scrypt$hash=")


@pytest.mark.parametrize(
    ("raw", "state", "why"),
    [
        ({"passwordHash": "UkVEQUNURUQ="}, "unsupported", "REDACTED"),
        (HASHED | {"tenantId": "other"}, "unsupported", "no hash parameters for tenant other"),
        ({"passwordHash": HASHED["passwordHash"]}, "unsupported", "without its salt"),
        ({"passwordHash": "fakeHash:salt=x", "salt": "x"}, "unsupported", "emulator"),
        ({"passwordHash": "", "providerUserInfo": [BY_PASSWORD]}, "unsupported", "no hash at the source"),
        ({"providerUserInfo": [BY_PASSWORD]}, "unsupported", "no hash at the source"),
        ({"providerUserInfo": [BY_PASSWORD], "emailLinkSignin": True}, "absent", None),
        ({"providerUserInfo": [GOOGLE]}, "absent", None),
        ({}, "absent", None),
    ],
)
def test_passwords_that_can_not_go_along(raw: dict[str, Any], state: str, why: str | None) -> None:
    password = mapped(raw).password
    assert password.state == state
    assert password.hash is None
    assert why is None or why in str(password.reason)


def test_a_hash_that_is_none_is_left_for_lint_to_find() -> None:
    password = mapped(HASHED | {"passwordHash": "not base64 at all"}).password
    assert password.hash is not None
    assert validate("firebase-scrypt", password.hash.get_secret_value())


def test_an_email_that_only_a_linked_identity_has() -> None:
    user = mapped({"emailVerified": True, "providerUserInfo": [{"providerId": "phone"}, GOOGLE]})
    assert user.email == "ana@gmail.example"
    assert not user.email_verified
    assert user.warnings == ("email: taken from a linked identity, not verified",)


def test_a_phone_or_anonymous_user_has_no_email() -> None:
    assert mapped({"phoneNumber": "+1555", "providerUserInfo": []}).email is None


def test_a_tenants_user_keeps_its_localid_and_names_its_tenant() -> None:
    user = mapped({"tenantId": "acme-x1"})
    assert user.source_id == "X7aB"
    assert user.connection == "acme-x1"
    assert user.metadata["tenant"] == "acme-x1"


def test_display_names_are_split_only_where_asked() -> None:
    assert mapped({"displayName": "Ana Maria Diaz"}).name == "Ana Maria Diaz"
    user = mapped({"displayName": "Ana Maria Diaz"}, split_names=True)
    assert (user.first_name, user.last_name, user.name) == ("Ana Maria", "Diaz", None)


@pytest.mark.parametrize("claims", ["", "{broken", "[1]", 7, None])
def test_claims_of_no_known_shape(claims: Any) -> None:
    assert "role" not in mapped({"customAttributes": claims}, metadata=("role",)).metadata


@pytest.mark.parametrize("created", [None, "", "soon", "9" * 30])
def test_a_date_of_no_known_shape(created: Any) -> None:
    assert "created_at" not in mapped({"createdAt": created}).metadata


def test_a_record_without_an_id_has_no_usable_shape() -> None:
    with pytest.raises(ValueError, match="localId"):
        mapped({"localId": None})
