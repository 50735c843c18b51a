"""A lock file beside a database: one process at a time for what SQLite's own locks don't span."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def path(database: Path, name: str) -> Path:
    """`<database>.<name>.lock`, empty, beside the database."""
    return database.with_name(f"{database.name}.{name}.lock")


@contextmanager
def held(database: Path, name: str, *, wait: bool) -> Iterator[bool]:
    """Hold a lock for the body, free at once when the process dies.

    Yields whether it is held: without `wait`, False where another process has it. Raises OSError. Whoever may
    read the database can lock: the file has its permissions, 0600 before there is one, and reading is enough.
    """
    mode = database.stat().st_mode & 0o666 if database.exists() else 0o600
    lock = os.open(path(database, name), os.O_CREAT | os.O_RDONLY, mode)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)
