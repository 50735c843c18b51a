"""Auth0: users by export job, or by windows of created_at where the token may not start one."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.passwords import auth0_file
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources import _auth0_mapping, _auth0_scopes
from cockpit.sources._api import Api, Bearer, patiently, refused
from cockpit.sources._auth0_job import ExportJob, NoScope
from cockpit.sources._auth0_windows import CAP, PREFIX, Windows
from cockpit.sources.base import Checkup, Memo, Provider, SourceError
from cockpit.terms import Page
from cockpit.transport import Allow, Client, Note, Response, Retrying, TransportError, client, parsed, quiet

ALLOWED = [
    Allow("POST", "/oauth/token"),
    Allow("POST", "/api/v2/jobs/users-exports"),
    Allow("GET", r"/api/v2/jobs/[^/]+"),
    Allow("GET", "/api/v2/users"),
]


SINCE = "since "
"""The chain that looks for users created since a time (ms)."""


class Auth0Settings(TableSettings):
    """[source] with provider = "auth0"."""

    domain: str | None = Field(None, validation_alias=AliasChoices("AUTH0_DOMAIN"))
    client_id: str | None = Field(None, validation_alias=AliasChoices("AUTH0_CLIENT_ID"))
    client_secret: Secret = Field(None, validation_alias=AliasChoices("AUTH0_CLIENT_SECRET"))
    token: Secret = Field(None, validation_alias=AliasChoices("AUTH0_TOKEN"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("AUTH0_BASE_URL"))
    connection_id: str | None = Field(None, validation_alias=AliasChoices("AUTH0_CONNECTION_ID"))
    page_lines: int = Field(1000, ge=1, le=10_000, validation_alias=AliasChoices("AUTH0_PAGE_LINES"))
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("AUTH0_TIMEOUT_S"))

    @property
    def host(self) -> str:
        """The tenant's domain, however it was written; where there is none, base_url without its scheme."""
        return _bare(self.domain or self.base_url or "")

    @property
    def url(self) -> str:
        """Where the tenant is served, without a slash at the end."""
        return (self.base_url or f"https://{self.host}").rstrip("/")


def _bare(address: str) -> str:
    return address.strip().rpartition("://")[2].rstrip("/")


def _read_settings(settings: Settings) -> Auth0Settings:
    found = Auth0Settings.load(settings.source, "source")
    if not found.host:
        raise SettingsError("auth0: no tenant; set AUTH0_DOMAIN, or domain in [source]")
    return found


def identity(settings: Settings) -> str:
    """auth0: and the tenant's domain."""
    return f"auth0:{_read_settings(settings).host}"


