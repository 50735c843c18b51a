"""Events that are missing on one side, and the comparison that finds them."""

import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from cockpit.state import event_flow
from cockpit.tui import text
from cockpit.tui.marks import Tone
from cockpit.tui.widgets.cells import Column, Row
from cockpit.webhooks.flow import Delivered, Flow, Followed

COLUMNS = (
    Column("missing", 16),
    Column("event", 24, grow=2),
    Column("id", 24, grow=2),
    Column("at", 19, least=90),
)
EVERY_S, REST = 5.0, 20
"""A comparison that took t seconds is left alone for 20 t, and for 5 at least."""
MOST = 1_000
"""Named of each side."""


class Compared(NamedTuple):
    """A comparison, of what happened since then (ms), and after how many seconds it is worth another."""

    flow: Flow | None
    since: int
    good_for_s: float


def compare(connection: sqlite3.Connection, state: Path, now: int) -> Compared:
    """Read both files. Raises StateError."""
    begun = time.perf_counter()
    since = event_flow.since(connection, now)
    found = event_flow.compared(connection, state, since, now)
    return Compared(found, since, max(EVERY_S, REST * (time.perf_counter() - begun)))


def rows(found: Flow) -> dict[int, Row]:
    """The oldest first, those that never came before those that nobody knows."""
    missing = [_row("✘ not by webhook", "bad", event) for event in found.missing[:MOST]]
    unknown = [_row("? webhook only", "warn", event) for event in found.unknown[:MOST]]
    return dict(enumerate([*missing, *unknown], 1))


def _row(how: str, tone: Tone, event: Followed | Delivered) -> Row:
    return Row(
        (
            (how, tone),
            (text.line(event.name), "plain"),
            (text.line(event.id), "plain"),
            (text.full(event.at), "dim"),
        ),
        event.id,
    )
