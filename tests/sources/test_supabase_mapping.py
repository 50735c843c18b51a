"""Supabase's user, from either door -> User."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.passwords.firebase_scrypt import Form
from cockpit.records import User
from cockpit.rules.mask import MASK, mask
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources._supabase_mapping import HIDDEN, READ_AT, UNREADABLE
from cockpit.sources.base import MappingContext
from cockpit.sources.supabase import PROVIDER

IDENT = "6b8f1c1e-0d51-4f0e-9f0a-3f1b0b0c0d0e"
BCRYPT = "$2a$10$RDFyDS1tGPpm7qOVC30pnOrX7Bwyldjn/PA.9EUGug/xeINdmu4RK"
ARGON2 = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"
ENCRYPTED = '{"key_id":"k1","alg":"aes-gcm-hkdf","data":"c2VjcmV0","nonce":"bm9uY2U="}'
EMAIL, GOOGLE = {"provider": "email", "id": IDENT}, {"provider": "google", "id": "1157"}
TOTP = {"id": "f1", "type": "totp", "status": "verified", "secret": "JBSWY3DPEHPK3PXP"}

ROW = {
    "id": IDENT,
    "email": "ana@example.com",
    "phone": None,
    "encrypted_password": BCRYPT,
    "email_confirmed_at": "2024-01-02T03:04:05.678+00:00",
    "created_at": "2024-01-02T03:04:05.678+00:00",
    "banned_until": None,
    "deleted_at": None,
    "is_anonymous": False,
    "raw_user_meta_data": {"full_name": "Ana Diaz", "plan": "mine"},
    "raw_app_meta_data": {"provider": "email", "plan": "team"},
    "identities": [EMAIL, GOOGLE],
    "factors": [TOTP],
}
"""As the database makes it."""
RECORD = {
    "id": IDENT,
    "email": "ana@example.com",
    "phone": "",
    "email_confirmed_at": "2024-01-02T03:04:05.678Z",
    "confirmed_at": "2024-01-02T03:04:05.678Z",
    "created_at": "2024-01-02T03:04:05.678Z",
    "user_metadata": {"full_name": "Ana Diaz", "plan": "mine"},
    "app_metadata": {"provider": "email", "plan": "team"},
    "identities": [
        EMAIL | {"identity_id": "i1", "identity_data": {}},
        GOOGLE | {"identity_id": "i2", "identity_data": {}},
    ],
    "is_anonymous": False,
}
"""The same user as GET /admin/users answers."""


def mapped(raw: dict[str, Any], *, read_at: str | None = None, **mapping: Any) -> User:
    facts = {READ_AT: read_at} if read_at else {}
    context = MappingContext(MappingSettings(**mapping), PasswordSettings(), facts)
    return PROVIDER.mapper(context)(raw)


def test_a_row_of_the_database() -> None:
    user = mapped(ROW, metadata=("plan",))
    assert user.model_dump(exclude={"password"}) == {
        "source_id": IDENT,
        "email": "ana@example.com",
        "email_verified": True,
        "first_name": None,
        "last_name": None,
        "name": "Ana Diaz",
        "connection": None,
        "metadata": {
            "provider": "supabase",
            "created_at": "2024-01-02T03:04:05.678000Z",
            "identities": "google|1157",
            "plan": "team",
        },
        "status": "active",
        "federated": False,
        "lost_factors": (),
        "warnings": (),
    }
    assert user.password.type == "bcrypt" and user.password.hash is not None
    assert user.password.hash.get_secret_value() == BCRYPT


def test_both_doors_make_the_same_user_but_for_the_password() -> None:
    row, record = mapped(ROW, metadata=("plan",)), mapped(RECORD, metadata=("plan",))
    assert row.model_copy(update={"password": HIDDEN}) == record


# passwords


@pytest.mark.parametrize(
    ("stored", "kind"),
    [
        (BCRYPT, "bcrypt"),
        (ARGON2, "argon2"),
        ("$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=c2lnbmVy$c2FsdHNhbHQ=$aGFzaGhhc2g=", "firebase-scrypt"),
    ],
)
def test_hashes_that_go_along(stored: str, kind: str) -> None:
    password = mapped(ROW | {"encrypted_password": stored}).password
    assert (password.state, password.type) == ("carried", kind)


@pytest.mark.parametrize(("form", "begins"), [("phc", "$r=8,m=14,"), ("flat", "$hash=")])
def test_a_hash_of_firebases_goes_in_the_form_that_was_chosen(form: Form, begins: str) -> None:
    stored = "$fbscrypt$v=1,n=14,r=8,p=1,ss=Bw==,sk=c2lnbmVy$c2FsdHNhbHQ=$aGFzaGhhc2g="
    context = MappingContext(MappingSettings(), PasswordSettings(firebase_format=form), {})
    password = PROVIDER.mapper(context)({"id": "u1", "encrypted_password": stored}).password
    assert password.hash is not None
    assert password.hash.get_secret_value().startswith(f"$firebase-scrypt{begins}")


@pytest.mark.parametrize("stored", [None, ""])
def test_nobody_without_a_password_is_told_to_have_lost_one(stored: str | None) -> None:
    assert mapped(ROW | {"encrypted_password": stored}).password.state == "absent"


def test_a_hash_that_gotrue_encrypted_is_unsupported_and_not_quoted() -> None:
    password = mapped(ROW | {"encrypted_password": ENCRYPTED}).password
    assert password.state == "unsupported"
    assert "encrypted" in str(password.reason) and "c2VjcmV0" not in str(password.reason)


def test_the_api_tells_no_password_from_none() -> None:
    assert mapped(RECORD).password == HIDDEN
    assert mapped(RECORD | {"identities": [GOOGLE]}).password.state == "absent"


@pytest.mark.parametrize("hidden", [["encrypted_password"], ["encrypted_password", "identities"]])
def test_a_column_that_the_role_may_not_read_is_no_absent_password(hidden: list[str]) -> None:
    row = {name: value for name, value in ROW.items() if name not in hidden}
    assert mapped(row).password == UNREADABLE


# addresses, bans, names


def test_a_confirmed_telephone_confirms_no_address() -> None:
    unconfirmed = {"email_confirmed_at": None, "confirmed_at": "2024-01-02T03:04:05Z"}
    assert not mapped(RECORD | unconfirmed).email_verified


@pytest.mark.parametrize(
    ("until", "banned"),
    [
        (None, False),
        ("2024-06-01T00:00:00Z", False),
        ("2024-06-01T12:00:00+00:00", False),
        ("2024-06-01T12:00:01Z", True),
        ("2999-12-31T00:00:00Z", True),
        ("infinity", True),
    ],
)
def test_a_ban_that_was_over_when_the_export_began_is_none(until: str | None, banned: bool) -> None:
    user = mapped(ROW | {"banned_until": until}, read_at="2024-06-01T12:00:00.000Z")
    assert user.status == ("banned" if banned else "active")
    assert user.metadata.get("source_status") == ("banned" if banned else None)


def test_a_ban_is_one_where_nobody_remembers_when_the_export_was() -> None:
    assert mapped(ROW | {"banned_until": "2020-01-01T00:00:00Z"}).status == "banned"


def test_who_was_deleted_softly_is_deleted_whatever_else() -> None:
    gone = {"deleted_at": "2024-01-02T03:04:05Z", "banned_until": "infinity", "is_anonymous": True}
    assert mapped(ROW | gone).status == "deleted"


def test_an_anonymous_user_has_no_address() -> None:
    assert mapped(RECORD | {"email": "", "is_anonymous": True, "identities": []}).email is None


@pytest.mark.parametrize(
    ("data", "split", "names"),
    [
        ({"given_name": "Ana", "family_name": "Díaz", "name": "X"}, False, ("Ana", "Díaz", None)),
        ({"name": "Ana Díaz"}, False, (None, None, "Ana Díaz")),
        ({"full_name": " Ana María Díaz ", "name": "X"}, True, ("Ana María", "Díaz", None)),
        ({"full_name": "", "name": 7}, True, (None, None, None)),
        (None, False, (None, None, None)),
        ("Ana", False, (None, None, None)),
    ],
)
def test_names(data: Any, split: bool, names: tuple[str | None, ...]) -> None:
    user = mapped(ROW | {"raw_user_meta_data": data}, split_names=split)
    assert (user.first_name, user.last_name, user.name) == names


@pytest.mark.parametrize(
    ("created", "told"),
    [
        ("2024-01-02T05:04:05.6+02:00", "2024-01-02T03:04:05.600000Z"),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
        (None, None),
        ("-infinity", None),
        (7, None),
    ],
)
def test_the_moment_of_creation_is_told_in_utc(created: Any, told: str | None) -> None:
    assert mapped(ROW | {"created_at": created}).metadata.get("created_at") == told


def test_a_record_without_an_id_is_none() -> None:
    with pytest.raises(ValueError, match="no id"):
        mapped(ROW | {"id": None})


# secrets


def test_hash_and_totp_secret_are_masked_where_a_record_is_shown_and_go_nowhere_else() -> None:
    shown = mask(ROW)
    assert shown["encrypted_password"] == MASK
    assert shown["factors"][0]["secret"] == MASK
    user = mapped(ROW, metadata=("plan",))
    assert TOTP["secret"] not in user.model_dump_json()
    assert BCRYPT not in user.model_dump_json()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted({*ROW, *RECORD} - {"id"})), ANYTHING))
def test_whatever_a_record_holds_it_makes_a_user_that_can_be_stored(fields: dict[str, Any]) -> None:
    user = mapped({"id": IDENT} | fields, metadata=("plan",), read_at="2024-06-01T12:00:00Z")
    user.model_dump_json().encode()
    assert user.source_id == IDENT
