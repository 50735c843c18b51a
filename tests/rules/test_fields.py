"""What of a record may be edited, and how what people type is read."""

from typing import Any

import pytest

from cockpit.records import Domain, Factor, Membership, Organization, Role, User
from cockpit.rules import fields
from cockpit.rules.fields import DROPPED, NotEditable
from cockpit.rules.tenancy import Resource
from cockpit.terms import Kind
from tests.jobs.world import person


@pytest.mark.parametrize(
    ("kind", "field", "text", "value"),
    [
        ("user", "email", "a@b.co", "a@b.co"),
        ("user", "email_verified", "false", False),
        ("user", "metadata.plan", "", ""),
        ("membership", "role_slugs", "admin, member", ["admin", "member"]),
        ("membership", "role_slugs", '["a"]', ["a"]),
        ("organization", "domain_data", "a.co", [{"domain": "a.co", "state": "pending"}]),
        (
            "organization",
            "domain_data",
            '[{"domain": "a.co", "state": "verified"}]',
            [{"domain": "a.co", "state": "verified"}],
        ),
    ],
)
def test_a_value_is_read_by_its_field(kind: Kind, field: str, text: str, value: Any) -> None:
    assert fields.read(kind, field, text) == value
    assert fields.checked(kind, field, value) == value


@pytest.mark.parametrize(
    ("kind", "field", "text"),
    [
        ("user", "phone", "1"),
        ("user", "metadata", "x"),
        ("user", "metadata.", "x"),
        ("user", "email.x", "x"),
        ("user", "email_verified", "yes"),
        ("user", "password_hash", "$2b$"),
        ("membership", "role_slugs", "[1]"),
        ("membership", "role_slugs", "[1"),
        ("organization", "domain_data", '[{"domain": 1, "state": "pending"}]'),
        ("user", "email", "\udcff"),
    ],
)
def test_what_can_not_be_is_refused(kind: Kind, field: str, text: str) -> None:
    with pytest.raises(NotEditable):
        fields.read(kind, field, text)


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("user", "email", None),
        ("organization", "name", None),
        ("user", "email", 5),
        ("user", "metadata.n", 5),
    ],
)
def test_a_value_of_a_file_is_held_to_the_same(kind: Kind, field: str, value: Any) -> None:
    with pytest.raises(NotEditable):
        fields.checked(kind, field, value)


def test_a_user_is_patched_by_the_fields_of_its_request() -> None:
    user = person(1)
    own = fields.of_request("user", user.request())
    assert fields.patched_user(user, own) == user
    after = fields.overlaid(own, {"email": "b@example.com", "metadata.plan": "team", "first_name": None})
    patched = fields.patched_user(user, after)
    assert patched.request() == {
        **{name: value for name, value in user.request().items() if name != "first_name"},
        "email": "b@example.com",
        "metadata": {"provider": "auth0", "plan": "team"},
    }
    assert patched.password == user.password


def test_a_hash_can_be_left_out_and_nothing_else_of_it_is_known() -> None:
    user = person(1)
    own = fields.with_hash(fields.of_request("user", user.request()), True)
    assert own["password_hash"] == "***"
    dropped = fields.patched_user(user, fields.overlaid(own, {"password_hash": None})).password
    assert (dropped.state, dropped.hash, dropped.reason) == ("unsupported", None, DROPPED)


@pytest.mark.parametrize(
    ("kind", "record"),
    [
        (
            "organization",
            Organization(
                source_id="o",
                name="A",
                domains=(Domain(name="a.co", verified=True),),
                metadata={"k": "v"},
            ),
        ),
        ("role", Role(slug="admin", name="Admin", description="all", permissions=("read",))),
        ("membership", Membership(user="u", organization="o", roles=("a", "b"))),
        ("membership", Membership(user="u", organization="o", roles=("a",))),
        ("factor", Factor(source_id="f", user="u", issuer="A", account="a@b.co")),
    ],
)  # fmt: skip
def test_a_resource_is_patched_by_the_fields_of_its_request(kind: Kind, record: Resource) -> None:
    request = record.request()
    if isinstance(record, Role):
        request["permissions"] = list(record.permissions)
    assert fields.patched(record, fields.of_request(kind, request)) == record


def test_metadata_that_is_left_empty_is_left_out() -> None:
    own = {"email": "a@b.co", "metadata": {"plan": "x"}}
    assert fields.put(own, "metadata.plan", None) == {"email": "a@b.co"}
    assert fields.get(own, "metadata.nothing") is None
    assert User(source_id="u", email="a@b.co", metadata={}).request() == {
        "email": "a@b.co", "email_verified": False, "external_id": "u",
    }  # fmt: skip
