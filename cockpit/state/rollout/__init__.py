"""rollout.db: what the proxy routes by and what it learnt, apart from the bulk of a migration.

Logins never wait behind an import's writes, and the proxy, which faces the internet, can't read users.
"""

import sqlite3
from pathlib import Path

from cockpit.state.database import FileKind, StateError, open_readonly

ROLLOUT = FileKind(
    "rollout",
    0x636B7272,  # "ckrr"
    1,
    "cockpit.state.rollout.schema",
    "start with: cockpit rollout board",
    mode=0o660,
)


def beside(state: Path) -> Path:
    """The rollout file of a state file."""
    return state.with_name("rollout.db")


def readable(state: Path) -> sqlite3.Connection | None:
    """The rollout file of a state file, for looking; None without one that can be read."""
    if not beside(state).exists():
        return None
    try:
        return open_readonly(beside(state), kind=ROLLOUT)
    except StateError:
        return None
