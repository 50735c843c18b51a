"""Better Auth: its own database, SQLite or PostgreSQL; or the admin plugin's API, which has no hashes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.findings import warn
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources import _better_auth_mapping, _better_auth_sql, _offset, _rows
from cockpit.sources._api import Answered, Api, Bearer, patiently, refused
from cockpit.sources._better_auth_sql import Dialect, Tables
from cockpit.sources._rows import PostgresRows, SqliteRows
from cockpit.sources.base import Checkup, Memo, Provider, Source, SourceError
from cockpit.terms import Page
from cockpit.transport import Allow, Client, Note, Response, Retrying, TransportError, client, quiet

LIMIT = 1000
SINCE, AGAIN = "since ", "again "
SQLITE = "sqlite:"
SESSION_S = 3600.0
LIST, SIGN_IN = "/api/auth/admin/list-users", "/api/auth/sign-in/email"
ALLOWED = [Allow("GET", LIST), Allow("POST", SIGN_IN)]


class BetterAuthSettings(TableSettings):
    """[source] with provider = "better_auth": a database_url (sqlite:FILE or postgresql:), or base_url."""

    database_url: Secret = Field(None, validation_alias=AliasChoices("DATABASE_URL"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("BETTER_AUTH_URL"))
    email: str | None = Field(None, validation_alias=AliasChoices("BETTER_AUTH_EMAIL"))
    password: Secret = Field(None, validation_alias=AliasChoices("BETTER_AUTH_PASSWORD"))
    application: str | None = Field(None, validation_alias=AliasChoices("BETTER_AUTH_APPLICATION"))
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("BETTER_AUTH_TIMEOUT_S"))


def _read_settings(settings: Settings) -> BetterAuthSettings:
    found = BetterAuthSettings.load(settings.source, "source")
    if found.database_url is None and not (found.base_url and found.email and found.password):
        raise SettingsError(
            "better_auth: no credentials; set DATABASE_URL (sqlite:FILE or postgresql://), with hashes, or "
            "BETTER_AUTH_URL with BETTER_AUTH_EMAIL and BETTER_AUTH_PASSWORD of an administrator"
        )
    return found


def identity(settings: Settings) -> str:
    """better_auth: and the application's name, else where its database or its API is."""
    found = _read_settings(settings)
    if found.application:
        return f"better_auth:{found.application}"
    if found.database_url is None:
        return f"better_auth:{(found.base_url or '').partition('://')[2].rstrip('/')}"
    url = found.database_url.get_secret_value()
    if url.startswith(SQLITE):
        return f"better_auth:{_file(url).name}"
    parts = _rows.address("better_auth", url)
    return f"better_auth:{parts.hostname or 'local'}{f':{parts.port}' if parts.port else ''}{parts.path}"


def _file(url: str) -> Path:
    return Path(url.removeprefix(SQLITE).removeprefix("//"))


