"""Routes move by people, back by rules, and every move is chained."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.connections.board import COLUMNS, Column
from cockpit.rollout.route import AT_WORKOS
from cockpit.state.database import open_state
from cockpit.state.rollout import ROLLOUT, audit, routes, schema
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.routes import Described, MoveRefused
from tests.rollout.test_route import route

LEAD, RULE = Actor("lead"), Actor("health", person=False)


def column(db: sqlite3.Connection, ident: str = "con_0") -> Column:
    found = routes.table(db).get(ident)
    assert found is not None
    return found.column


def test_the_file_is_open_to_the_proxys_group_and_nobody_else(tmp_path: Path) -> None:
    open_state(tmp_path / "rollout.db", create=True, kind=ROLLOUT).close()
    assert (tmp_path / "rollout.db").stat().st_mode & 0o777 == 0o660


def test_a_move_raises_the_version_and_is_told(db: sqlite3.Connection) -> None:
    number = routes.version(db)
    assert routes.move(db, {"con_0": "canary"}, LEAD, 5, why="first") == {"con_0": "legacy"}
    assert routes.version(db) == number + 1
    (row,) = [row for row in routes.board(db) if row.described.route.connection == "con_0"]
    assert (row.moved_by, row.moved_at, row.by_person, row.why) == ("lead", 5, True, "first")
    (entry,) = audit.tail(db)
    assert (entry.subject, entry.before, entry.after) == ("con_0", "legacy", "canary")


def test_a_rule_takes_back_and_never_puts_forward(db: sqlite3.Connection) -> None:
    routes.move(db, {"con_0": "canary"}, LEAD, 1)
    routes.move(db, {"con_0": "workos"}, RULE, 2)
    routes.move(db, {"con_0": "held"}, RULE, 3)
    with pytest.raises(MoveRefused, match="only a person"):
        routes.move(db, {"con_0": "canary"}, RULE, 4)
    assert column(db) == "held"


def test_an_unknown_connection_moves_nothing(db: sqlite3.Connection) -> None:
    with pytest.raises(KeyError):
        routes.move(db, {"con_0": "canary", "con_9": "canary"}, LEAD, 1)
    assert column(db) == "legacy"


def test_a_new_verdict_moves_only_what_was_never_flipped(db: sqlite3.Connection) -> None:
    routes.move(db, {"con_0": "canary"}, LEAD, 1)
    found = [Described(route(f"con_{number}", "manual"), name="Acme") for number in range(2)]
    assert routes.describe(db, found) == 2
    assert (column(db, "con_0"), column(db, "con_1"), column(db, "con_2")) == ("canary", "manual", "legacy")
    number = routes.version(db)
    assert routes.describe(db, found) == 0
    assert routes.version(db) == number


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(COLUMNS), st.booleans(), st.booleans()), max_size=12))
def test_whatever_happens_no_rule_and_no_sync_sends_a_login_to_workos(
    steps: list[tuple[Column, bool, bool]],
) -> None:
    db = sqlite3.connect(":memory:", isolation_level=None)
    schema.apply(db)
    routes.describe(db, [Described(route("con_0", "workos"))])
    assert column(db) == "legacy"
    for now, (to, person, sync) in enumerate(steps):
        was = column(db)
        if sync:
            routes.describe(db, [Described(route("con_0", to), users=now)])
            assert (column(db) in AT_WORKOS) == (was in AT_WORKOS)
            continue
        try:
            routes.move(db, {"con_0": to}, Actor("somebody", person=person), now)
        except MoveRefused:
            assert not person
        if column(db) in AT_WORKOS and was not in AT_WORKOS:
            assert person
    assert audit.broken(db) is None
    db.close()


def test_a_trail_that_was_tampered_with_is_known_by_its_first_wrong_entry(db: sqlite3.Connection) -> None:
    for now, to in enumerate(("canary", "held", "canary"), 1):
        routes.move(db, {"con_0": to}, LEAD, now)  # type: ignore[dict-item]
    assert audit.broken(db) is None
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        db.execute("update audit set why = 'x' where id = 2")
    db.execute("drop trigger audit_is_append_only")
    db.execute("update audit set why = 'x' where id = 2")
    assert audit.broken(db) == 2


def test_a_hard_kill_is_marked_until_the_next_move(db: sqlite3.Connection) -> None:
    routes.move(db, {"con_0": "canary"}, LEAD, 1)
    routes.move(db, {"con_0": "held"}, LEAD, 2)
    routes.move(db, {"con_0": "held"}, LEAD, 3, hard=True)
    killed = routes.table(db).get("con_0")
    assert killed is not None and killed.hard
    assert audit.tail(db)[0].after == "held, hard"
    routes.move(db, {"con_0": "canary"}, LEAD, 4, hard=True)
    again = routes.table(db).get("con_0")
    assert again is not None and not again.hard
