"""What only ever grows: the audit trail, samples and notices."""

import socket
import sqlite3
from dataclasses import replace

import pytest

from cockpit.state import audit, samples
from cockpit.state.samples import RAW_MS, Sample

SAMPLE = Sample(0, 1, 0, 50.0, 3.0, 9.0, 0, 16, 49.5, "running")
MINUTE = 60_000


@pytest.mark.parametrize(
    "statement",
    ["update audit set operator = 'nobody'", "delete from audit", "delete from audit where id = 1"],
)
def test_the_audit_trail_can_only_be_added_to(connection: sqlite3.Connection, statement: str) -> None:
    audit.record(connection, "ana", "import.start", "job 1", 7)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute(statement)
    assert len(audit.tail(connection)) == 1


def test_an_action_says_who_where_what_from_what_to_what_and_why(connection: sqlite3.Connection) -> None:
    audit.record(connection, "ana", "import.throttle", "job 1", 7, before="auto", after="5/s", why="night")
    (row,) = audit.tail(connection)
    assert (row.at, row.operator, row.host) == (7, "ana", socket.gethostname())
    assert (row.action, row.subject, row.before, row.after) == ("import.throttle", "job 1", "auto", "5/s")
    assert row.why == "night"


def test_the_newest_actions_come_first(connection: sqlite3.Connection) -> None:
    for number in range(5):
        audit.record(connection, "ana", "errors.retry", f"{number} records", number)
    assert [row.subject for row in audit.tail(connection, 2)] == ["4 records", "3 records"]


def test_old_samples_are_thinned_to_one_a_minute(connection: sqlite3.Connection) -> None:
    now = 10 * RAW_MS
    old, fresh = now - RAW_MS - 10 * MINUTE, now - 10 * MINUTE
    for start in (old, fresh):
        for at in range(start, start + 5 * MINUTE, 500):
            samples.add(connection, 1, replace(SAMPLE, at=at))
    samples.add(connection, 2, replace(SAMPLE, at=old + 1))
    samples.thin(connection, 1, now)
    kept = [sample.at for sample in samples.tail(connection, 1, 10_000)]
    assert [at for at in kept if at >= fresh] == list(range(fresh, fresh + 5 * MINUTE, 500))
    aged = [at for at in kept if at < fresh]
    assert len(aged) == len({at // MINUTE for at in aged})
    assert len(aged) in (5, 6)  # five minutes may touch six
    assert len(samples.tail(connection, 2)) == 1, "another job's stay"
    samples.thin(connection, 1, now)
    assert [sample.at for sample in samples.tail(connection, 1, 10_000)] == kept


def test_samples_are_read_oldest_first_the_newest_of_them(connection: sqlite3.Connection) -> None:
    for at in range(10):
        samples.add(connection, 1, replace(SAMPLE, at=at, done=at))
    assert [sample.done for sample in samples.tail(connection, 1, 3)] == [7, 8, 9]
    assert samples.tail(connection, 1, 1) == [replace(SAMPLE, at=9, done=9)]


def test_notices_are_read_newest_first(connection: sqlite3.Connection) -> None:
    samples.notice(connection, 1, "info", "began", 1)
    samples.notice(connection, None, "error", "ended", 2)
    assert [(notice.job, notice.level, notice.text) for notice in samples.notices(connection)] == [
        (None, "error", "ended"),
        (1, "info", "began"),
    ]
