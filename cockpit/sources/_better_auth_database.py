"""Better Auth's own database, SQLite or PostgreSQL: the rows of one kind, by id."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

from cockpit.sources import _better_auth_sql, _better_auth_totp, _rows
from cockpit.sources._better_auth_sql import Dialect, Tables
from cockpit.sources._rows import PostgresRows, SqliteRows
from cockpit.sources.base import Checkup, Memo
from cockpit.terms import Kind, Page
from cockpit.transport import Note, quiet

SINCE, AGAIN = "since ", "again "
SQLITE = "sqlite:"
WARNING = "better_auth.warning:organizations"
NO_TABLE = (
    "no table organization with columns id and name here, so there are none: a table is found in camelCase, "
    "snake_case or plural, and by no other name"
)
CALLERS_ONLY = (
    "organizations, memberships and roles were not read: the API shows an administrator their own ones only; "
    "set DATABASE_URL"
)


def file_of(url: str) -> Path:
    """The file of sqlite:FILE."""
    return Path(url.removeprefix(SQLITE).removeprefix("//"))


class DatabaseDoor:
    """The rows of one kind: users with account and twoFactor, or a table of the organization plugin."""

    def __init__(self, url: str, memo: Memo, kind: Kind, keys: str | None) -> None:
        """`keys`: what the settings give of those that open apps' secrets."""
        self.note: Note = quiet
        sqlite = url.startswith(SQLITE)
        self._rows = SqliteRows("better_auth", file_of(url)) if sqlite else PostgresRows("better_auth", url)
        self._dialect: Dialect = "sqlite" if sqlite else "postgres"
        self._memo, self._kind, self._keys = memo, kind, keys
        self._tables: Tables | None = None

    async def chains(self) -> Sequence[str]:
        """One, or none where there is no such table."""
        tables = await self._look()
        if self._kind == "user" and tables.two_factor is not None:
            await self._remember_keys()
        if self._kind == "organization":
            await self._memo.put(WARNING, None if tables.of(self._kind) else NO_TABLE)
        return [""] if tables.of(self._kind) else []

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000 by id, in the database's own order."""
        tables = await self._look()
        table = tables.of(self._kind)
        assert table is not None  # there would be no chain
        since = int(chain.removeprefix(SINCE)) if chain.startswith(SINCE) else None
        query = _better_auth_sql.rows(tables, self._kind, table, self._dialect, recent=since is not None)
        when = [] if since is None else [_better_auth_sql.moment(since, self._dialect)]
        async with aclosing(_rows.keyset(self._rows, query, chain, cursor, table.least_id, *when)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """select count(*)."""
        table = (await self._look()).of(self._kind)
        if table is None:
            return 0
        return int((await self._rows.fetch(f"select count(*) from {table.quoted}"))[0][0])

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """A new id may lie behind the cursor; createdAt tells, and else everybody again."""
        table = (await self._look()).of(self._kind)
        if table is None:
            return []
        dated = [f"{SINCE}{since}"] if "createdAt" in table.columns else []
        return [*dated, *([f"{AGAIN}{since}"] if missing else [])]

    async def check(self) -> Checkup:
        """Which tables and columns are there, whether rows are hidden, and how many users there are."""
        tables = await self._look()
        hidden = []
        if self._dialect == "postgres":
            names = [table.quoted for table in (tables.user, tables.account)]
            hidden = await self._rows.fetch(_better_auth_sql.HIDDEN, names)
        findings = _better_auth_sql.findings(tables, [str(name) for (name,) in hidden])
        return Checkup(findings, await self.count())

    async def close(self) -> None:
        """Close the database."""
        await self._rows.close()

    async def _look(self) -> Tables:
        if self._tables is None:
            columns = await self._rows.fetch(_better_auth_sql.COLUMNS[self._dialect])
            self._tables = _better_auth_sql.tables(columns)
        return self._tables

    async def _remember_keys(self) -> None:
        if self._keys is not None:
            await self._memo.put(_better_auth_totp.KEYS, self._keys, secret=True)
        known = self._memo.get(_better_auth_totp.KEYS) is not None
        await self._memo.put(_better_auth_totp.WARNING, None if known else _better_auth_totp.NO_SECRET)


class Unseen:
    """What the API does not show: nothing is read, and the export says so."""

    def __init__(self, memo: Memo) -> None:
        self.note: Note = quiet
        self._memo = memo

    async def chains(self) -> Sequence[str]:
        """None."""
        await self._memo.put(WARNING, CALLERS_ONLY)
        return []

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """None."""
        raise AssertionError("there is no chain")
        yield

    async def count(self) -> int | None:
        """Nobody can tell."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """None."""
        return []

    async def close(self) -> None:
        """There is nothing to close."""
