"""What pane Webhooks sees beside the sequence: the tank, its newest drain, how many events are kept."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cockpit.jobs import lock
from cockpit.state import events
from cockpit.state.database import StateError
from cockpit.state.tank import arrivals, beside, counts, recent, standing, tap
from cockpit.state.tank.counts import Counts, Refusals
from cockpit.state.tank.recent import Recent
from cockpit.state.tank.standing import Standing

Class = tuple[str, str]
"""A source and the type of its events."""


@dataclass(frozen=True, slots=True)
class Tank:
    """The tank at one moment. `up`: a process fills it. `sources`: name -> (scheme, where it listened)."""

    up: bool
    sources: Mapping[str, tuple[str, str]]
    classes: Mapping[Class, Counts]
    total: Counts
    refusals: Sequence[Refusals]
    recent: Recent
    drain: Standing | None


@dataclass(frozen=True, slots=True)
class Seen:
    """`tank`: None where there is none; `problem`: why it can't be read. `kept`: how many events
    were followed and are kept."""

    tank: Tank | None = None
    problem: str = ""
    kept: int = 0

    @property
    def held(self) -> int | None:
        """Events in the tank of which nothing became yet."""
        return self.tank.total.held if self.tank is not None else None

    @property
    def dead(self) -> int:
        """Dead letters."""
        return self.tank.total.of("dead") if self.tank is not None else 0


EMPTY = Seen()
"""Nothing yet."""


def read(connection: sqlite3.Connection, state: Path, now: int) -> Seen:
    """From the state and from the tank beside it, whose faults are its own."""
    kept = events.kept(connection)
    try:
        tank = tap.ask(state, lambda held: _tank(held, state, now))
    except StateError as error:
        return Seen(None, str(error), kept)
    return Seen(tank, "", kept)


def _tank(held: sqlite3.Connection, state: Path, now: int) -> Tank:
    where = arrivals.listens_at(held)
    return Tank(
        lock.is_held(beside(state), "tank"),
        {name: (scheme, where[name]) for name, scheme in arrivals.schemes(held).items()},
        counts.by_class(held),
        counts.total(held),
        counts.refusals(held),
        recent.read(held, now),
        standing.read(held),
    )
