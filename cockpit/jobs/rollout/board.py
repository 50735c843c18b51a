"""The board kept level with what cockpit.db knows of connections. Nothing here moves a login."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cockpit.state.database import open_readonly, open_state, transaction
from cockpit.state.rollout import ROLLOUT, beside, described


def level(state: sqlite3.Connection, rollout: sqlite3.Connection, now: int) -> int:
    """Take over what is known of connections now; returns how many lines changed."""
    found = described.read(state)
    with transaction(rollout):
        return described.take_over(rollout, found, now)


@contextmanager
def both(
    path: Path, now: int, *, read_only: bool = False
) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    """The state, to be looked at only, and its rollout file (made where there is none) level with it.

    `read_only`: as it was left by whoever levelled it last. Raises StateError.
    """
    state = open_readonly(path) if read_only else open_state(path)
    try:
        if read_only:
            rollout = open_readonly(beside(path), kind=ROLLOUT)
        else:
            rollout = open_state(beside(path), create=True, kind=ROLLOUT)
        try:
            if not read_only:
                level(state, rollout, now)
            yield state, rollout
        finally:
            rollout.close()
    finally:
        state.close()
