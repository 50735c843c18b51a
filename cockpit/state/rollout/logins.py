"""The proxy's counts, summed over time for one connection or all."""

import sqlite3

from cockpit.rollout.route import Side
from cockpit.state.rollout.traffic import MINUTE_MS, Outcome


def sums(
    connection: sqlite3.Connection, ident: str, since: int = 0, until: int | None = None
) -> dict[tuple[Side, Outcome], int]:
    """A connection's logins by side and outcome, in the minutes from `since` to before `until` (ms)."""
    rows = connection.execute(
        "select side, outcome, sum(n) from traffic where connection = ? and minute >= ? and minute < ? "
        "group by side, outcome",
        (ident, since // MINUTE_MS, (1 << 62) if until is None else until // MINUTE_MS),
    ).fetchall()
    return {(side, outcome): n for side, outcome, n in rows}


def taken_by_legacy(connection: sqlite3.Connection, ident: str, since: int) -> int:
    """Logins that legacy had to take of a connection ("": of none that was found), from then (ms) on.

    A start counts as well as an answer: whoever needs it is not gone yet.
    """
    found = sums(connection, ident, since)
    return sum(n for (side, _), n in found.items() if side == "legacy")


def connections(connection: sqlite3.Connection) -> set[str]:
    """All of which anything was ever counted."""
    return {ident for (ident,) in connection.execute("select distinct connection from traffic").fetchall()}


def newest(connection: sqlite3.Connection, ident: str) -> int | None:
    """The last minute (ms) in which the proxy counted anything of a connection."""
    row: tuple[int | None] = connection.execute(
        "select max(minute) from traffic where connection = ?", (ident,)
    ).fetchone()
    return None if row[0] is None else row[0] * MINUTE_MS


def counted_since(connection: sqlite3.Connection) -> int | None:
    """The first minute (ms) of which there are any counts: before that nobody counted."""
    row: tuple[int | None] = connection.execute("select min(minute) from traffic").fetchone()
    return None if row[0] is None else row[0] * MINUTE_MS
