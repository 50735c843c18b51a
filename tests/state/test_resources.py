"""What moves beside users: stored once, mapped, tied to users and organizations whenever those come."""

import json
import sqlite3

import pytest

from cockpit.state import exports, journal, resources
from cockpit.state.resources import Derived, Mapped
from cockpit.terms import Kind, Page, RawItem
from tests.state.people import page, raw


def store(connection: sqlite3.Connection, kind: Kind, *items: RawItem, next_cursor: str | None = None) -> int:
    export = exports.begin(connection, 1, kind)
    exports.commit_page(connection, export.id, Page("", "0", next_cursor, list(items)), 100, 2)
    return export.id


def item(ident: str, **body: object) -> RawItem:
    return RawItem(ident, json.dumps(body))


def map_all(connection: sqlite3.Connection, **ties: str) -> None:
    rows = resources.unmapped(connection, 0, 100)
    resources.save(connection, [(row, Mapped(row.source_id, {"name": row.source_id}, row.source_id, **ties))
                                for row in rows])  # fmt: skip


def counted(connection: sqlite3.Connection, kind: Kind) -> dict[str, int]:
    return {state: n for state, n in journal.counts(connection, kind).items() if n}


def test_a_record_is_stored_once_and_one_that_changed_is_mapped_anew(connection: sqlite3.Connection) -> None:
    export = store(connection, "organization", item("a", n=1), item("b", n=1), next_cursor="1")
    map_all(connection)
    assert resources.unmapped(connection, 0, 100) == []
    again = Page("", "1", None, [item("a", n=1), item("b", n=2), item("c", n=1)])
    assert exports.commit_page(connection, export, again, 100, 3) == (1, 2)
    assert [row.source_id for row in resources.unmapped(connection, 0, 100)] == ["b", "c"]
    assert counted(connection, "organization") == {"ready": 3}
    assert exports.seen(connection, export) == 3


def test_kinds_have_ids_of_their_own(connection: sqlite3.Connection) -> None:
    store(connection, "organization", item("same"))
    store(connection, "role", item("same"))
    assert counted(connection, "organization") == counted(connection, "role") == {"ready": 1}
    assert exports.records(connection) == (0, 0, 0), "those are of users"


def test_a_record_without_an_id_is_held_back(connection: sqlite3.Connection) -> None:
    store(connection, "organization", item(""), item("a"))
    export = exports.latest(connection, "organization")
    assert export is not None and (export.read, export.merged, export.held) == (2, 0, 1)


@pytest.mark.parametrize("first", ["user", "membership"])
def test_a_membership_finds_its_user_whichever_was_exported_first(
    connection: sqlite3.Connection, first: str
) -> None:
    def users() -> None:
        export = exports.begin(connection, 1)
        exports.commit_page(connection, export.id, page(raw("ana")), 100, 2)

    store(connection, "organization", item("acme"))
    map_all(connection)
    if first == "user":
        users()
    store(connection, "membership", item("acme/ana"))
    map_all(connection, user="ana", organization="acme")
    if first == "membership":
        assert connection.execute("select user from resources where kind = 'membership'").fetchone() == (
            None,
        )
        users()
        assert resources.link(connection, 0) is None
    (row,) = resources.rows(connection, resources.ids(connection, "membership"))
    assert (row.user, row.organization) == ("ana", "acme")
    tied = connection.execute("select user, organization from resources where kind = 'membership'").fetchone()
    assert None not in tied
    assert resources.waiting(connection, "membership") == 1, "neither is at the target"


def test_what_is_found_inside_a_user_is_kept_once(connection: sqlite3.Connection) -> None:
    told = [Derived("membership", "acme/ana", 1, "{}", Mapped("", {}, user="ana", organization="acme"))]
    (first,) = resources.save_derived(connection, 1, told)
    (again,) = resources.save_derived(connection, 2, told)
    assert (first.id, first.before, again.before) == (again.id, None, "{}")
    assert counted(connection, "membership") == {"ready": 1}
    assert resources.unmapped(connection, 0, 10) == [], "it is mapped with its user"


def test_roles_that_are_only_named_are_undefined(connection: sqlite3.Connection) -> None:
    def member(ident: str, organization: str, **request: object) -> Derived:
        return Derived("membership", ident, 1, "{}", Mapped("", dict(request), organization=organization))

    def role(slug: str, organization: str | None = None) -> Derived:
        request = {"slug": slug, "permissions": ["read"]}
        return Derived("role", slug, 0, "{}", Mapped(slug, request, slug, organization=organization))

    resources.save_derived(
        connection,
        1,
        [
            member("1", "acme", role_slug="admin"),
            member("2", "acme", role_slugs=["member", "own"]),
            member("3", "other", role_slug="own"),
            role("admin"),
            role("own", "acme"),
        ],
    )
    assert resources.undefined_roles(connection) == ["member", "own"], "another's own role is not theirs"
    assert resources.undefined_permissions(connection) == ["read"]


def test_a_domain_belongs_to_the_first_that_claims_it(connection: sqlite3.Connection) -> None:
    for ident, domain in (("a", "x.example"), ("b", "y.example"), ("c", "x.example")):
        store(connection, "organization", item(ident))
        (row,) = resources.unmapped(connection, 0, 10)
        request = {"domain_data": [{"domain": domain, "state": "verified"}]}
        resources.save(connection, [(row, Mapped(ident.upper(), request, ident))])
        export = exports.latest(connection, "organization")
        assert export is not None
        exports.complete(connection, export.id, "complete", 0, 3)
    assert [(domain, keeper) for _, _, domain, keeper in resources.shared_domains(connection)] == [
        ("x.example", "A")
    ]
