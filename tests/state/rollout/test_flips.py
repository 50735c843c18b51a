"""Flips as rows: who armed them moves the logins, who takes them back ends them."""

import sqlite3

import pytest

from cockpit.rollout.flip import FlipRefused
from cockpit.state.rollout import audit, flips, routes
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.routes import MoveRefused

LEAD, RULE = Actor("lead"), Actor("watch", person=False)


def live(db: sqlite3.Connection, ident: str = "con_0") -> int:
    number = flips.arm(db, ident, "lead", 1, why="go")
    flips.begin(db, number, 2)
    flips.confirm(db, number)
    flips.prove(db, number, RULE, 3, "1 of 1")
    return number


def test_the_way_of_a_flip(db: sqlite3.Connection) -> None:
    number = flips.arm(db, "con_0", "lead", 1, passed=["diff"])
    assert routes.at_workos(db) == []
    version = flips.begin(db, number, 2)
    assert version == routes.version(db)
    assert flips.get(db, number).flipped_at == flips.last_flipped_at(db) == 2
    assert routes.one(db, "con_0").moved_by == "lead"
    flips.confirm(db, number)
    flips.prove(db, number, RULE, 3, "1 of 1")
    found = flips.get(db, number)
    assert (found.stage, found.passed, found.detail) == ("live", frozenset(("diff",)), "1 of 1")
    assert routes.one(db, "con_0").described.route.column == "workos"
    actions = [entry.action for entry in audit.tail(db, subject="con_0")][::-1]
    assert actions == ["flip.arm", "gate.override", "route.move", "route.move"]
    assert audit.broken(db) is None


def test_only_one_flip_of_a_connection_is_under_way(db: sqlite3.Connection) -> None:
    flips.arm(db, "con_0", "lead", 1)
    with pytest.raises(FlipRefused, match="armed already"):
        flips.arm(db, "con_0", "lead", 2)
    flips.arm(db, "con_1", "lead", 2)


def test_a_flip_that_was_disarmed_moves_nothing(db: sqlite3.Connection) -> None:
    number = flips.arm(db, "con_0", "lead", 1)
    flips.disarm(db, number, LEAD, 2)
    with pytest.raises(FlipRefused, match="cancelled"):
        flips.begin(db, number, 3)
    assert routes.at_workos(db) == []


@pytest.mark.parametrize(("actor", "stage"), [(LEAD, "rolled back"), (RULE, "failed")])
def test_taking_back_ends_the_flip_and_says_by_whom(db: sqlite3.Connection, actor: Actor, stage: str) -> None:
    number = live(db)
    assert flips.take_back(db, ["con_0", "con_1"], actor, 9, "broken") == ["con_0"]
    assert (flips.get(db, number).stage, flips.get(db, number).ended_at) == (stage, 9)
    row = routes.one(db, "con_0")
    assert (row.described.route.column, row.by_person, row.why) == ("held", actor.person, "broken")
    assert routes.one(db, "con_1").described.route.column == "held", "no wave takes it along either"


def test_a_rule_can_not_prove_what_a_person_took_back(db: sqlite3.Connection) -> None:
    number = flips.arm(db, "con_0", "lead", 1)
    flips.begin(db, number, 2)
    flips.confirm(db, number)
    routes.move(db, {"con_0": "held"}, LEAD, 3)
    with pytest.raises(MoveRefused):
        flips.prove(db, number, RULE, 4, "1 of 1")


def test_the_newest_flip_counts(db: sqlite3.Connection) -> None:
    first = live(db)
    flips.take_back(db, ["con_0"], LEAD, 5, "no")
    second = flips.arm(db, "con_0", "lead", 6)
    assert flips.newest_of_all(db)["con_0"].id == second
    assert [found.id for found in flips.history(db, "con_0")] == [second, first]
    assert flips.cancel_armed(db, 7, "all off") == 1
    assert flips.get(db, first).stage == "rolled back"
