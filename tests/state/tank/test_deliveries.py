"""What becomes of held events: every step moves its counters, and nothing is in two states."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cockpit.state.database import open_state
from cockpit.state.tank import TANK, arrivals, beside, counts, deliveries, subjects
from cockpit.state.tank.deliveries import Outcome
from tests.webhooks.filled import event, updates

RUN, LATER, NOW = 1, 2, 1000
CLERK = ["clerk"]


@pytest.fixture
def tank(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    opened = open_state(beside(tmp_path / "cockpit.db"), create=True, kind=TANK)
    opened.execute("pragma synchronous = off")
    arrivals.listening(opened, {"clerk": "standard"}, "127.0.0.1:9", 1)
    arrivals.keep(opened, [*updates(10, 3), event(10, "session.created", "s", user_id="user_1")])
    yield opened
    opened.close()


def told(tank: sqlite3.Connection) -> dict[str, int]:
    found = counts.total(tank)
    assert found == counts.counted(tank)
    return {"held": found.held, **found.states}


def test_the_file_is_its_owners_and_lies_beside_the_state(tmp_path: Path, tank: sqlite3.Connection) -> None:
    assert (tmp_path / "webhooks.db").stat().st_mode & 0o777 == 0o600


def test_a_known_id_is_counted_and_changes_nothing(tank: sqlite3.Connection) -> None:
    first = arrivals.body(tank, 1)
    again = event(0, "user.updated", "somebody else")
    assert arrivals.keep(tank, [again, again, event(11, "user.updated", "new"), again]) == 1
    assert arrivals.body(tank, 1) == first
    assert counts.total(tank).again == 3
    assert arrivals.ids(tank, type_="session.created") == [11]
    assert [row.event for row in arrivals.rows(tank, [11, 1])] == ["msg_000010", "msg_000000"]
    told(tank)


def test_claims_are_settled_once_and_by_their_own_run(tank: sqlite3.Connection) -> None:
    claimed = deliveries.claim(tank, CLERK, 0, 4, RUN, NOW)
    assert [claim.event for claim in claimed] == [f"msg_{number:06}" for number in range(4)]
    assert deliveries.claim(tank, ["stytch"], 0, 4, RUN, NOW) == []
    deliveries.settle(tank, [Outcome(claimed[0].id, "delivered", 1, 200)], LATER, NOW)
    assert told(tank) == {"held": 7, "sending": 4}
    outcomes = [
        Outcome(claimed[0].id, "delivered", 1, 200),
        Outcome(claimed[1].id, "dead", 5, 422, "HTTP 422"),
        Outcome(claimed[2].id, None),
    ]
    deliveries.settle(tank, outcomes, RUN, NOW)
    deliveries.settle(tank, outcomes, RUN, NOW)
    assert told(tank) == {"held": 8, "sending": 1, "delivered": 1, "dead": 1}
    assert deliveries.adrift(tank, RUN) == 0
    assert deliveries.adrift(tank, LATER) == 1
    assert told(tank) == {"held": 9, "delivered": 1, "dead": 1}
    assert [claim.id for claim in deliveries.claim(tank, CLERK, 0, 3, LATER, NOW)] == [3, 4, 5]


def test_only_what_is_held_is_discarded_or_left_out(tank: sqlite3.Connection) -> None:
    deliveries.claim(tank, CLERK, 0, 2, RUN, NOW)
    assert deliveries.leave_out(tank, {1: "stale", 3: "stale", 4: "superseded"}, NOW) == 2
    assert deliveries.discard(tank, CLERK, ["user.updated"], 0, NOW, "why") == (6, None)
    assert told(tank) == {"held": 1, "sending": 2, "stale": 1, "superseded": 1, "discarded": 6}
    assert [state for _, counted in counts.by_class(tank).items() for state in counted.states]


def test_events_of_a_thing_come_together_however_many_pages(
    tank: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subjects, "PAGE", 2)
    deliveries.claim(tank, CLERK, 0, 1, RUN, NOW)
    found = [
        (subject, [one.id for one in of]) for page in subjects.pages(tank, CLERK) for subject, of in page
    ]
    assert found == [
        ("session:s", [11]),
        ("user:user_0", [4, 7, 10]),
        ("user:user_1", [2, 5, 8]),
        ("user:user_2", [3, 6, 9]),
    ]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["claim", "deliver", "kill", "release", "dead", "redrive", "discard", "again"]),
            st.integers(1, 11),
        ),
        max_size=30,
    )
)
def test_whatever_happens_the_counters_are_the_rows(tmp_path: Path, steps: list[tuple[str, int]]) -> None:
    file = tmp_path / "any.db"
    file.unlink(missing_ok=True)
    for beside_it in ("-wal", "-shm"):
        file.with_name(file.name + beside_it).unlink(missing_ok=True)
    tank = open_state(file, create=True, kind=TANK)
    tank.execute("pragma synchronous = off")
    arrivals.keep(tank, list(updates(11, 3)))
    run = 1
    for step, id_ in steps:
        match step:
            case "claim":
                deliveries.claim(tank, CLERK, 0, id_, run, NOW)
            case "deliver":
                deliveries.settle(tank, [Outcome(id_, "delivered", 1)], run, NOW)
            case "dead":
                deliveries.settle(tank, [Outcome(id_, "dead", 1)], run, NOW)
            case "release":
                deliveries.settle(tank, [Outcome(id_, None)], run, NOW)
            case "kill":
                run += 1
                deliveries.adrift(tank, run)
            case "redrive":
                deliveries.redrive(tank, [id_])
            case "discard":
                deliveries.leave_out(tank, {id_: "stale"}, NOW)
            case _:
                arrivals.keep(tank, [event(id_, "user.updated", "x")])
        found = told(tank)
        assert found["held"] >= 0
        assert sum(found.values()) == counts.total(tank).arrived
    tank.close()
