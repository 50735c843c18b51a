"""The only place that checkpoints the WAL: one process at a time, never long.

SQLite 3.7.0 to 3.51.2 can lose a commit that overlaps a checkpoint (sqlite.org/wal.html, the WAL-reset
bug), so every connection has wal_autocheckpoint = 0 and checkpoints are made here, under a lock.
"""

import sqlite3
from pathlib import Path

from cockpit.state import filelock

WAL_LIMIT = 4 << 20
"""Bytes of WAL at which a checkpoint is due."""
WAL_ALARM = 64 << 20
"""Bytes of WAL that mean some reader holds an old snapshot open."""

_RETRY_BYTES = 1 << 20
_tried_at: dict[Path, int] = {}


def wal_size(path: Path) -> int:
    """Bytes in the write-ahead log beside a state file (stat only: the file is never opened)."""
    try:
        return Path(f"{path}-wal").stat().st_size
    except FileNotFoundError:
        return 0


def if_due(connection: sqlite3.Connection, path: Path) -> bool:
    """Checkpoint when the log has passed its limit and no other process is at it; True when it was done.

    A checkpoint that a reader kept from finishing is tried again after another megabyte.
    """
    size = wal_size(path)
    if size < max(WAL_LIMIT, _tried_at.get(path, 0)):
        return False
    done = now(connection, path)
    _tried_at[path] = 0 if done else size + _RETRY_BYTES
    return done


def now(connection: sqlite3.Connection, path: Path) -> bool:
    """Empty the log; False when another process is at it or a reader is in the way."""
    with filelock.held(path, "checkpoint", wait=False) as alone:
        if not alone:
            return False
        try:
            connection.execute("pragma busy_timeout = 20")
            busy: int = connection.execute("pragma wal_checkpoint(truncate)").fetchone()[0]
        except sqlite3.OperationalError:
            busy = 1
        finally:
            connection.execute("pragma busy_timeout = 5000")
        return not busy
