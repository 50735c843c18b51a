"""Stytch's API: settings, the two kinds of projects, cursors, and what a refusal says."""

import base64
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Literal, NamedTuple

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources._api import Answered, Api, Fixed, refused
from cockpit.sources._pace import Pace
from cockpit.sources.base import SourceError
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client

LIVE, TEST = "https://api.stytch.com", "https://test.stytch.com"
LIMIT = 1000
USERS, MEMBERS = "/v1/users/search", "/v1/b2b/organizations/members/search"
ORGS, POLICY = "/v1/b2b/organizations/search", "/v1/b2b/rbac/policy"
SSO_OF = "/v1/b2b/sso"
ALLOWED = [
    Allow("POST", USERS),
    Allow("POST", MEMBERS),
    Allow("POST", ORGS),
    Allow("GET", POLICY),
    Allow("GET", f"{SSO_OF}/[^/]+"),
]
CONSUMER_PER_60S, B2B_PER_60S = 150, 100
"""Searches that a project may make in a minute (the SDK's documentation of `search`)."""


class StytchSettings(TableSettings):
    """[source] with provider = "stytch". Consumer and B2B are two kinds of project; auto asks.

    requests_per_60s: as published where it is not set; 0: no limit.
    """

    project_id: str | None = Field(None, validation_alias=AliasChoices("STYTCH_PROJECT_ID"))
    secret: Secret = Field(None, validation_alias=AliasChoices("STYTCH_SECRET"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("STYTCH_BASE_URL"))
    project_type: Literal["auto", "consumer", "b2b"] = Field(
        "auto", validation_alias=AliasChoices("STYTCH_PROJECT_TYPE")
    )
    requests_per_60s: int | None = Field(None, ge=0, validation_alias=AliasChoices("STYTCH_REQUESTS_PER_60S"))
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("STYTCH_TIMEOUT_S"))

    @property
    def url(self) -> str:
        """Where the API is served: a test project's is another than a live one's."""
        return self.base_url or (TEST if (self.project_id or "").startswith("project-test-") else LIVE)


def read_settings(settings: Settings) -> StytchSettings:
    found = StytchSettings.load(settings.source, "source")
    if not found.project_id or found.secret is None:
        raise SettingsError("stytch: no credentials; set STYTCH_PROJECT_ID and STYTCH_SECRET")
    return found


class Project:
    """One project: `users` and `b2b` send through one client, each at its own pace."""

    def __init__(self, settings: StytchSettings, clock: Clock, note: Note) -> None:
        self._kind = settings.project_type
        assert settings.secret is not None
        pair = f"{settings.project_id}:{settings.secret.get_secret_value()}"
        basic = {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        retrying = Retrying(clock, note=note)
        http = client(settings.url, timeout=settings.timeout_s, allow=ALLOWED)
        limit = settings.requests_per_60s

        def api(published: int) -> Api:
            pace = Pace(clock, published if limit is None else limit, 60.0, note=note)
            return Api("stytch", http, Fixed(clock, basic), retrying, refusal=_refusal, pace=pace)

        self.users, self.b2b = api(CONSUMER_PER_60S), api(B2B_PER_60S)

    async def is_b2b(self) -> bool:
        """Whether it has organizations: as set, else asked for once."""
        if self._kind == "auto":
            response = await self.b2b.call("POST", ORGS, json={"limit": 1})
            self._kind = "b2b" if response.is_success else "consumer"
        return self._kind == "b2b"

    async def close(self) -> None:
        """Close the connections."""
        await self.users.close()


def project(settings: Settings, clock: Clock, note: Note) -> Project:
    """The project, ready to be asked; nothing is sent yet. Raises SettingsError."""
    found = read_settings(settings)
    try:
        return Project(found, clock, note)
    except TransportError as error:
        raise SettingsError(f"stytch: {error}") from None


class Found(NamedTuple):
    """A page of a search: where it began, where the following one does, how many there are on all pages.

    `total` is None where totals are off (-1).
    """

    cursor: str
    next_cursor: str | None
    total: int | None
    answered: Answered


Ask = Callable[[dict[str, Any]], Awaitable[Response]]
"""What sends a search with this body."""


async def searched(api: Api, key: str, ask: Ask, cursor: str | None) -> AsyncGenerator[Found, None]:
    """Pages of 1,000 until there is no next cursor. One that an earlier run kept may have ended since."""
    token = cursor or None
    while True:
        response = await ask({"limit": LIMIT} | ({"cursor": token} if token else {}))
        if token and token == cursor and response.status_code == 400:
            token = None  # the state merges what is read again
            continue
        answered = api.records_of(response, key)
        told = answered.others.get("results_metadata")
        following = told.get("next_cursor") or None if isinstance(told, dict) else None
        yield Found(token or "", following, total(answered), answered)
        if following is None:
            return
        token = following


def total(answered: Answered) -> int | None:
    """results_metadata.total; None where totals are off (-1)."""
    told = answered.others.get("results_metadata")
    found = told.get("total") if isinstance(told, dict) else None
    return found if isinstance(found, int) and found >= 0 else None


def _refusal(response: Response) -> SourceError:
    try:
        message = str(response.json()["error_message"])[:200]
    except (ValueError, KeyError, TypeError):
        message = "no message"
    said = f"{response.request.url.path} answered {response.status_code}: {message}"
    if response.status_code in (401, 403):
        return refused(f"stytch: {said}; check STYTCH_PROJECT_ID and STYTCH_SECRET, the same command resumes")
    return SourceError(f"stytch: {printable(said)}; nothing was lost, the same command resumes")
