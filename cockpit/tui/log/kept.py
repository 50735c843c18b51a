"""How much there is to read in pane Log: actions, jobs, the rollout's entries, what processes printed."""

import sqlite3
from dataclasses import dataclass, replace
from pathlib import Path

from cockpit.state import audit, files, jobs, rollout
from cockpit.state.database import StateError
from cockpit.state.rollout import audit as chain
from cockpit.tui.log import output


@dataclass(frozen=True, slots=True)
class Kept:
    """`actions` and `jobs` of the state. `entries` of rollout.db, None without one; `problem`: why it can't
    be read. `printed`: bytes."""

    actions: int = 0
    jobs: int = 0
    entries: int | None = None
    problem: str = ""
    printed: int = 0


NOTHING = Kept()
"""Nothing yet."""


def read(connection: sqlite3.Connection, state: Path) -> Kept:
    """From the state and the files beside it, whose faults are their own."""
    return replace(beside(state), actions=audit.total(connection), jobs=jobs.total(connection))


def beside(state: Path) -> Kept:
    """What there is without the state."""
    printed = output.size(files.printed(state))
    if not rollout.beside(state).exists():
        return Kept(printed=printed)
    try:
        return Kept(entries=rollout.ask(state, chain.newest), printed=printed)
    except StateError as error:
        return Kept(problem=str(error), printed=printed)
