"""How a drain stands, in a row of its own: panes read it beside the job's samples."""

import sqlite3
from dataclasses import astuple, dataclass
from typing import Literal

BreakerState = Literal["closed", "open", "half-open"]


@dataclass(frozen=True, slots=True)
class Standing:
    """Of the newest drain: its job, where it sends to, its breaker, the pace it allows itself now and its
    limit (events a second), the consumer's latency (ms), and when that was so (ms)."""

    job: int
    to: str
    breaker: BreakerState
    pace: float
    limit: float
    p50: float | None
    p95: float | None
    at: int


def write(connection: sqlite3.Connection, standing: Standing) -> None:
    """How it stands now."""
    connection.execute("insert or replace into drain values(1, ?, ?, ?, ?, ?, ?, ?, ?)", astuple(standing))


def read(connection: sqlite3.Connection) -> Standing | None:
    """How the newest drain stands, None before the first."""
    row = connection.execute(
        "select job, target, breaker, pace, ceiling, p50, p95, at from drain where id = 1"
    ).fetchone()
    return Standing(*row) if row else None