class Auth0Source:
    """One tenant. `note` hears what it waits for."""

    def __init__(self, settings: Auth0Settings, memo: Memo, clock: Clock) -> None:
        self.note: Note = quiet
        self._settings = settings
        retrying = Retrying(clock, note=self._tell)
        http = client(settings.url, timeout=settings.timeout_s, allow=ALLOWED)
        self._token = Token(settings, http, retrying)
        bearer = (
            Bearer(clock, fixed=settings.token.get_secret_value())
            if settings.token
            else Bearer(clock, fetch=self._token.fetch)
        )
        self._api = Api("auth0", http, bearer, retrying, refusal=self._refusal)
        self._job = ExportJob(
            self._api,
            memo,
            clock,
            retrying,
            self._tell,
            connection_id=settings.connection_id,
            page_lines=settings.page_lines,
            timeout=settings.timeout_s,
        )
        self._windows = Windows(self._api, clock)

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of the export job, or windows where there can't be one."""
        if chain.startswith(SINCE):
            first = int(chain.removeprefix(SINCE))
            async with aclosing(self._windows.pages(cursor, first)) as pages:
                async for page in pages:
                    yield page._replace(chain=chain)
            return
        if cursor is None or not cursor.startswith(PREFIX):
            try:
                async with aclosing(self._job.pages(cursor)) as pages:
                    async for page in pages:
                        yield page
                return
            except NoScope:
                if self._settings.connection_id:
                    raise refused(
                        "auth0: the token may not start an export job, and without one connection_id can't "
                        "be kept to; grant read:users and create:users, or take connection_id out"
                    ) from None
                cursor = None
        async with aclosing(self._windows.pages(cursor)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """None: GET /api/v2/users caps its total at 1,000 and a job tells no number of lines."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """A job shows the tenant as it was when it was posted; who came since is searched for."""
        return [] if self._settings.connection_id else [f"{SINCE}{since}"]

    async def check(self) -> Checkup:
        """The token's scopes, and one user; the total is the tenant's while it is below the cap."""
        query = {"per_page": "1", "include_totals": "true"}
        response = await self._api.call("GET", "/api/v2/users", params=query)
        fixed = self._settings.token
        scopes = _auth0_scopes.granted(self._token.scope, fixed.get_secret_value() if fixed else None)
        one = bool(self._settings.connection_id)
        findings = _auth0_scopes.findings(scopes, one_connection=one)
        if response.status_code == 403 and any(finding.level == "fail" for finding in findings):
            return Checkup(findings)
        total = self._api.object_of(response).get("total")
        return Checkup(findings, total if isinstance(total, int) and total < CAP else None)

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    def _tell(self, text: str | None) -> None:
        self.note(text)

    def _refusal(self, response: Response) -> SourceError:
        said = f"{response.request.url.path} answered {response.status_code}: {_message(response)}"
        if response.status_code == 401 and self._settings.token:
            return refused(
                f"auth0: AUTH0_TOKEN is no longer accepted ({said}); set a new one, the same command resumes"
            )
        if response.status_code in (401, 403):
            return refused(f"auth0: {said}; the token needs read:users, the same command resumes")
        return SourceError(f"auth0: {printable(said)}; nothing was lost, the same command resumes")


class Token:
    """Client credentials -> token, POST /oauth/token."""

    def __init__(self, settings: Auth0Settings, http: Client, retrying: Retrying) -> None:
        self._settings, self._http, self._retrying = settings, http, retrying
        self.scope: str | None = None
        """What the last token may do, where that was told."""

    async def fetch(self) -> tuple[str, float]:
        """A token and its seconds. Raises SourceRefused, SourceError."""
        settings = self._settings
        assert settings.client_secret is not None
        body = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret.get_secret_value(),
            "audience": f"https://{settings.host}/api/v2/",
        }
        response = await patiently(
            "auth0", self._retrying, lambda: self._http.read("POST", "/oauth/token", json=body)
        )
        if not response.is_success:
            raise refused(
                f"auth0: AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET are refused ({response.status_code}: "
                f"{_message(response)}); check them and that the application may use the Management API, "
                "the same command resumes"
            )
        reply = parsed(response)
        self.scope = reply.get("scope")
        return str(reply["access_token"]), float(reply.get("expires_in", 86_400))


def _message(response: Response) -> str:
    try:
        body = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return "no JSON"
    return str(body.get("message") or body.get("error_description") or body.get("error") or "no message")[
        :200
    ]


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> Auth0Source:
    """The tenant, ready to read; nothing is sent yet. Raises SettingsError."""
    found = _read_settings(settings)
    if not found.token and not (found.client_id and found.client_secret):
        raise SettingsError(
            "auth0: no credentials; set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET, or AUTH0_TOKEN"
        )
    try:
        return Auth0Source(found, memo, clock)
    except TransportError as error:
        raise SettingsError(f"auth0: {error}") from None


PROVIDER = Provider(
    name="auth0",
    title="Auth0",
    passwords="a file that Auth0's support hands out (passwords load FILE)",
    identity=identity,
    open=open_source,
    mapper=_auth0_mapping.mapper,
    allowed=ALLOWED,
    hash_file=lambda chunks, _: auth0_file.entries(chunks),
)
