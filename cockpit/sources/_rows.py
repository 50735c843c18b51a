"""Reading a database by keyset: the two doors, SQLite and PostgreSQL, each for reading only."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, quote, urlsplit

from cockpit.rules.mask import printable
from cockpit.settings import SettingsError
from cockpit.sources.base import SourceError, SourceRefused
from cockpit.terms import Page, RawItem

LIMIT = 1000


class Rows(Protocol):
    """A database that is only read. Placeholders are written as `mark`."""

    mark: str

    async def fetch(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query. Raises SourceError, SourceRefused."""
        ...

    async def close(self) -> None: ...


class SqliteRows:
    """A SQLite file, opened with mode=ro."""

    mark = "?"

    def __init__(self, name: str, path: Path) -> None:
        self._name, self._path = name, path
        self._connection: sqlite3.Connection | None = None

    async def fetch(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query, read in a thread. Raises SourceError."""
        return await asyncio.to_thread(self._fetch, query, values)

    def _fetch(self, query: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        try:
            if self._connection is None:
                self._connection = sqlite3.connect(
                    f"file:{quote(str(self._path.resolve()))}?mode=ro", uri=True, check_same_thread=False
                )
            return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise SourceError(
                f"{self._name}: {self._path}: {error}; nothing was lost, the same command resumes"
            ) from None

    async def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            self._connection.close()


def address(name: str, url: str) -> SplitResult:
    """The parts of a PostgreSQL URL.

    Raises SettingsError for another text, and where a character that should be percent-encoded makes it
    doubtful where the password ends; it never quotes any of it.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port  # it is read only now
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    one_end = url.count("@") == parts.netloc.count("@") <= 1 and "#" not in url
    if parts.scheme not in ("postgresql", "postgres") or not one_end:
        raise SettingsError(
            f"{name}: the database's URL is not postgresql://USER:PASSWORD@HOST:PORT/DATABASE; "
            "percent-encode what is neither a letter nor a digit in the password"
        )
    return parts


class PostgresRows:
    """A PostgreSQL database, each query a read-only transaction of its own.

    Nothing is set on the session and no statement is prepared: behind a pooler that hands out transactions
    both would stay on a connection that the application gets next.
    """

    mark = "%s"

    def __init__(self, name: str, url: str) -> None:
        address(name, url)
        try:
            import psycopg
        except ImportError:
            raise SettingsError(
                f"{name}: PostgreSQL needs the extra, pip install 'cockpit[postgres]'"
            ) from None
        self._psycopg, self._name, self._url = psycopg, name, url
        self._connection: Any = None

    async def fetch(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query. Raises SourceError, SourceRefused."""
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await self._connect()
            async with self._connection.transaction():
                cursor = await self._connection.execute(query, values or None)
                rows: list[tuple[Any, ...]] = await cursor.fetchall()
        except self._psycopg.Error as error:
            raise self._explained(error) from None
        return rows

    async def _connect(self) -> Any:
        connection = await self._psycopg.AsyncConnection.connect(
            self._url, autocommit=True, prepare_threshold=None,
            connect_timeout=15, application_name="cockpit",
            # One whose other end is gone fails after a minute.
            keepalives_idle=30, keepalives_interval=10, keepalives_count=3,
        )  # fmt: skip
        await connection.set_read_only(True)  # of each transaction that begins
        return connection

    def _explained(self, error: Exception) -> SourceError:
        # The first line: the others may quote the row or the query.
        said = printable((str(error).strip() or type(error).__name__).splitlines()[0][:200])
        refused = isinstance(error, self._psycopg.errors.InsufficientPrivilege) or "authentication" in said
        if refused:
            return SourceRefused(
                f"{self._name}: the database refuses: {said}; grant reading, then run it again"
            )
        return SourceError(f"{self._name}: the database: {said}; nothing was lost, the same command resumes")

    async def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            await self._connection.close()


async def keyset(
    rows: Rows, query: str, chain: str, cursor: str | None, first: object, *values: object
) -> AsyncGenerator[Page, None]:
    """Pages of a query that takes (the last id, *values) and yields (id, body) by id, 1,000 at a time.

    `first` is less than every id.
    """
    last: object = cursor if cursor else first
    asked = cursor or ""
    while True:
        found = await rows.fetch(query, last, *values)
        items = [RawItem(str(ident), body) for ident, body in found]
        following = items[-1].id if len(items) == LIMIT else None
        yield Page(chain, asked, following, items, size=sum(len(item.body) for item in items))
        if following is None:
            return
        last = asked = following
