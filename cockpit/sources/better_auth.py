"""Better Auth: its own database, SQLite or PostgreSQL; or the admin plugin's API, which has no hashes."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from pydantic import AliasChoices, Field, SecretStr

from cockpit.clock import Clock
from cockpit.findings import warn
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources import (
    _better_auth_mapping,
    _better_auth_sql,
    _better_auth_tenancy,
    _better_auth_totp,
    _offset,
    _rows,
)
from cockpit.sources._api import Answered, Api, Bearer, patiently, refused
from cockpit.sources._better_auth_database import AGAIN, SQLITE, DatabaseDoor, Unseen, file_of
from cockpit.sources.base import Checkup, Memo, Opener, Provider, Source, SourceError, Tenancy
from cockpit.terms import Kind, Page
from cockpit.transport import Allow, Client, Note, Response, Retrying, TransportError, client, quiet

LIMIT = 1000
SESSION_S = 3600.0
LIST, SIGN_IN = "/api/auth/admin/list-users", "/api/auth/sign-in/email"
ALLOWED = [Allow("GET", LIST), Allow("POST", SIGN_IN)]


class BetterAuthSettings(TableSettings):
    """[source] with provider = "better_auth": a database_url (sqlite:FILE or postgresql:), or base_url.

    secret, secrets: the application's, as it has them itself; authenticator apps are encrypted with them.
    """

    database_url: Secret = Field(None, validation_alias=AliasChoices("DATABASE_URL"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("BETTER_AUTH_URL"))
    email: str | None = Field(None, validation_alias=AliasChoices("BETTER_AUTH_EMAIL"))
    password: Secret = Field(None, validation_alias=AliasChoices("BETTER_AUTH_PASSWORD"))
    secret: Secret = Field(None, validation_alias=AliasChoices("BETTER_AUTH_SECRET"))
    secrets: Secret = Field(None, validation_alias=AliasChoices("BETTER_AUTH_SECRETS"))
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
        return f"better_auth:{file_of(url).name}"
    parts = _rows.address("better_auth", url)
    return f"better_auth:{parts.hostname or 'local'}{f':{parts.port}' if parts.port else ''}{parts.path}"


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
        return _database(found, found.database_url, memo, "user")
    try:
        return ApiDoor(found, clock)
    except TransportError as error:
        raise SettingsError(f"better_auth: {error}") from None


def _database(found: BetterAuthSettings, url: SecretStr, memo: Memo, kind: Kind) -> DatabaseDoor:
    keys = _better_auth_totp.keys(found.secret, found.secrets)
    return DatabaseDoor(url.get_secret_value(), memo, kind, keys)


def _opener(kind: Kind) -> Opener:
    async def open_kind(settings: Settings, memo: Memo, clock: Clock) -> Source:
        found = _read_settings(settings)
        if found.database_url is None:
            return Unseen(memo)
        return _database(found, found.database_url, memo, kind)

    return open_kind


PROVIDER = Provider(
    name="better_auth",
    title="Better Auth",
    passwords="the database (DATABASE_URL); the API has none",
    identity=identity,
    open=open_source,
    mapper=_better_auth_mapping.mapper,
    allowed=ALLOWED,
    tenancy=Tenancy(
        map=_better_auth_tenancy.mappers,
        open={kind: _opener(kind) for kind in _better_auth_sql.BESIDE},
        inside=frozenset({"factor"}),
    ),
)
