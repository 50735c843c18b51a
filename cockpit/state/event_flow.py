"""Events of the target as they were followed, beside what the tank was sent: one answer from both files."""

import sqlite3
from pathlib import Path

from cockpit.state import events, webhook_steps
from cockpit.state.tank import tap
from cockpit.state.tank.tap import Heard
from cockpit.terms import FOLLOWED
from cockpit.webhooks import flow
from cockpit.webhooks.flow import Delivered, Flow

GRACE_MS = 60_000
"""What is younger may still come by webhook."""
DAY_MS = 86_400_000
RETRIED_MS = 3 * DAY_MS
"""So old may be what comes (documentation: up to 6 retries in 3 days)."""


def since(connection: sqlite3.Connection, now: int) -> int:
    """From when on a comparison tells (ms): since that step of the sequence began, else for a day."""
    began = webhook_steps.newest(connection, "event_flow", "watching")
    return now - DAY_MS if began is None else began.at


def compared(connection: sqlite3.Connection, state: Path, since: int, now: int) -> Flow | None:
    """What happened from `since` on (ms); None where no tank takes the target's webhooks.

    Raises StateError.
    """

    def came(tank: sqlite3.Connection) -> tuple[list[Delivered], Heard] | None:
        if not tap.listens(tank, target=True):
            return None
        return tap.of_target(tank, since, FOLLOWED), tap.heard(tank, since, target=True)

    told = tap.ask(state, came)
    if told is None:
        return None
    known = events.standing(connection)
    until = min(known.seen_until if known is not None else 0, now - GRACE_MS)
    delivered, heard = told
    return flow.compare(
        events.happened(connection, since - RETRIED_MS),
        delivered,
        names=frozenset(FOLLOWED),
        since=since,
        until=until,
        refused=heard.refused,
    )
