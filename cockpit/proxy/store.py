"""rollout.db as requests use it: looked at often, waited for never, and missed by nobody while it is away."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cockpit.clock import Clock
from cockpit.state.database import StateError, open_state
from cockpit.state.rollout import ROLLOUT

T = TypeVar("T")

BUSY_MS = 5
"""How long a request may wait for another writer."""
CACHE_KB = 32_768
"""The answers of an hour are found without reading the file."""
_AGAIN_S = 0.1
_REOPEN_S = 0.5


class Store:
    """One connection, reopened when another file takes the old one's place."""

    def __init__(self, path: Path, clock: Clock, busy_ms: int = BUSY_MS) -> None:
        self.path = path
        self.fault: str | None = None
        """Why the database is not in use at the moment, None while it is."""
        self._clock = clock
        self._busy_ms = busy_ms
        self._connection: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        self._rest_until = 0.0
        self.opened = 0
        """How many times it was opened: by this one tells whether it is still the same file."""

    @property
    def away(self) -> bool:
        """Whether there is no file that can be used."""
        return self._connection is None

    @property
    def resting(self) -> bool:
        """Whether something failed a moment ago, so that it is not tried on each request."""
        return self._clock.monotonic() < self._rest_until

    def look(self, busy_ms: int | None = None) -> None:
        """Open it, or leave a file that is no longer at its place. Cheap: a stat.

        `busy_ms`: how long to wait for a lock while it is opened, where longer than a request may.
        """
        try:
            found = self.path.stat()
            file = (found.st_dev, found.st_ino)
        except OSError as error:
            self._leave(f"{self.path}: {error.strerror}")
            return
        if self._connection is not None and file == self._file:
            return
        if self._connection is None and self.resting:
            return
        self._leave(None)
        try:
            self._connection = open_state(self.path, kind=ROLLOUT, busy_ms=busy_ms or self._busy_ms)
            self._connection.execute(f"pragma busy_timeout = {self._busy_ms}")
            # No commit waits for the disk: a power cut may lose the last flows, and their cookies hold.
            self._connection.execute("pragma synchronous = normal")
            self._connection.execute(f"pragma cache_size = -{CACHE_KB}")
        except (StateError, sqlite3.Error, OSError) as error:
            self._leave(str(error))
            self._rest(_AGAIN_S if _is_busy(error) or _is_busy(error.__cause__) else _REOPEN_S)
        else:
            self._file, self.fault = file, None
            self.opened += 1

    def write(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """What `work` returns, None when the database can't be had just now."""
        return None if self.resting else self.read(work)

    def read(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """The same of work that writes nothing: it goes on while others hold the lock."""
        if self._connection is None:
            return None
        try:
            done = work(self._connection)
        except sqlite3.Error as error:
            self._failed(error)
            return None
        self.fault = None
        return done

    def close(self) -> None:
        """Let go of the file."""
        self._leave(self.fault)

    def _failed(self, error: sqlite3.Error) -> None:
        assert self._connection is not None
        if self._connection.in_transaction:
            self._roll_back()
        self.fault = str(error)
        if _is_busy(error):
            self._rest(_AGAIN_S)
        else:
            self._leave(str(error))
            self._rest(_REOPEN_S)

    def _leave(self, why: str | None) -> None:
        self.fault = why
        if self._connection is not None:
            self._connection.close()
            self._connection = self._file = None

    def _rest(self, seconds: float) -> None:
        self._rest_until = self._clock.monotonic() + seconds

    def _roll_back(self) -> None:
        assert self._connection is not None
        try:
            self._connection.execute("rollback")
        except sqlite3.Error:
            self._leave(self.fault)


def _is_busy(error: BaseException | None) -> bool:
    code: int = getattr(error, "sqlite_errorcode", 0) or 0
    return code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
