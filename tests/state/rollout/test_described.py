"""cockpit.db and the board: what is taken over, what counts for whom, and what never moves by it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.connections.rules import Verdict
from cockpit.rules.lint import Finding
from cockpit.state import connections, diffs
from cockpit.state.connections import Checked
from cockpit.state.database import open_state, transaction
from cockpit.state.diffs import Finding as Difference
from cockpit.state.rollout import described, flips, routes
from cockpit.state.rollout.routes import Described
from cockpit.terms import RawItem
from tests.connections.made import saml
from tests.jobs import companies
from tests.jobs.world import person, seed
from tests.rollout.test_route import route


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Three users, of whom two came by acme-okta, one of them the only member of an organization."""
    people = [person(1, connection="acme-okta"), person(2, connection="acme-okta"), person(3)]
    seed(tmp_path / "cockpit.db", people)
    connection = open_state(tmp_path / "cockpit.db")
    yield connection
    connection.close()


def store(state: sqlite3.Connection, *idents: str, verdict: Verdict = "transparent") -> None:
    with transaction(state):
        connections.store(state, "auth0", 1, [RawItem(ident, "{}") for ident in idents])
        made = [saml(ident, name=f"The {ident}", facts={"name": f"{ident}-okta"}) for ident in idents]
        numbers = [connections.find(state, ident) or 0 for ident in idents]
        found = [Finding("certificate_ends", "warning", "soon", "certificates")]
        connections.save(
            state,
            [Checked(number, one, found, verdict, (), 99) for number, one in zip(numbers, made, strict=True)],
            5,
        )


def test_a_connection_is_described_with_the_addresses_of_its_record(state: sqlite3.Connection) -> None:
    store(state, "acme")
    (found,) = described.read(state)
    record = saml("acme")
    assert record.saml is not None
    assert (found.route.callback_url, found.route.issuer) == (record.saml.acs_url, record.saml.idp_entity_id)
    assert (found.route.column, found.users, found.certificate_until) == ("legacy", 2, 99)
    assert described.warnings(state) == {"acme": 1}


def test_what_was_never_mapped_is_manual(state: sqlite3.Connection) -> None:
    with transaction(state):
        connections.store(state, "auth0", 1, [RawItem("odd", "{}")])
    (found,) = described.read(state)
    assert (found.route.protocol, found.route.column) == ("other", "manual")


def test_differences_count_for_those_whose_users_they_are(state: sqlite3.Connection) -> None:
    store(state, "acme", "hooli")
    assert described.differences(state, "acme") is None
    with transaction(state):
        diff = diffs.begin(state, 6)
        diffs.add(
            state,
            diff,
            [
                Difference("missing", 1, "auth0|000001", "user1@example.com", None, {}),
                Difference("drifted", 3, "auth0|000003", "user3@example.com", "user_3", {}),
                Difference("extra", None, None, "x@example.com", "user_9", {}),
            ],
        )
        diffs.finish(state, diff, 3, 3, 7)
    assert described.differences(state, "acme") == (7, 1)
    assert described.differences(state, "hooli") == (7, 0)


def test_a_flipped_connection_that_is_another_at_workos_now_is_held(db: sqlite3.Connection) -> None:
    for number in range(2):
        flips.begin(db, flips.arm(db, f"con_{number}", "lead", 1), 2)
    moved = [Described(route("con_0", target_id="conn_of_production")), Described(route("con_1"))]
    described.take_over(db, moved, 9)
    held, there = routes.one(db, "con_0"), routes.one(db, "con_1")
    assert (held.described.route.column, held.described.route.side()) == ("held", "legacy")
    assert (held.moved_by, held.by_person) == ("sync", False)
    assert there.described.route.side() == "workos"


def test_where_the_target_is_a_new_one_nothing_is_at_workos_even_once_it_is_there(
    db: sqlite3.Connection,
) -> None:
    flips.begin(db, flips.arm(db, "con_0", "lead", 1), 2)
    described.take_over(db, [Described(route("con_0", target_id=None, callback_endpoint=None))], 3)
    described.take_over(db, [Described(route("con_0", target_id="conn_2"))], 4)
    assert routes.one(db, "con_0").described.route.side() == "legacy"


def test_users_came_by_a_connection_under_any_of_its_names_or_are_members_of_its_organization(
    state: sqlite3.Connection, tmp_path: Path
) -> None:
    companies.store(tmp_path / "cockpit.db", "organization", [companies.organization(1)])
    companies.store(tmp_path / "cockpit.db", "membership", [companies.membership(2, 1)])
    store(state, "acme", "hooli", "empty")
    state.execute("update connections set organization_key = 'org_00001'")
    state.execute("update connections set override_organization = 'org_none' where source_id = 'empty'")
    assert connections.users_of(state)["acme"] == 2
    state.execute("update users set connection = 'acme' where id = 1")
    state.execute("update users set connection = 'The acme' where id = 3")
    assert connections.users_of(state) == {"acme": 3, "hooli": 1, "empty": 0}
    assert {line.route.connection: line.users for line in described.read(state)} == connections.users_of(
        state
    )
