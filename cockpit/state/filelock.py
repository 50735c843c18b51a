"""A lock file beside a database: one process at a time for what SQLite's own locks don't span."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(database: Path, name: str, *, wait: bool) -> Iterator[bool]:
    """Hold `<database>.<name>.lock` for the body, free at once when the process dies.

    Yields whether it is held: without `wait`, False where another process has it. Raises OSError. Whoever may
    read the database can lock: the file has its permissions, and reading is enough.
    """
    mode = database.stat().st_mode & 0o666
    lock = os.open(f"{database}.{name}.lock", os.O_CREAT | os.O_RDONLY, mode)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(lock)
