"""The one thread of a job that writes: every call is one immediate, fully synced transaction."""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

from cockpit.state import checkpoint
from cockpit.state.database import STATE, FileKind, explain, open_state, transaction

P = ParamSpec("P")
T = TypeVar("T")


class Writer:
    """Runs functions of a connection in the writer thread, each in a transaction of its own.

    A function that raises is rolled back and the error handed to the caller; SQLite's own errors arrive
    as StateError.
    """

    def __init__(self, path: Path, kind: FileKind = STATE) -> None:
        self._path = path
        self._kind = kind
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="state-writer")
        self._connection: sqlite3.Connection | None = None

    async def open(self) -> None:
        """Open the state file in the writer thread. Raises StateError."""

        def opening() -> sqlite3.Connection:
            return open_state(self._path, create=True, kind=self._kind)

        loop = asyncio.get_running_loop()
        self._connection = await loop.run_in_executor(self._pool, opening)

    async def run(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `function(connection, ...)` in one transaction; durable when this returns.

        Raises StateError when the commit fails; then nothing of it happened.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: self._transact(function, *args, **kwargs))

    def _transact(
        self, function: Callable[Concatenate[sqlite3.Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        assert self._connection is not None, "the writer is not open"
        try:
            with transaction(self._connection):
                result = function(self._connection, *args, **kwargs)
        except sqlite3.DatabaseError as error:
            raise explain(error, self._path) from error
        checkpoint.if_due(self._connection, self._path)
        return result

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._pool, self._close)
        self._pool.shutdown()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
