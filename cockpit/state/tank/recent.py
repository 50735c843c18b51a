"""How much comes just now."""

import sqlite3
from typing import NamedTuple

WINDOW_MS = 60_000
MOST = 5_000
"""Arrivals that are looked at: when more came in the window, these tell the rate as well."""


class Recent(NamedTuple):
    """When the newest event came (ms), None before the first; and events a second of late."""

    newest: int | None
    per_s: float


def read(connection: sqlite3.Connection, now: int) -> Recent:
    """Of the last minute, or of the newest MOST where more came."""
    came = [
        at
        for (at,) in connection.execute(
            "select received from arrivals order by id desc limit ?", (MOST,)
        ).fetchall()
    ]
    fresh = [at for at in came if at > now - WINDOW_MS]
    over_ms = WINDOW_MS if len(fresh) < MOST else max(1, now - fresh[-1])
    return Recent(came[0] if came else None, len(fresh) * 1000 / over_ms)
