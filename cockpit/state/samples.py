"""The half-second samples a job leaves, from which faces draw; and its notices in words."""

import sqlite3
from dataclasses import dataclass

RAW_MS = 2 * 3600 * 1000
"""How long half-second samples are kept before they are thinned to one a minute."""


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


def notices(connection: sqlite3.Connection, limit: int = 50) -> list[Notice]:
    """The newest events, newest first."""
    rows = connection.execute(
        "select id, job, at, level, text from notices order by id desc limit ?", (limit,)
    ).fetchall()
    return [Notice(*row) for row in rows]
