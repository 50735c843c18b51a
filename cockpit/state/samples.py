"""The half-second samples a job leaves, from which faces draw; and its notices in words."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.state import by_id

RAW_MS = 2 * 3600 * 1000
"""How long half-second samples are kept before they are thinned to one a minute."""
_NOTICES = "select id, job, at, level, text from notices"


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading. `at` ms; `rate` items/s over the last seconds; latencies in ms; `throttled` counts 429s
    so far; `ceiling` is the writes/s now aimed at (None: no limit)."""

    at: int
    done: int
    failed: int
    rate: float | None
    p50: float | None
    p95: float | None
    throttled: int
    in_flight: int
    ceiling: float | None
    state: str


@dataclass(frozen=True, slots=True)
class Notice:
    """One event of a job in words. `level` is info, warn or error."""

    id: int
    job: int | None
    at: int
    level: str
    text: str


def add(connection: sqlite3.Connection, job: int, sample: Sample) -> None:
    """Append a sample."""
    connection.execute(
        "insert or replace into samples(job, at, done, failed, rate, p50, p95, throttled, in_flight, "
        "ceiling, state) values(?,?,?,?,?,?,?,?,?,?,?)",
        (
            job,
            sample.at,
            sample.done,
            sample.failed,
            sample.rate,
            sample.p50,
            sample.p95,
            sample.throttled,
            sample.in_flight,
            sample.ceiling,
            sample.state,
        ),
    )


def thin(connection: sqlite3.Connection, job: int, now: int) -> None:
    """Keep one sample a minute of those older than two hours."""
    connection.execute(
        "delete from samples where job = ? and at < ? and at not in "
        "(select min(at) from samples where job = ? group by at / 60000)",
        (job, now - RAW_MS, job),
    )


def tail(connection: sqlite3.Connection, job: int, limit: int = 240) -> list[Sample]:
    """The newest samples of a job, oldest first."""
    rows = connection.execute(
        "select at, done, failed, rate, p50, p95, throttled, in_flight, ceiling, state from samples "
        "where job = ? order by at desc limit ?",
        (job, limit),
    ).fetchall()
    return [Sample(*row) for row in reversed(rows)]


def notice(connection: sqlite3.Connection, job: int | None, level: str, text: str, now: int) -> None:
    """Append an event."""
    connection.execute(
        "insert into notices(job, at, level, text) values(?, ?, ?, ?)", (job, now, level, text)
    )


def notices(connection: sqlite3.Connection, limit: int = 50, job: int | None = None) -> list[Notice]:
    """The newest events (of one job), newest first."""
    rows = connection.execute(
        f"{_NOTICES} where ?1 is null or job = ?1 order by id desc limit ?2", (job, limit)
    ).fetchall()
    return [Notice(*row) for row in rows]


def notice_rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[Notice]:
    """Those events, in the order asked for."""
    return by_id.fetch(connection, _NOTICES, "id", wanted, lambda row: Notice(*row))
