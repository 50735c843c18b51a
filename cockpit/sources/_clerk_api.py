"""Clerk's Backend API: settings, what may be sent, and what a refusal says."""

from typing import Any, Literal

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources._api import Api, Bearer, refused
from cockpit.sources._pace import Pace
from cockpit.sources.base import SourceError
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client

BASE_URL = "https://api.clerk.com/v1"
LIMIT = 500
"""The most in one page (documentation: fewer than 501)."""
OVERLAP = 20
"""Rows that are read again with each page: so many may be deleted meanwhile without one being missed."""
OLDEST_FIRST = "+created_at"
"""So that who is new is appended. The + goes as %2B: bare it is a space."""
ALLOWED = [
    Allow("GET", "/users"),
    Allow("GET", "/users/count"),
    Allow("GET", "/organizations"),
    Allow("GET", "/organizations/[^/]+/domains"),
    Allow("GET", "/organization_domains"),
    Allow("GET", "/organization_memberships"),
    Allow("GET", "/organization_roles"),
    Allow("GET", "/organization_permissions"),
    Allow("GET", "/enterprise_connections"),
    Allow("GET", "/saml_connections/[^/]+"),
]
"""A secret key of Clerk may do everything; nothing else than this is ever sent with it."""
PRODUCTION, DEVELOPMENT = 1000, 100
"""Requests in 10 s that a secret key may send (documentation: system limits)."""
TEST_KEY = "sk_test_"


class ClerkSettings(TableSettings):
    """[source] with provider = "clerk"; external_id: Clerk's own id, or the one the application set."""

    secret_key: Secret = Field(None, validation_alias=AliasChoices("CLERK_SECRET_KEY"))
    base_url: str = Field(BASE_URL, validation_alias=AliasChoices("CLERK_BASE_URL"))
    instance: str | None = Field(None, validation_alias=AliasChoices("CLERK_INSTANCE"))
    external_id: Literal["clerk", "app"] = Field("clerk", validation_alias=AliasChoices("CLERK_EXTERNAL_ID"))
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("CLERK_TIMEOUT_S"))


def read_settings(settings: Settings) -> tuple[ClerkSettings, str]:
    found = ClerkSettings.load(settings.source, "source")
    if found.secret_key is None:
        raise SettingsError("clerk: no credentials; set CLERK_SECRET_KEY")
    return found, found.secret_key.get_secret_value()


def open_api(settings: Settings, clock: Clock, note: Note) -> Api:
    """The instance, ready to be asked at its pace; nothing is sent yet. Raises SettingsError."""
    found, key = read_settings(settings)
    limit = DEVELOPMENT if key.startswith(TEST_KEY) else PRODUCTION
    pace = Pace(clock, limit, 10.0, note=note)
    try:
        http = client(found.base_url, timeout=found.timeout_s, allow=ALLOWED)
    except TransportError as error:
        raise SettingsError(f"clerk: {error}") from None
    return Api(
        "clerk", http, Bearer(clock, fixed=key), Retrying(clock, note=note), refusal=_refusal, pace=pace
    )


def first_error(response: Response) -> dict[str, Any]:
    """The first of the errors in a reply; an empty one where it has none."""
    try:
        error = response.json()["errors"][0]
    except (ValueError, KeyError, TypeError, IndexError):
        return {}
    return error if isinstance(error, dict) else {}


def _refusal(response: Response) -> SourceError:
    message = str(first_error(response).get("message", "no message"))[:200]
    said = f"{response.request.url.path} answered {response.status_code}: {message}"
    if response.status_code in (401, 403):
        return refused(f"clerk: {said}; check CLERK_SECRET_KEY, the same command resumes")
    return SourceError(f"clerk: {printable(said)}; nothing was lost, the same command resumes")
