"""Events that are missing on one side, and the comparison that finds them."""

import sqlite3
import time
from pathlib import Path
from typing import NamedTuple

from cockpit.state import event_flow
from cockpit.tui import text
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.lines import Part
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


def named(found: Flow) -> dict[int, Followed | Delivered]:
    """The events by the id of their row: those that never came, then those that nobody knows."""
    return dict(enumerate([*found.missing[:MOST], *found.unknown[:MOST]], 1))


def rows(found: Flow) -> dict[int, Row]:
    """A line for each."""
    return {id_: _row(event) for id_, event in named(found).items()}


def _row(event: Followed | Delivered) -> Row:
    mark: Part = ("✘ not by webhook", "bad") if isinstance(event, Followed) else ("? webhook only", "warn")
    return Row(
        (
            mark,
            (text.line(event.name), "plain"),
            (text.line(event.id), "plain"),
            (text.full(event.at), "dim"),
        ),
        event.id,
    )
