"""What the tank heard, and when: the observations that steps of the sequence rest on."""

import json
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from cockpit.state.database import open_readonly
from cockpit.state.tank import TANK, beside, counts
from cockpit.webhooks.flow import Delivered

T = TypeVar("T")

TARGET = "workos"
"""The tank's name for the target's own webhooks; every other source is an old provider."""


class Heard(NamedTuple):
    """What came since a moment: events, requests that were not let in, and when the newest came (ms)."""

    events: int
    refused: int
    last: int | None

    @property
    def silent(self) -> bool:
        """Whether nothing came."""
        return not self.events and not self.refused


class Totals(NamedTuple):
    """Events of a tank by what became of them; `discarded` counts those that a choice left out too."""

    held: int
    drained: int
    discarded: int
    dead: int


def totals(state: Path) -> Totals | None:
    """Those of the tank beside a state file, None where there is none. Raises StateError."""
    found = ask(state, counts.total)
    if found is None:
        return None
    left_out = found.of("discarded") + found.left_out
    return Totals(found.held, found.of("delivered"), left_out, found.of("dead"))


def ask(state: Path, question: Callable[[sqlite3.Connection], T]) -> T | None:
    """The answer of the tank beside a state file, None where there is no tank. Raises StateError."""
    file = beside(state)
    if not file.exists():
        return None
    connection = open_readonly(file, kind=TANK)
    try:
        return question(connection)
    finally:
        connection.close()


def listens(connection: sqlite3.Connection, *, target: bool = False) -> bool:
    """Whether it takes webhooks of an old provider, or of the target."""
    sign = "=" if target else "<>"
    found = connection.execute(f"select 1 from sources where name {sign} ? limit 1", (TARGET,))
    return found.fetchone() is not None


def heard(connection: sqlite3.Connection, since: int, *, target: bool = False) -> Heard:
    """What came from old providers since then (ms), or from the target."""
    sign = "=" if target else "<>"
    events, last = connection.execute(
        f"select count(*), max(received) from arrivals where source {sign} ? and received >= ?",
        (TARGET, since),
    ).fetchone()
    refused, last_refused = connection.execute(
        f"select count(*), max(last_at) from refusals where source {sign} ? and last_at >= ?", (TARGET, since)
    ).fetchone()
    return Heard(events, refused, max((at for at in (last, last_refused) if at is not None), default=None))


def of_target(connection: sqlite3.Connection, since: int, names: Sequence[str]) -> list[Delivered]:
    """The target's events of these names that came since then (ms)."""
    rows = connection.execute(
        "select event, type, received from arrivals where source = ? and received >= ? "
        "and type in (select value from json_each(?)) order by id",
        (TARGET, since, json.dumps([*names])),
    ).fetchall()
    return [Delivered(*row) for row in rows]


def came(connection: sqlite3.Connection, event: str) -> int | None:
    """When the target's event of that id came (ms), None where it did not."""
    row = connection.execute(
        "select received from arrivals where source = ? and event = ?", (TARGET, event)
    ).fetchone()
    return None if row is None else int(row[0])
