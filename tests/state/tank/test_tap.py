"""What the tank heard of whom, and since when; and the target's events on both ways."""

import json
from pathlib import Path

import pytest

from cockpit.state import event_flow, events
from cockpit.state.database import open_state, transaction
from cockpit.state.tank import TANK, arrivals, beside, tap
from cockpit.state.tank.arrivals import Arrival
from cockpit.state.tank.tap import Heard, Totals
from cockpit.terms import Event

NAME = "authentication.sso_succeeded"
MINUTE = 60_000


def arrival(source: str, event: str, received: int, type_: str = NAME) -> Arrival:
    return Arrival(source, event, type_, "", "", None, received, "{}", b"{}")


def fill(state: Path, *found: Arrival, refused: dict[tuple[str, str], int] | None = None) -> None:
    connection = open_state(beside(state), create=True, kind=TANK)
    with transaction(connection):
        arrivals.listening(connection, {one.source: "none" for one in found}, "127.0.0.1:1", 1)
        arrivals.keep(connection, found)
        arrivals.refused(connection, refused or {}, 50)
    connection.close()


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "cockpit.db"


def test_without_a_tank_nobody_answers(state: Path) -> None:
    assert tap.totals(state) is None
    assert tap.ask(state, lambda connection: tap.heard(connection, 0)) is None


def test_the_two_sides_are_told_apart_and_by_time(state: Path) -> None:
    fill(state, arrival("clerk", "a", 10), arrival("clerk", "b", 30), arrival("workos", "c", 20))
    assert tap.ask(state, lambda connection: tap.heard(connection, 10)) == Heard(2, 0, 30)
    assert tap.ask(state, lambda connection: tap.heard(connection, 11)) == Heard(1, 0, 30)
    assert tap.ask(state, lambda connection: tap.heard(connection, 31)) == Heard(0, 0, None)
    assert tap.ask(state, lambda connection: tap.heard(connection, 0, target=True)) == Heard(1, 0, 20)
    assert tap.totals(state) == Totals(3, 0, 0, 0)


def test_what_was_not_let_in_is_no_silence(state: Path) -> None:
    fill(state, arrival("clerk", "a", 10), refused={("clerk", "no signature"): 3})
    heard = tap.ask(state, lambda connection: tap.heard(connection, 11))
    assert heard == Heard(0, 1, 50) and not heard.silent
    later = tap.ask(state, lambda connection: tap.heard(connection, 51))
    assert later is not None and later.silent


def test_an_event_came_only_from_the_target_itself(state: Path) -> None:
    fill(state, arrival("workos", "event_1", 20), arrival("clerk", "event_2", 30))
    assert tap.ask(state, lambda connection: tap.came(connection, "event_1")) == 20
    assert tap.ask(state, lambda connection: tap.came(connection, "event_2")) is None


def test_whom_it_listens_to(state: Path) -> None:
    fill(state, arrival("clerk", "a", 10))
    assert tap.ask(state, tap.listens) is True
    assert tap.ask(state, lambda connection: tap.listens(connection, target=True)) is False


def test_events_on_both_ways(state: Path) -> None:
    connection = open_state(state, create=True)
    assert event_flow.compared(connection, state, 0, 10 * MINUTE) is None
    shown = [
        Event(ident, NAME, at, None, None, None, json.dumps({"id": ident}))
        for ident, at in (("both", 100), ("lost", 200), ("young", 9 * MINUTE + 1))
    ]
    with transaction(connection):
        events.commit(connection, shown, "young", 10 * MINUTE)
    fill(state, arrival("workos", "both", 150), arrival("workos", "user", 160, "user.created"))
    found = event_flow.compared(connection, state, 0, 10 * MINUTE)
    connection.close()
    assert found is not None
    assert (found.matched, found.lag_p50, found.pending) == (1, 50, 1)
    assert [event.id for event in found.missing] == ["lost"]
    assert found.unknown == ()
