"""Descope's management API: settings, what may be sent, and what a refusal says."""

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources._api import Api, Bearer, refused
from cockpit.sources._pace import Pace
from cockpit.sources.base import SourceError
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client

SEARCH, TENANTS, SSO_SETTINGS = "/v2/mgmt/user/search", "/v1/mgmt/tenant/all", "/v2/mgmt/sso/settings"
ALLOWED = [Allow("POST", SEARCH), Allow("GET", TENANTS), Allow("GET", SSO_SETTINGS)]
LIMIT = 100
"""The most users that Descope's own tools ask for; the API's most is not published (UNVERIFIED)."""
LONG_PROJECT = 32
SEARCHES_PER_60S, OTHERS_PER_60S = 200, 100
"""Requests that a project may make in a minute (documentation: rate limiting); higher tiers have more."""


class DescopeSettings(TableSettings):
    """[source] with provider = "descope".

    page_size: more than 100 where the project allows it. requests_per_60s: searches of the project's tier, of
    which other requests may be half as many; 0: no limit.
    """

    project_id: str | None = Field(None, validation_alias=AliasChoices("DESCOPE_PROJECT_ID"))
    management_key: Secret = Field(None, validation_alias=AliasChoices("DESCOPE_MANAGEMENT_KEY"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("DESCOPE_BASE_URL"))
    page_size: int = Field(LIMIT, ge=2, le=1000, validation_alias=AliasChoices("DESCOPE_PAGE_SIZE"))
    requests_per_60s: int = Field(
        SEARCHES_PER_60S, ge=0, validation_alias=AliasChoices("DESCOPE_REQUESTS_PER_60S")
    )
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("DESCOPE_TIMEOUT_S"))

    @property
    def url(self) -> str:
        """Where the API is served: a long project id names its region (python-sdk, http client)."""
        project = self.project_id or ""
        region = f".{project[1:5]}" if len(project) >= LONG_PROJECT else ""
        return self.base_url or f"https://api{region}.descope.com"


def read_settings(settings: Settings) -> DescopeSettings:
    """Those of [source]. Raises SettingsError."""
    found = DescopeSettings.load(settings.source, "source")
    if not found.project_id or found.management_key is None:
        raise SettingsError("descope: no credentials; set DESCOPE_PROJECT_ID and DESCOPE_MANAGEMENT_KEY")
    return found


def open_api(settings: Settings, clock: Clock, note: Note, *, searches: bool = True) -> Api:
    """The project, ready to be asked at the pace of searches or of other requests; nothing is sent yet.

    Raises SettingsError.
    """
    found = read_settings(settings)
    assert found.management_key is not None
    limit = found.requests_per_60s if searches else found.requests_per_60s // 2
    pace = Pace(clock, limit, 60.0, note=note)
    key = Bearer(clock, fixed=f"{found.project_id}:{found.management_key.get_secret_value()}")
    try:
        http = client(found.url, timeout=found.timeout_s, allow=ALLOWED)
    except TransportError as error:
        raise SettingsError(f"descope: {error}") from None
    return Api("descope", http, key, Retrying(clock, note=note), refusal=_refusal, pace=pace)


def _refusal(response: Response) -> SourceError:
    try:
        body = response.json()
        message = str(body.get("errorDescription") or body.get("errorMessage") or "no message")[:200]
    except (ValueError, AttributeError):
        message = "no message"
    said = f"{response.request.url.path} answered {response.status_code}: {message}"
    if response.status_code in (401, 403):
        return refused(f"descope: {said}; check DESCOPE_MANAGEMENT_KEY, the same command resumes")
    return SourceError(f"descope: {printable(said)}; nothing was lost, the same command resumes")