class DatabaseDoor:
    """The tables user, account and twoFactor, whatever they are called."""

    def __init__(self, url: str) -> None:
        self.note: Note = quiet
        sqlite = url.startswith(SQLITE)
        self._rows = SqliteRows("better_auth", _file(url)) if sqlite else PostgresRows("better_auth", url)
        self._dialect: Dialect = "sqlite" if sqlite else "postgres"
        self._tables: Tables | None = None

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000 by id, in the database's own order."""
        tables = await self._look()
        since = int(chain.removeprefix(SINCE)) if chain.startswith(SINCE) else None
        query = _better_auth_sql.users(tables, self._dialect, recent=since is not None)
        when = [] if since is None else [_better_auth_sql.moment(since, self._dialect)]
        async with aclosing(_rows.keyset(self._rows, query, chain, cursor, tables.least_id, *when)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """select count(*)."""
        tables = await self._look()
        return int((await self._rows.fetch(f"select count(*) from {tables.user.quoted}"))[0][0])

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """A new user's id may lie behind the cursor; createdAt tells, and else everybody again."""
        return [f"{SINCE}{since}", *([f"{AGAIN}{since}"] if missing else [])]

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


class Session(Bearer):
    """An administrator's session cookie, from POST sign-in/email."""

    def __init__(self, settings: BetterAuthSettings, http: Client, retrying: Retrying, clock: Clock) -> None:
        super().__init__(clock, fetch=self._sign_in)
        self._settings, self._http, self._retrying = settings, http, retrying

    async def header(self) -> dict[str, str]:
        """The cookie."""
        return {"cookie": (await super().header())["authorization"].removeprefix("Bearer ")}

    async def _sign_in(self) -> tuple[str, float]:
        settings = self._settings
        assert settings.password is not None
        body = {"email": settings.email, "password": settings.password.get_secret_value()}
        origin = {"origin": (settings.base_url or "").rstrip("/")}
        response = await patiently(
            "better_auth", self._retrying, lambda: self._http.read("POST", SIGN_IN, json=body, headers=origin)
        )
        cookies = [cookie.partition(";")[0] for cookie in response.headers.get_list("set-cookie")]
        session = [cookie for cookie in cookies if "session_token=" in cookie]
        if not response.is_success or not session:
            raise refused(
                f"better_auth: BETTER_AUTH_EMAIL and BETTER_AUTH_PASSWORD do not sign in "
                f"({response.status_code}: {_message(response)}); check them, the same command resumes"
            )
        return session[0], SESSION_S


class ApiDoor:
    """GET admin/list-users, sorted by id: by anything else rows that tie are lost."""

    def __init__(self, settings: BetterAuthSettings, clock: Clock) -> None:
        self.note: Note = quiet
        retrying = Retrying(clock, note=lambda text: self.note(text))
        http = client(settings.base_url or "", timeout=settings.timeout_s, allow=ALLOWED)
        session = Session(settings, http, retrying, clock)
        self._api = Api("better_auth", http, session, retrying, refusal=_refusal)

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000 by id."""

        async def fetch(offset: int, limit: int) -> _offset.Rows:
            answered = await self._list(limit, offset)
            total = answered.others.get("total")
            return _offset.Rows(answered.items("id"), answered.size, total)

        async with aclosing(_offset.pages(fetch, chain, cursor, limit=LIMIT, overlap=20)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """The total that comes with a page."""
        return int((await self._list(1, 0)).others["total"])

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """A new id may lie anywhere in the order: where the count differs, everybody again."""
        return [f"{AGAIN}{since}"] if missing else []

    async def check(self) -> Checkup:
        """One user, and the total."""
        step = "set DATABASE_URL; the database has them"
        why = "everybody would have to set a new password"
        return Checkup([warn("hashes", "the API shows no hashes", why, step)], await self.count())

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _list(self, limit: int, offset: int) -> Answered:
        query = {"limit": str(limit), "offset": str(offset), "sortBy": "id", "sortDirection": "asc"}
        return await self._api.records("GET", LIST, "users", params=query)


def _refusal(response: Response) -> SourceError:
    said = f"{response.request.url.path} answered {response.status_code}: {_message(response)}"
    if response.status_code in (401, 403):
        return refused(f"better_auth: {said}; the account must be an administrator, the same command resumes")
    return SourceError(f"better_auth: {printable(said)}; nothing was lost, the same command resumes")


def _message(response: Response) -> str:
    try:
        return str(response.json()["message"])[:200]
    except (ValueError, KeyError, TypeError):
        return "no message"


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> Source:
    """The door that the settings open, the database's first. Raises SettingsError."""
    found = _read_settings(settings)
    if found.database_url is not None:
        return DatabaseDoor(found.database_url.get_secret_value())
    try:
        return ApiDoor(found, clock)
    except TransportError as error:
        raise SettingsError(f"better_auth: {error}") from None


PROVIDER = Provider(
    name="better_auth",
    title="Better Auth",
    passwords="the database (DATABASE_URL); the API has none",
    identity=identity,
    open=open_source,
    mapper=_better_auth_mapping.mapper,
    allowed=ALLOWED,
)
