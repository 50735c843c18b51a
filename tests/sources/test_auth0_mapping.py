"""Auth0's record -> User."""

from typing import Any

import pytest

from cockpit.records import User
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources.auth0 import PROVIDER
from cockpit.sources.base import MappingContext

DATABASE = {"connection": "Users", "provider": "auth0", "user_id": "64f0c1", "isSocial": False}
GOOGLE = {"connection": "google-oauth2", "provider": "google-oauth2", "user_id": "1157", "isSocial": True}


def mapped(raw: dict[str, Any], **mapping: Any) -> User:
    context = MappingContext(MappingSettings(**mapping), PasswordSettings(), {})
    return PROVIDER.mapper(context)({"user_id": "auth0|64f0c1", "identities": [DATABASE]} | raw)


def test_a_whole_record() -> None:
    user = mapped(
        {
            "email": "Ana@Example.com",
            "email_verified": True,
            "given_name": "Ana",
            "family_name": "Diaz",
            "name": "Ana Diaz",
            "identities": [DATABASE, GOOGLE],
            "app_metadata": {"roles": ["admin"]},
            "created_at": "2025-02-09T16:34:22.611Z",
        }
    )
    assert user.model_dump(exclude={"password", "warnings", "status", "federated", "lost_factors"}) == {
        "source_id": "auth0|64f0c1",
        "email": "Ana@Example.com",
        "email_verified": True,
        "first_name": "Ana",
        "last_name": "Diaz",
        "name": None,
        "connection": "Users",
        "metadata": {
            "provider": "auth0",
            "created_at": "2025-02-09T16:34:22.611Z",
            "connection": "Users",
            "identities": "auth0|64f0c1, google-oauth2|1157",
        },
    }
    assert user.warnings == ()


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ({"name": "Ana Maria Diaz"}, (None, None, "Ana Maria Diaz")),
        ({"name": "ana@example.com", "email": "Ana@example.com"}, (None, None, None)),
        ({"name": "+15550001", "phone_number": "+15550001"}, (None, None, None)),
        ({"name": "  "}, (None, None, None)),
        ({"name": 7}, (None, None, None)),
        ({"given_name": "Ana", "name": "Ana D."}, ("Ana", None, None)),
    ],
)
def test_names(raw: dict[str, Any], names: tuple[str | None, ...]) -> None:
    user = mapped(raw)
    assert (user.first_name, user.last_name, user.name) == names


@pytest.mark.parametrize(
    ("name", "first", "last"), [("Ana Maria Diaz", "Ana Maria", "Diaz"), ("Ana", "Ana", None)]
)
def test_names_are_split_only_where_asked(name: str, first: str, last: str | None) -> None:
    user = mapped({"name": name}, split_names=True)
    assert (user.first_name, user.last_name, user.name) == (first, last, None)


@pytest.mark.parametrize(
    ("value", "verified"), [(True, True), ("true", True), (False, False), (None, False), ("no", False)]
)
def test_email_verified(value: Any, verified: bool) -> None:
    assert mapped({"email_verified": value}).email_verified is verified


@pytest.mark.parametrize("email", [None, "", "  ", 7])
def test_no_email(email: Any) -> None:
    assert mapped({"email": email}).email is None


def test_only_a_database_identity_has_a_password() -> None:
    assert mapped({}).password.state == "unsupported"
    assert "passwords load" in str(mapped({}).password.reason)
    social = mapped({"user_id": "google-oauth2|1157", "identities": [GOOGLE]})
    assert social.password.state == "absent"
    assert social.connection == "google-oauth2"


def test_a_database_identity_that_is_linked_gives_the_connection_of_the_password() -> None:
    linked = mapped({"user_id": "google-oauth2|1157", "identities": [GOOGLE, DATABASE]})
    assert linked.connection == "Users"
    assert linked.password.state == "unsupported"


def test_app_metadata_goes_only_by_name() -> None:
    raw = {
        "app_metadata": {"plan": "free", "roles": ["ä"], "secret": "s3cret", "none": None, "provider": "x"},
        "user_metadata": {"locale": "de", "plan": "another"},
    }
    assert mapped(raw).metadata.keys() == {"provider", "connection"}
    user = mapped(raw, metadata=("plan", "roles", "locale", "none", "absent", "provider"))
    assert user.metadata["plan"] == "free"
    assert user.metadata["roles"] == '["\\u00e4"]'
    assert user.metadata["locale"] == "de"
    assert user.metadata["provider"] == "auth0"
    assert user.metadata.keys() == {"provider", "connection", "plan", "roles", "locale"}
    assert user.warnings == ("metadata.provider: left out, cockpit's own value has that name",)


def test_an_applications_text_is_not_altered() -> None:
    assert mapped({"app_metadata": {"note": "café"}}, metadata=("note",)).metadata["note"] == "café"


def test_identities_are_cut_to_what_the_target_holds_with_a_warning() -> None:
    many = [GOOGLE | {"user_id": f"{n:020}"} for n in range(40)]
    user = mapped({"identities": many})
    listed = user.metadata["identities"]
    assert 500 < len(listed) <= 600
    kept = listed.count("google-oauth2|")
    assert listed.endswith(f", +{40 - kept} more")
    assert user.warnings == (f"metadata.identities: cut to 600 characters, {40 - kept} left out",)


def test_our_own_metadata_is_ascii_and_one_line() -> None:
    odd = [DATABASE | {"user_id": "zoë\x1b☕😀"}, GOOGLE]
    listed = mapped({"identities": odd}).metadata["identities"]
    assert listed == "auth0|zo\\u00eb\\x1b\\u2615\\ud83d\\ude00, google-oauth2|1157"


def test_half_a_surrogate_pair_is_replaced_with_a_warning() -> None:
    user = mapped({"name": "Ana \ud800", "app_metadata": {"k": "\udfff"}}, metadata=("k",))
    assert user.name == "Ana \ufffd"
    assert user.metadata["k"] == "\ufffd"
    assert user.warnings


@pytest.mark.parametrize("identities", [None, "x", [], [7], [{}]])
def test_identities_of_no_known_shape(identities: Any) -> None:
    assert mapped({"identities": identities}).source_id == "auth0|64f0c1"


def test_a_record_without_an_id_has_no_usable_shape() -> None:
    with pytest.raises(ValueError, match="user_id"):
        mapped({"user_id": 7})


@pytest.mark.parametrize(
    ("multifactor", "lost"),
    [
        (["guardian"], ("guardian",)),
        (["google-authenticator", "duo"], ("totp", "duo")),
        ([], ()),
        (None, ()),
        ("guardian", ()),
    ],
)
def test_second_factors_are_lost_by_the_names_that_the_record_has(
    multifactor: Any, lost: tuple[str, ...]
) -> None:
    assert mapped({"identities": [DATABASE], "multifactor": multifactor}).lost_factors == lost


@pytest.mark.parametrize(
    ("moment", "at"),
    [("2026-03-01T10:00:00.500Z", 1_772_359_200_500), ("soon", None), (None, None), (1_772_359_200, None)],
)
def test_when_a_password_was_last_changed_is_known_where_there_is_one(moment: Any, at: int | None) -> None:
    assert mapped({"identities": [DATABASE], "last_password_reset": moment}).password.changed_at == at
    assert mapped({"identities": [GOOGLE], "last_password_reset": moment}).password.changed_at is None
