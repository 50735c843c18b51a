"""The proxy's counts: logins by connection, minute, side and outcome."""

import sqlite3
from collections.abc import Mapping
from typing import Literal, NamedTuple

from cockpit.rollout.route import Side

Outcome = Literal["start", "sent", "ok", "refused", "error", "again", "fallback"]
"""start: a login began here. sent: an answer went on to WorkOS. ok, refused, error: legacy took one and
said below 400, 4xx, or 5xx or nothing. again: an answer that was here before. fallback: legacy had to
take it because of a fault of ours."""

MINUTE_MS = 60_000


class Cell(NamedTuple):
    """What is counted; `connection` is "" where none was found, `minute` counts from the epoch."""

    connection: str
    minute: int
    side: Side
    outcome: Outcome


def add(connection: sqlite3.Connection, counts: Mapping[Cell, int]) -> None:
    """Add a batch of counts."""
    connection.executemany(
        "insert into traffic(connection, minute, side, outcome, n) values(?, ?, ?, ?, ?) "
        "on conflict do update set n = n + excluded.n",
        [(*cell, number) for cell, number in counts.items()],
    )


def of(connection: sqlite3.Connection, ident: str, since: int) -> list[tuple[Cell, int]]:
    """A connection's counts from a minute on, oldest first."""
    rows = connection.execute(
        "select connection, minute, side, outcome, n from traffic where connection = ? and minute >= ? "
        "order by minute, side, outcome",
        (ident, since),
    ).fetchall()
    return [(Cell(*row[:4]), row[4]) for row in rows]


def since(connection: sqlite3.Connection, minute: int) -> dict[tuple[str, Side, Outcome], int]:
    """All connections' sums from a minute on."""
    rows = connection.execute(
        "select connection, side, outcome, sum(n) from traffic where minute >= ? group by 1, 2, 3", (minute,)
    ).fetchall()
    return {(ident, side, outcome): number for ident, side, outcome, number in rows}
