"""Supabase Auth: its database, by keyset; or its admin API, which has no hashes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from urllib.parse import urlsplit

from cockpit.clock import Clock, millis
from cockpit.settings import Settings, SettingsError
from cockpit.sources import (
    _mapping,
    _rows,
    _supabase_connections,
    _supabase_mapping,
    _supabase_sql,
    _supabase_tenancy,
)
from cockpit.sources._rows import PostgresRows
from cockpit.sources._supabase_api import AGAIN, ALLOWED, ApiDoor
from cockpit.sources._supabase_settings import HOSTED, read_settings
from cockpit.sources.base import Checkup, Look, Memo, Provider, Source, Tenancy
from cockpit.terms import Page
from cockpit.transport import Note, TransportError, quiet

SINCE = "since "


def identity(settings: Settings) -> str:
    """supabase: and the project's reference, the same through both doors; a host of one's own as it is."""
    found = read_settings(settings)
    if found.project:
        return f"supabase:{found.project}"
    if found.database_url is not None:
        return f"supabase:{_supabase_sql.project(found.database_url.get_secret_value())}"
    host = urlsplit(found.api).netloc.rpartition("@")[2]
    return f"supabase:{host.removesuffix(HOSTED)}"


class DatabaseDoor:
    """auth.users with identities and factors, in transactions that may only read."""

    def __init__(self, url: str, memo: Memo, clock: Clock) -> None:
        self.note: Note = quiet
        self._memo, self._clock = memo, clock
        self._rows = PostgresRows("supabase", url)
        self._columns: list[tuple[object, ...]] | None = None

    async def chains(self) -> Sequence[str]:
        """One."""
        await self._memo.put(_supabase_mapping.READ_AT, _mapping.iso(millis(self._clock.now())))
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000 by id."""
        recent = chain.startswith(SINCE)
        query = await self._query(recent=recent)
        when = [int(chain.removeprefix(SINCE))] if recent else []
        reading = _rows.keyset(self._rows, query, chain, cursor, _supabase_sql.NOBODY, *when)
        async with aclosing(reading) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """select count(*)."""
        await self._query()  # which refuses where rows are hidden: the total would be a wrong one
        return int((await self._rows.fetch(_supabase_sql.COUNT))[0][0])

    async def look(self) -> Look:
        """select count(*), max(updated_at)."""
        await self._query()  # as for the count
        ((users, changed_at),) = await self._rows.fetch(_supabase_sql.LOOK)
        return Look(int(users), None if changed_at is None else int(changed_at))

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """A new user's id may lie behind the cursor; created_at tells, and else everybody again."""
        return [f"{SINCE}{since}", *([f"{AGAIN}{since}"] if (missing or 0) > 0 else [])]

    async def check(self) -> Checkup:
        """What this role may read, and how many users there are; refused where rows are hidden from it."""
        users = await self.count()
        return Checkup(_supabase_sql.findings(self._columns or ()), users)

    async def close(self) -> None:
        """Close the connection."""
        await self._rows.close()

    async def _query(self, *, recent: bool = False) -> str:
        if self._columns is None:
            self._columns = await self._rows.fetch(_supabase_sql.COLUMNS)
        return _supabase_sql.users(self._columns, recent=recent)


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> Source:
    """The door that the settings open, the database's first; nothing is sent yet. Raises SettingsError."""
    found = read_settings(settings)
    if memo.get(_supabase_tenancy.KEY) != found.organization_key:
        await memo.put(_supabase_tenancy.KEY, found.organization_key)
    if found.database_url is not None:
        return DatabaseDoor(found.database_url.get_secret_value(), memo, clock)
    assert found.service_key is not None
    try:
        return ApiDoor(found.api, found.service_key.get_secret_value(), found.timeout_s, memo, clock)
    except TransportError as error:
        raise SettingsError(f"supabase: {error}") from None


PROVIDER = Provider(
    name="supabase",
    title="Supabase",
    passwords="the database (SUPABASE_DB_URL); the admin API has none",
    identity=identity,
    open=open_source,
    mapper=_supabase_mapping.mapper,
    allowed=ALLOWED,
    tenancy=Tenancy(
        map=_supabase_tenancy.mappers, inside=frozenset({"organization", "membership", "factor"})
    ),
    connections=_supabase_connections.SSO,
)
