"""rollout.db: what the proxy routes by and what it learnt, apart from the bulk of a migration.

Logins never wait behind an import's writes, and the proxy, which faces the internet, can't read users.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from cockpit.state.database import FileKind, StateError, explain, open_readonly

T = TypeVar("T")

ROLLOUT = FileKind(
    "rollout",
    0x636B7272,  # "ckrr"
    1,
    "cockpit.state.rollout.schema",
    "start with: cockpit rollout board",
    mode=0o660,
    page=1024,  # each login's answer writes one page somewhere: a third of the log, and of what empties it
)


def beside(state: Path) -> Path:
    """The rollout file of a state file."""
    return state.with_name("rollout.db")


def ask(state: Path, question: Callable[[sqlite3.Connection], T]) -> T:
    """The answer of the rollout file of a state file. Raises StateError, for SQLite's own errors too."""
    try:
        with closing(open_readonly(beside(state), kind=ROLLOUT)) as rollout:
            return question(rollout)
    except sqlite3.DatabaseError as error:
        raise explain(error, beside(state)) from error


def readable(state: Path) -> sqlite3.Connection | None:
    """The rollout file of a state file, for looking; None without one that can be read."""
    if not beside(state).exists():
        return None
    try:
        return open_readonly(beside(state), kind=ROLLOUT)
    except StateError:
        return None
