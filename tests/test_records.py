"""Records: the request that a user becomes, and when two users count as the same."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cockpit.records import Password, User
from cockpit.terms import USER_FIELDS, comparable, fingerprint, normal_email

WHOLE = User(
    source_id="auth0|1",
    email=" Ana.Diaz@Example.com ",
    email_verified=True,
    first_name="Ana",
    last_name="Díaz",
    name="Ana Díaz",
    metadata={"provider": "auth0"},
    password=Password.carried("bcrypt", "$2b$10$hash"),
)

texts = st.none() | st.text(max_size=20)
users = st.builds(
    User,
    source_id=st.text(min_size=1, max_size=20),
    email=texts,
    email_verified=st.booleans(),
    first_name=texts,
    last_name=texts,
    name=texts,
    metadata=st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)


def test_the_request_names_the_providers_id_as_external_id_and_holds_no_password() -> None:
    assert WHOLE.request() == {
        "email": "Ana.Diaz@Example.com",
        "email_verified": True,
        "first_name": "Ana",
        "last_name": "Díaz",
        "name": "Ana Díaz",
        "external_id": "auth0|1",
        "metadata": {"provider": "auth0"},
    }


def test_what_is_not_known_is_left_out_of_the_request() -> None:
    assert User(source_id="a", email="a@example.com").request() == {
        "email": "a@example.com",
        "email_verified": False,
        "external_id": "a",
    }


def test_a_hash_does_not_appear_where_a_user_is_printed() -> None:
    assert "$2b$10$hash" not in repr(WHOLE) + str(WHOLE) + WHOLE.model_dump_json()


def test_records_cannot_be_changed_and_have_no_unknown_fields() -> None:
    with pytest.raises(ValidationError):
        WHOLE.email = "other@example.com"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        User(source_id="a", nickname="no such field")  # type: ignore[call-arg]


def test_an_email_is_compared_as_the_target_stores_it() -> None:
    assert normal_email(" Ana@Example.COM\t") == "ana@example.com"
    stored = {**WHOLE.request(), "email": "ana.diaz@example.com"}
    assert fingerprint(stored) == fingerprint(WHOLE.request())


def test_nothing_and_an_empty_text_count_as_the_same() -> None:
    asked = User(source_id="a", email="a@example.com").request()
    answered = {**asked, "first_name": "", "last_name": None, "name": None, "metadata": {}, "locale": "de"}
    assert fingerprint(answered) == fingerprint(asked)


@pytest.mark.parametrize("field", USER_FIELDS)
def test_every_field_that_both_sides_show_is_compared(field: str) -> None:
    asked = WHOLE.request()
    other: Any = {"metadata": {"provider": "other"}, "email_verified": False}.get(field, "other")
    assert fingerprint({**asked, field: other}) != fingerprint(asked)


@given(users, users)
def test_fingerprints_are_equal_exactly_when_the_comparable_fields_are(one: User, other: User) -> None:
    left, right = one.request(), other.request()
    assert (fingerprint(left) == fingerprint(right)) == (comparable(left) == comparable(right))


@given(users)
def test_a_request_that_went_through_json_has_the_same_fingerprint(user: User) -> None:
    request = user.request()
    assert fingerprint(json.loads(json.dumps(request))) == fingerprint(request)


def test_half_a_surrogate_pair_has_a_fingerprint_too() -> None:
    assert len(fingerprint({"email": "a@example.com", "first_name": "\ud83d"})) == 16
