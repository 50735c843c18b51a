"""Events are kept once each, counted once each, and found again by arrival, name and connection."""

import json
import sqlite3

from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.state import events, schema
from cockpit.state.events import Counts, Standing
from cockpit.terms import Event, SignIn

MINUTE = events.MINUTE_MS


def event(
    number: int, sign_in: SignIn | None = "succeeded", connection: str | None = "conn_1", at: int = 0
) -> Event:
    name = f"authentication.sso_{sign_in}" if sign_in else "connection.activated"
    return Event(f"event_{number:03}", name, at, connection, "org_1", sign_in, "{}")


def test_a_page_that_comes_twice_changes_nothing(connection: sqlite3.Connection) -> None:
    page = [event(1), event(2, "failed"), event(3, None)]
    assert events.commit(connection, page, "event_003", 50) == 3
    assert events.commit(connection, page, "event_003", 60) == 0
    assert events.sign_ins(connection) == {"conn_1": Counts(succeeded=1, failed=1)}
    assert events.standing(connection) == Standing("event_003", 60)


def test_nothing_followed_is_no_standing_and_an_empty_page_keeps_the_cursor(
    connection: sqlite3.Connection,
) -> None:
    assert events.standing(connection) is None
    events.commit(connection, [event(1)], "event_001", 10)
    events.commit(connection, [], None, 20)
    assert events.standing(connection) == Standing("event_001", 20)


def test_sign_ins_are_counted_by_connection_and_minute(connection: sqlite3.Connection) -> None:
    page = [
        event(1, "started", at=0),
        event(2, "succeeded", at=MINUTE - 1),
        event(3, "timed_out", at=MINUTE),
        event(4, "started", connection="conn_2", at=3 * MINUTE),
        event(5, "started", connection=None),
    ]
    events.commit(connection, page, "event_005", 1)
    assert events.sign_ins(connection) == {
        "conn_1": Counts(started=1, succeeded=1, timed_out=1),
        "conn_2": Counts(started=1),
    }
    assert events.sign_ins(connection, since=MINUTE, until=2 * MINUTE) == {"conn_1": Counts(timed_out=1)}
    assert events.by_minute(connection, "conn_1") == {
        0: Counts(started=1, succeeded=1),
        MINUTE: Counts(timed_out=1),
    }
    assert events.by_minute(connection, "conn_1", until=1) == {0: Counts(started=1, succeeded=1)}


def test_a_login_takes_from_the_start_of_its_session_to_its_success(connection: sqlite3.Connection) -> None:
    def of(number: int, sign_in: SignIn, at: int, session: str, connection: str = "conn_1") -> Event:
        body = json.dumps({"data": {"sso": {"session_id": session}}})
        return event(number, sign_in, connection, at)._replace(body=body)

    page = [
        of(1, "started", 1_000, "before"),
        of(2, "succeeded", 4_000, "before"),
        of(3, "started", 5_000, "a"),
        of(4, "started", 5_500, "never ends"),
        of(5, "started", 6_000, "elsewhere", "conn_2"),
        of(6, "succeeded", 8_000, "elsewhere", "conn_2"),
        of(7, "started", 6_500, "b"),
        of(8, "succeeded", 6_500, "b"),
        of(9, "succeeded", 17_000, "a"),
        of(10, "succeeded", 18_000, "of which no start is known"),
        event(11, "succeeded", at=19_000),
    ]
    events.commit(connection, page, "event_011", 20_000)
    assert events.login_times(connection, "conn_1", 3_000) == [0, 12_000]
    assert events.login_times(connection, "conn_1", 0, limit=4) == []
    assert events.login_times(connection, "conn_2", 0) == [2_000]


def test_events_are_found_by_arrival_name_and_connection(connection: sqlite3.Connection) -> None:
    page = [event(1), event(2, "failed", "conn_2"), event(3, None, "conn_2")]
    events.commit(connection, page, "event_003", 1)
    assert events.ids(connection) == [3, 2, 1]
    assert events.ids(connection, of_connection="conn_2") == [3, 2]
    assert events.ids(connection, name="connection.activated", of_connection="conn_2") == [3]
    assert [row.event for row in events.rows(connection, [3, 1, 99])] == ["event_003", "event_001"]
    assert [row.event for row in events.after(connection, 1)] == ["event_002", "event_003"]
    assert events.newest(connection) == 3


def test_what_the_target_has_forgotten_goes_and_its_counts_stay(connection: sqlite3.Connection) -> None:
    events.commit(connection, [event(1, at=0), event(2, at=events.KEPT_MS)], "event_002", 1)
    events.prune(connection, events.KEPT_MS + 1)
    assert [row.event for row in events.after(connection, 0)] == ["event_002"]
    assert events.sign_ins(connection) == {"conn_1": Counts(succeeded=2)}
    events.forget(connection)
    assert events.standing(connection) is None
    assert events.sign_ins(connection) == {}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), max_size=6), max_size=8))
def test_whatever_pages_overlap_each_event_counts_once(pages: list[list[int]]) -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.apply(connection)
    for page in pages:
        events.commit(connection, [event(number) for number in page], None, 1)
    everything = {number for page in pages for number in page}
    assert {row.event for row in events.after(connection, 0)} == {f"event_{n:03}" for n in everything}
    counted = events.sign_ins(connection).get("conn_1", Counts()).succeeded
    assert counted == len(everything)
    connection.close()
