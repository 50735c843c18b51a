"""How much is held and what became of it, from counters alone."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

LeftOut = Literal["superseded", "paired", "stale"]
LEFT_OUT: tuple[LeftOut, ...] = get_args(LeftOut)
DeliveryState = Literal["sending", "delivered", "dead", "discarded", LeftOut]


_OF = "where source in (select value from json_each(?))"


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one class, or of all: `arrived` events, `again` deliveries of a known one, and events by state."""

    arrived: int = 0
    again: int = 0
    states: dict[str, int] = field(default_factory=dict)

    @property
    def held(self) -> int:
        """Events that nothing has become of yet."""
        return self.arrived - sum(self.states.values())

    @property
    def left_out(self) -> int:
        """Events that a choice made needless."""
        return sum(self.states.get(state, 0) for state in LEFT_OUT)

    def of(self, state: DeliveryState) -> int:
        """Events in a state."""
        return self.states.get(state, 0)


@dataclass(frozen=True, slots=True)
class Refusals:
    """Requests of a source that were not let in, for one reason; the newest at `last_at` (ms)."""

    source: str
    why: str
    n: int
    last_at: int


def by_class(connection: sqlite3.Connection) -> dict[tuple[str, str], Counts]:
    """Counts of each (source, class), the most frequent first."""
    states: dict[tuple[str, str], dict[str, int]] = {}
    for source, type_, state, n in connection.execute(
        "select source, type, state, n from outcomes where n > 0"
    ).fetchall():
        states.setdefault((source, type_), {})[state] = n
    rows = connection.execute("select source, type, n, again from arrived order by n desc, source, type")
    return {
        (source, type_): Counts(n, again, states.get((source, type_), {}))
        for source, type_, n, again in rows.fetchall()
    }


def total(connection: sqlite3.Connection, sources: Sequence[str] | None = None) -> Counts:
    """Counts of everything, or of these sources."""
    of, given = ("", ()) if sources is None else (_OF, (json.dumps([*sources]),))
    arrived, again = connection.execute(
        f"select coalesce(sum(n), 0), coalesce(sum(again), 0) from arrived {of}", given
    ).fetchone()
    states = connection.execute(f"select state, sum(n) from outcomes {of} group by state", given).fetchall()
    return Counts(arrived, again, {state: n for state, n in states if n})


def refusals(connection: sqlite3.Connection) -> list[Refusals]:
    """What was not let in, the newest first."""
    rows = connection.execute("select source, why, n, last_at from refusals order by last_at desc").fetchall()
    return [Refusals(*row) for row in rows]


def counted(connection: sqlite3.Connection) -> Counts:
    """The same as `total`, from the rows themselves: what a test holds against it."""
    (arrived,) = connection.execute("select count(*) from arrivals").fetchone()
    (again,) = connection.execute("select coalesce(sum(again), 0) from arrived").fetchone()
    return Counts(
        arrived,
        again,
        dict(connection.execute("select state, count(*) from deliveries group by 1").fetchall()),
    )
