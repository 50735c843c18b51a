"""Auth0's Management API: settings, the token, what may be sent, and what a refusal says."""

from collections.abc import Sequence

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources import _auth0_scopes
from cockpit.sources._api import Api, Bearer, patiently, refused
from cockpit.sources._pace import Pace
from cockpit.sources.base import SourceError
from cockpit.transport import Allow, Client, Note, Response, Retrying, TransportError, client, parsed

_ORGANIZATION = "/api/v2/organizations/[^/]+"
ALLOWED = [
    Allow("POST", "/oauth/token"),
    Allow("POST", "/api/v2/jobs/users-exports"),
    Allow("GET", r"/api/v2/jobs/[^/]+"),
    Allow("GET", "/api/v2/users"),
    Allow("GET", "/api/v2/organizations"),
    Allow("GET", f"{_ORGANIZATION}/members"),
    Allow("GET", f"{_ORGANIZATION}/discovery-domains"),
    Allow("GET", f"{_ORGANIZATION}/enabled_connections"),
    Allow("GET", "/api/v2/connections"),
    Allow("GET", "/api/v2/roles"),
    Allow("GET", r"/api/v2/roles/[^/]+/permissions"),
]


class Auth0Settings(TableSettings):
    """[source] with provider = "auth0".

    organization_domains: ask for each organization's domains, a request each. requests_per_60s: how many
    requests of each kind for organizations and roles; as published where it is not set, 0: no limit.
    """

    domain: str | None = Field(None, validation_alias=AliasChoices("AUTH0_DOMAIN"))
    client_id: str | None = Field(None, validation_alias=AliasChoices("AUTH0_CLIENT_ID"))
    client_secret: Secret = Field(None, validation_alias=AliasChoices("AUTH0_CLIENT_SECRET"))
    token: Secret = Field(None, validation_alias=AliasChoices("AUTH0_TOKEN"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("AUTH0_BASE_URL"))
    connection_id: str | None = Field(None, validation_alias=AliasChoices("AUTH0_CONNECTION_ID"))
    organization_domains: bool = Field(True, validation_alias=AliasChoices("AUTH0_ORGANIZATION_DOMAINS"))
    requests_per_60s: int | None = Field(None, ge=0, validation_alias=AliasChoices("AUTH0_REQUESTS_PER_60S"))
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


def read_settings(settings: Settings) -> Auth0Settings:
    """Those of [source]. Raises SettingsError."""
    found = Auth0Settings.load(settings.source, "source")
    if not found.host:
        raise SettingsError("auth0: no tenant; set AUTH0_DOMAIN, or domain in [source]")
    return found


class Tenant:
    """One tenant: its client and token, which requests of every pace share. `note` hears of waiting."""

    def __init__(self, settings: Auth0Settings, clock: Clock, note: Note, allow: Sequence[Allow]) -> None:
        self.settings, self.clock, self.note = settings, clock, note
        self.retrying = Retrying(clock, note=note)
        self._http = client(settings.url, timeout=settings.timeout_s, allow=allow)
        self._fixed = settings.token.get_secret_value() if settings.token else None
        self._token = Token(settings, self._http, self.retrying)
        self._bearer = Bearer(clock, fixed=self._fixed, fetch=None if self._fixed else self._token.fetch)

    def api(self, scopes: str, published: int = 0) -> Api:
        """For requests that need these scopes, of which so many may be sent in a minute (0: no limit)."""
        chosen = self.settings.requests_per_60s
        limit = chosen if published and chosen is not None else published
        pace = Pace(self.clock, limit, 60.0, note=self.note) if published else None

        def refusal(response: Response) -> SourceError:
            return _refusal(response, scopes, fixed=self._fixed is not None)

        return Api("auth0", self._http, self._bearer, self.retrying, refusal=refusal, pace=pace)

    def scopes(self) -> frozenset[str] | None:
        """What the token may do, once one was sent; None where nothing tells."""
        return _auth0_scopes.granted(self._token.scope, self._fixed)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def tenant(settings: Settings, clock: Clock, note: Note, allow: Sequence[Allow] = ALLOWED) -> Tenant:
    """The tenant, ready for requests of that list; nothing is sent yet. Raises SettingsError."""
    found = read_settings(settings)
    if not found.token and not (found.client_id and found.client_secret):
        raise SettingsError(
            "auth0: no credentials; set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET, or AUTH0_TOKEN"
        )
    try:
        return Tenant(found, clock, note, allow)
    except TransportError as error:
        raise SettingsError(f"auth0: {error}") from None


def _refusal(response: Response, scopes: str, *, fixed: bool) -> SourceError:
    said = f"{response.request.url.path} answered {response.status_code}: {_message(response)}"
    if response.status_code == 401 and fixed:
        return refused(
            f"auth0: AUTH0_TOKEN is no longer accepted ({said}); set a new one, the same command resumes"
        )
    if response.status_code in (401, 403):
        return refused(f"auth0: {said}; the token needs {scopes}, the same command resumes")
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
