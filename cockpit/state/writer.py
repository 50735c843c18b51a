"""Who writes: every call is one immediate, fully synced transaction; a job has one thread for them."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from sqlite3 import Connection, DatabaseError
from typing import Concatenate, ParamSpec, TypeVar

from cockpit.state import checkpoint
from cockpit.state.database import STATE, FileKind, explain, open_state, transaction

P = ParamSpec("P")
T = TypeVar("T")


class Transactions:
    """Runs functions of a connection, each in a transaction of its own.

    A function that raises is rolled back and the error handed to the caller; SQLite's own errors arrive
    as StateError.
    """

    def __init__(self, path: Path, kind: FileKind = STATE) -> None:
        """Open the file, or make it. Raises StateError."""
        self._path = path
        self._connection = open_state(path, create=True, kind=kind)

    def run(self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run `function(connection, ...)` in one transaction; durable when this returns.

        Raises StateError when the commit fails; then nothing of it happened.
        """
        try:
            with transaction(self._connection):
                result = function(self._connection, *args, **kwargs)
        except DatabaseError as error:
            raise explain(error, self._path) from error
        checkpoint.if_due(self._connection, self._path)
        return result

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


class Writer:
    """The same in a thread of its own, for a loop that must go on meanwhile."""

    def __init__(self, path: Path, kind: FileKind = STATE) -> None:
        self._path = path
        self._kind = kind
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="state-writer")
        self._transactions: Transactions | None = None

    async def open(self) -> None:
        """Open the state file in the writer thread. Raises StateError."""
        loop = asyncio.get_running_loop()
        self._transactions = await loop.run_in_executor(self._pool, Transactions, self._path, self._kind)

    async def run(
        self, function: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """`Transactions.run` in the writer thread."""
        transactions = self._transactions
        assert transactions is not None, "the writer is not open"
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: transactions.run(function, *args, **kwargs))

    async def close(self) -> None:
        """Finish what is queued and close the file."""
        if self._transactions is not None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._pool, self._transactions.close)
            self._transactions = None
        self._pool.shutdown()
