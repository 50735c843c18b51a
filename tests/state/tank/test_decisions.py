"""Decisions about held events: what was asked for and no more, audited before it is done."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.state import audit, browse
from cockpit.state.database import open_state
from cockpit.state.tank import TANK, arrivals, beside, counts, decisions, deliveries, listings, recent
from cockpit.state.tank.deliveries import Outcome
from tests.webhooks.filled import AT, event, updates


@pytest.fixture
def both(tmp_path: Path) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    state = open_state(tmp_path / "cockpit.db", create=True)
    tank = open_state(beside(tmp_path / "cockpit.db"), create=True, kind=TANK)
    arrivals.listening(tank, {"clerk": "standard"}, "127.0.0.1:9", 1)
    others = [event(10, "session.created", "s")._replace(source="mine")]
    arrivals.keep(tank, [*updates(10, 3), event(11, "session.created", "s"), *others])
    yield tank, state
    tank.close()
    state.close()


def test_only_the_named_classes_of_the_named_sources_are_discarded(
    both: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    tank, state = both
    assert decisions.held(tank, ["clerk"]) == {"user.updated": 10, "session.created": 1}
    gone = decisions.discard(
        tank, state, ["clerk"], ["session.created"], operator="ada", reason="of no use", now=5
    )
    assert gone == 1
    assert decisions.held(tank, ["clerk", "mine"]) == {"user.updated": 10, "session.created": 1}
    told = audit.tail(state, 1)[0]
    assert (told.operator, told.action, told.subject) == ("ada", "webhooks.discard", "session.created")
    assert (told.before, told.why) == ("{'session.created': 1}", "of no use")


def test_dead_letters_are_listed_and_held_again_in_part_or_whole(
    both: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    tank, state = both
    claimed = deliveries.claim(tank, ["clerk"], 0, 3, 1, 1)
    deliveries.settle(tank, [Outcome(one.id, "dead", 5, 422, "HTTP 422") for one in claimed], 1, 2)
    assert list(browse.ids(tank, listings.dead())) == [1, 2, 3]
    assert list(browse.ids(tank, listings.dead(), "key:user_1 status:422")) == [2]
    assert decisions.redrive(tank, state, [2, 9], operator="ada", now=3) == 1
    assert list(browse.ids(tank, listings.dead())) == [1, 3]
    assert decisions.redrive(tank, state, None, operator="ada", now=4) == 2
    assert counts.total(tank) == counts.counted(tank)
    assert [(one.subject, one.after) for one in audit.tail(state, 2)] == [
        ("all", "2 held"),
        ("2, 9", "1 held"),
    ]


def test_a_class_is_listed_the_newest_first_whatever_became_of_it(
    both: tuple[sqlite3.Connection, sqlite3.Connection],
) -> None:
    tank, _ = both
    deliveries.claim(tank, ["clerk"], 0, 2, 1, 1)
    listing = listings.of_class("clerk", "user.updated")
    assert list(browse.ids(tank, listing)) == [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert list(browse.ids(tank, listing, "state:sending")) == [2, 1]
    assert list(browse.ids(tank, listing, "!key:user_0", "oldest")) == [2, 3, 5, 6, 8, 9]


def test_the_rate_of_arrivals_is_that_of_the_last_minute(
    both: tuple[sqlite3.Connection, sqlite3.Connection], monkeypatch: pytest.MonkeyPatch
) -> None:
    tank, _ = both
    assert recent.read(tank, AT + 30_000) == (AT, 12 / 60)
    assert recent.read(tank, AT + 60_000) == (AT, 0.0)
    monkeypatch.setattr(recent, "MOST", 6)
    assert recent.read(tank, AT + 3_000) == (AT, 2.0)  # six in three seconds, and more before


def test_an_empty_tank_has_no_newest(tmp_path: Path) -> None:
    tank = open_state(tmp_path / "webhooks.db", create=True, kind=TANK)
    assert recent.read(tank, 1) == (None, 0.0)
    tank.close()
