"""Connections in the state: read again, decided about, handed over, forgotten."""

import json
import sqlite3
from pathlib import Path

import pytest

from cockpit.connections.rules import finding
from cockpit.jobs.purge import purge
from cockpit.state import audit, browse, connection_decisions, connections, exports, meta, resources
from cockpit.state.check import check
from cockpit.state.connections import Checked
from cockpit.state.database import transaction
from cockpit.state.resources import Mapped
from cockpit.state.start_over import start_over
from cockpit.terms import Page, RawItem
from tests.clocks import FakeClock
from tests.connections.made import oidc, saml


@pytest.fixture
def state(connection: sqlite3.Connection) -> sqlite3.Connection:
    meta.bind_source(connection, "auth0:acme.example")
    return connection


def page(*idents: str, cursor: str = "", body: str = "{}") -> Page:
    return Page("", cursor, None, [RawItem(ident, body) for ident in idents])


def read(state: sqlite3.Connection, *idents: str, body: str = '{"a": 1}') -> None:
    with transaction(state):
        export = exports.begin(state, 1, "connection")
        exports.commit_page(state, export.id, page(*idents, body=body), 100, 2)


def checked(state: sqlite3.Connection) -> None:
    made = [saml("a"), oidc("b")]
    found = [finding("idp_initiated", "idp_initiated", "x"), finding("idp_initiated", "idp_initiated", "y")]
    items = [Checked(n, each, found, "transparent", (), 5) for n, each in enumerate(made, start=1)]
    with transaction(state):
        connections.save(state, items, 9)


def test_a_page_that_is_read_again_changes_nothing_but_what_differs(state: sqlite3.Connection) -> None:
    read(state, "a", "b")
    read(state, "a", "b", body='{"a": 2}')
    assert [raw[1:] for raw in connections.raws(state)] == [
        ("a", "auth0", '{"a": 2}'),
        ("b", "auth0", '{"a": 2}'),
    ]
    export = exports.latest(state, "connection")
    assert export is not None
    assert (export.read, export.merged, export.seen) == (4, 2, 2)
    assert check(state) == []


def test_records_are_kept_without_their_secrets_and_come_back_with_them(state: sqlite3.Connection) -> None:
    read(state, "a", "b")
    checked(state)
    assert "client-secret" not in json.dumps(state.execute("select record from connections").fetchall())
    assert [item.connection for item in connections.whole(state, [2, 1])] == [oidc("b"), saml("a")]
    assert [(each.rule, each.detail) for each in connections.findings(state, 1)] == [
        ("idp_initiated", "x; y")
    ]


def test_the_list_is_browsed_by_words_fields_and_order(state: sqlite3.Connection) -> None:
    read(state, "a", "b", "c")
    checked(state)
    connection_decisions.override(state, 2, "stop", None, "why", "ana", 10)
    listing = browse.connections()
    assert list(browse.ids(state, listing, "verdict:stop")) == [2]
    assert list(browse.ids(state, listing, "protocol:saml customer")) == [1]
    assert list(browse.ids(state, listing, "verdict:unchecked")) == [3]
    assert list(browse.ids(state, listing, "", "verdict")) == [2, 1, 3]


def test_it_is_found_by_the_name_of_its_organization(state: sqlite3.Connection) -> None:
    read(state, "a", "b")
    checked(state)
    with transaction(state):
        export = exports.begin(state, 1, "organization")
        exports.commit_page(state, export.id, page("org-b"), 100, 2)
        raws = resources.unmapped(state, 0, 10)
        made = Mapped("Umbra Labs", {"name": "Umbra Labs"}, "org-b")
        resources.save(state, [(raw, made) for raw in raws])
    for words in ("organization:umbra", "labs"):
        assert list(browse.ids(state, browse.connections(), words)) == [2]


def test_found_by_id_by_workos_id_or_by_a_name_that_is_alone(state: sqlite3.Connection) -> None:
    read(state, "a", "b", "c")
    checked(state)
    state.execute("update connections set name = 'Twice' where id in (2, 3)")
    connections.pair(state, 3, "conn_3", "active", None)
    wanted = ("a", "Customer a", "conn_3", "Twice", "nope")
    assert [connections.find(state, key) for key in wanted] == [1, 1, 3, None, None]


def test_a_decision_wins_over_the_check_and_is_audited(state: sqlite3.Connection) -> None:
    read(state, "a", "b", "c")
    checked(state)
    connection_decisions.override(state, 1, "portal", None, "they leave", "ana", 10)
    checked(state)
    assert connections.verdicts(state) == {"transparent": 1, "review": 0, "portal": 1, "stop": 0}
    assert connections.unchecked(state) == 1
    assert connections.ids(state, verdict="portal") == [1]
    connection_decisions.withdraw(state, 1, "they stay", "ben", 11)
    assert connections.ids(state, verdict="transparent") == [1, 2]
    trail = [(row.operator, row.subject, row.before, row.after, row.why) for row in audit.tail(state)]
    assert trail == [
        ("ben", "a", "portal", None, "they stay"),
        ("ana", "a", "transparent", "portal", "they leave"),
    ]


def test_a_callback_that_is_not_told_again_is_kept(state: sqlite3.Connection) -> None:
    read(state, "a")
    connections.pair(state, 1, "conn_1", "validating", "https://auth.workos.com/1")
    connections.pair(state, 1, "conn_1", "active", None)
    (row,) = connections.rows(state, [1])
    assert (row.target_state, row.callback_endpoint) == ("active", "https://auth.workos.com/1")


def test_another_target_knows_none_of_them(state: sqlite3.Connection) -> None:
    read(state, "a")
    connections.pair(state, 1, "conn_1", "active", "https://auth.workos.com/1")
    connections.hand_over(state, 1, "imported", 5)
    start_over(state)
    (row,) = connections.rows(state, [1])
    assert (row.target_id, row.callback_endpoint, row.handoff) == (None, None, None)


def test_purge_removes_secrets_and_raw_records(state: sqlite3.Connection, tmp_path: Path) -> None:
    read(state, "a", "b", body='{"client_secret": "hush"}')
    checked(state)
    state.close()
    purge(tmp_path / "cockpit.db", operator="ana", clock=FakeClock())
    kept = (tmp_path / "cockpit.db").read_bytes()
    assert b"hush" not in kept
    assert b"client-secret-of" not in kept
