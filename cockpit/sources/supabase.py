"""Supabase Auth: the Postgres door, by keyset; or the admin API, whose paging may lose users."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources import _offset, _rows, _supabase_mapping, _supabase_sql
from cockpit.sources._api import Api, Fixed, refused
from cockpit.sources._rows import PostgresRows
from cockpit.sources.base import Memo, Provider, Source, SourceError
from cockpit.terms import Page
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client, quiet

PER_PAGE = 1000
SINCE, AGAIN = "since ", "again "
ALLOWED = [Allow("GET", r"/admin/users")]


class SupabaseSettings(TableSettings):
    """[source] with provider = "supabase": a database_url, or url and a service key."""

    database_url: Secret = Field(None, validation_alias=AliasChoices("SUPABASE_DB_URL"))
    url: str | None = Field(None, validation_alias=AliasChoices("SUPABASE_URL"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("SUPABASE_BASE_URL"))
    service_key: Secret = Field(
        None, validation_alias=AliasChoices("SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_SECRET_KEY")
    )
    project: str | None = Field(None, validation_alias=AliasChoices("SUPABASE_PROJECT"))
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("SUPABASE_TIMEOUT_S"))

    @property
    def api(self) -> str | None:
        """Where the auth API is served."""
        return self.base_url or (f"{self.url.rstrip('/')}/auth/v1" if self.url else None)


def _read_settings(settings: Settings) -> SupabaseSettings:
    found = SupabaseSettings.load(settings.source, "source")
    if found.database_url is None and not (found.api and found.service_key):
        raise SettingsError(
            "supabase: no credentials; set SUPABASE_DB_URL (it has the hashes), or SUPABASE_URL and "
            "SUPABASE_SERVICE_ROLE_KEY"
        )
    return found


def identity(settings: Settings) -> str:
    """supabase: and the project's reference, the same through both doors."""
    found = _read_settings(settings)
    if found.project:
        return f"supabase:{found.project}"
    if found.database_url is not None:
        return f"supabase:{_supabase_sql.project(found.database_url.get_secret_value())}"
    return f"supabase:{(found.api or '').partition('://')[2].partition('/')[0].partition('.')[0]}"


class DatabaseDoor:
    """auth.users with identities and factors, in a session that may only read."""

    def __init__(self, dsn: str) -> None:
        self.note: Note = quiet
        self._rows = PostgresRows("supabase", dsn)
        self._query: str | None = None

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000 by id."""
        if self._query is None:
            self._query = _supabase_sql.users(await self._rows.fetch(_supabase_sql.COLUMNS))
        since = int(chain.removeprefix(SINCE)) if chain.startswith(SINCE) else 0
        reading = _rows.keyset(self._rows, self._query, chain, cursor, _supabase_sql.NOBODY, since)
        async with aclosing(reading) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """select count(*)."""
        return int((await self._rows.fetch("select count(*) from auth.users"))[0][0])

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """A new user's id may lie behind the cursor; created_at tells."""
        return [f"{SINCE}{since}"]

    async def close(self) -> None:
        """Close the connection."""
        await self._rows.close()


class ApiDoor:
    """GET /admin/users. It has no hashes, and orders by created_at alone: rows that tie may be lost."""

    def __init__(self, settings: SupabaseSettings, key: str, memo: Memo, clock: Clock) -> None:
        self.note: Note = quiet
        self._memo = memo
        retrying = Retrying(clock, note=lambda text: self.note(text))
        http = client(settings.api or "", timeout=settings.timeout_s, allow=ALLOWED)
        headers = {"apikey": key, "authorization": f"Bearer {key}"}
        self._api = Api("supabase", http, Fixed(clock, headers), retrying, refusal=_refusal)

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000, newest first, until one is empty."""

        async def fetch(offset: int, limit: int) -> _offset.Rows:
            query = {"page": str(offset // limit + 1), "per_page": str(limit)}
            answered = await self._api.records("GET", "/admin/users", "users", params=query)
            return _offset.Rows(answered.items("id"), answered.size, _total(answered.response))

        async with aclosing(_offset.pages(fetch, chain, cursor, limit=PER_PAGE)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """X-Total-Count."""
        answered = await self._api.records(
            "GET", "/admin/users", "users", params={"page": "1", "per_page": "1"}
        )
        return _total(answered.response)

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Everybody again where some are missing: tied rows come in another order, with luck."""
        if missing == 0:
            return []
        await self._memo.put(
            "supabase.warning:api",
            "the admin API pages by created_at alone and loses users who tie; the database door "
            "(SUPABASE_DB_URL) reads everybody",
        )
        return [f"{AGAIN}{since}"]

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()


def _total(response: Response) -> int | None:
    told = response.headers.get("x-total-count", "")
    return int(told) if told.isdecimal() else None


def _refusal(response: Response) -> SourceError:
    try:
        message = str(response.json().get("msg") or response.json().get("message"))[:200]
    except (ValueError, AttributeError):
        message = "no message"
    said = f"{response.request.url.path} answered {response.status_code}: {message}"
    if response.status_code in (401, 403):
        return refused(f"supabase: {said}; SUPABASE_SERVICE_ROLE_KEY must be a service key")
    return SourceError(f"supabase: {printable(said)}; nothing was lost, the same command resumes")


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> Source:
    """The door that the settings open, the database's first; nothing is sent yet. Raises SettingsError."""
    found = _read_settings(settings)
    if found.database_url is not None:
        return DatabaseDoor(found.database_url.get_secret_value())
    assert found.service_key is not None
    try:
        return ApiDoor(found, found.service_key.get_secret_value(), memo, clock)
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
)
