"""Errors by everything that a reviewer may ask for, alone and together."""

import json
import sqlite3
from typing import Any

import pytest

from cockpit.state import browse, errors, exports, journal, resources, reviewers
from cockpit.state.claims import MEMBERSHIPS
from cockpit.state.error_filter import LEASE_MS, Filter
from cockpit.state.errors import Failure
from cockpit.state.journal import Outcome
from cockpit.state.resources import Mapped
from cockpit.terms import Page, RawItem
from tests.jobs.world import person
from tests.state import people
from tests.state.people import BATCH

BAD = Failure("fixable", "422:email", "bad e-mail", "bad e-mail 'x'", status=422, code="email")
ROLE = Failure("fixable", "422:invalid_role", "no such role", "no role 'x'", status=422, code="invalid_role")


@pytest.fixture
def failed(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Users 1-25 failed, but for 2. 2 and 3 are members of Acme; the membership of 2 failed."""
    people.have(
        connection,
        *(person(n, connection="google" if n == 7 else "database") for n in range(1, 26)),
    )
    claimed = people.claim(connection)
    people.settle(connection, [user for user in claimed if user.subject == 2], "imported", target_id="user_2")
    for user in claimed:
        if user.subject != 2:
            outcome = Outcome(user.operation, user.subject, "failed", 1, failure=BAD)
            journal.settle(connection, "user", [outcome], 1, BATCH, 1000 * user.subject)
    _acme(connection)
    return connection


def _acme(connection: sqlite3.Connection) -> None:
    made = {
        "organization": [("org_1", Mapped("Acme", {"name": "Acme"}, "org_1"))],
        "membership": [
            (f"org_1/{n}", Mapped("", {}, user=person(n).source_id, organization="org_1")) for n in (2, 3)
        ],
    }
    for kind, records in made.items():
        export = exports.begin(connection, 1, kind)  # type: ignore[arg-type]
        items = [RawItem(ident, json.dumps({"id": ident})) for ident, _ in records]
        exports.commit_page(connection, export.id, Page("", "0", None, items), BATCH, 2)
        raws = resources.unmapped(connection, 0, 10)
        resources.save(connection, [(raw, dict(records)[raw.source_id]) for raw in raws])
    connection.execute("update operations set target_id = 'org_x' where kind = 'organization'")
    (claimed,) = journal.claim(connection, MEMBERSHIPS, 0, 10, 1, 10)
    outcome = Outcome(claimed.operation, claimed.subject, "failed", 1, failure=ROLE)
    journal.settle(connection, "membership", [outcome], 1, BATCH, 90_000)


def named(state: sqlite3.Connection, **chosen: Any) -> list[str]:
    rows = errors.rows(state, errors.ids(state, Filter(**chosen)))
    return [row.external_id.removeprefix("auth0|0000") for row in rows]


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({"fingerprint": "422:invalid_role"}, ["org_1/2"]),
        ({"kind": "membership"}, ["org_1/2"]),
        ({"kind": "organization"}, []),
        ({"batch": 2, "batch_size": 10}, ["21", "22", "23", "24", "25"]),
        ({"organization": "Acme"}, ["03", "org_1/2"]),
        ({"organization": "org_1", "kind": "user"}, ["03"]),
        ({"organization": "nobody"}, []),
        ({"connection": "google"}, ["07"]),
        ({"since": 24_000, "until": 90_000}, ["24", "25"]),
        ({"search": "user1@"}, ["01"]),
        ({"search": "no role"}, ["org_1/2"]),
        ({"klass": "transient"}, []),
        ({"resolution": "ignored"}, []),
    ],
)
def test_each_is_found_by(failed: sqlite3.Connection, chosen: dict[str, Any], found: list[str]) -> None:
    assert named(failed, **chosen) == found


def test_what_somebody_is_on_is_found_while_they_are(failed: sqlite3.Connection) -> None:
    (first, *_) = errors.ids(failed)
    reviewers.take(failed, "group", "422:invalid_role", "ana", 1000)
    reviewers.take(failed, "error", str(first), "ana", 1000)
    assert named(failed, reviewer="ana", now=2000) == ["01", "org_1/2"]
    assert named(failed, reviewer="bo", now=2000) == []
    assert named(failed, reviewer="ana", now=1000 + LEASE_MS) == []


def test_groups_are_counted_among_what_is_meant(failed: sqlite3.Connection) -> None:
    told = errors.groups(failed, chosen=Filter(organization="Acme"))
    assert [(group.fingerprint, group.open, group.first_at) for group in told] == [
        ("422:email", 1, 3000),
        ("422:invalid_role", 1, 90_000),
    ]
    assert errors.groups(failed, chosen=Filter()) == errors.groups(failed)


def test_an_error_of_an_update_is_about_its_user(failed: sqlite3.Connection) -> None:
    journal.enlist(failed, "user update", "select 5 as id", ())
    (operation,) = failed.execute("select id from operations where kind = 'user update'").fetchone()
    error = errors.record(failed, operation, "user update", 5, BAD, 1)
    (row,) = errors.rows(failed, [error])
    assert row.email == "user5@example.com"
    record = errors.show(failed, error)
    assert record is not None
    assert json.loads(record.source) == {"user_id": "auth0|000005"}
    assert "05" in named(failed, kind="user", search="user5@")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("batch:2", ["21", "22", "23", "24", "25"]),
        ("org:acme", ["03", "org_1/2"]),
        ("org:acme kind:user", ["03"]),
        ("connection:goo", ["07"]),
        ("kind:membership", ["org_1/2"]),
        ("on:ana", ["org_1/2"]),
        ("on:bo", []),
        ("at:1970-01-01 id:000007", ["07"]),
        ("at:1971", []),
        ("user2@example.com", ["org_1/2"]),
        ("org_1", ["org_1/2"]),
        ("!connection:database !kind:membership", ["07"]),
    ],
)
def test_the_same_is_found_by_what_people_type(
    failed: sqlite3.Connection, text: str, found: list[str]
) -> None:
    reviewers.take(failed, "group", "422:invalid_role", "ana", 1000)
    listing = browse.errors(batch_size=10, now=2000)
    rows = errors.rows(failed, browse.ids(failed, listing, text))
    assert [row.external_id.removeprefix("auth0|0000") for row in rows] == found
