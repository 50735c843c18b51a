"""Descope: POST /v2/mgmt/user/search, sorted by creation, in pages whose size it tells by answering."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.passwords import table_file
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources import _descope_connections, _descope_mapping, _descope_tenancy, _offset
from cockpit.sources._api import Answered, Api, Bearer, refused
from cockpit.sources._descope_connections import SsoSettings
from cockpit.sources._offset import another_size
from cockpit.sources._pace import Pace
from cockpit.sources.base import Connections, Memo, Provider, SourceError
from cockpit.terms import Page
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client, quiet

SEARCH = "/v2/mgmt/user/search"
LIMIT = 100
"""The most that Descope's own tools allow; the API's most is not published (UNVERIFIED)."""
SINCE, AGAIN = "since ", "again "
LONG_PROJECT = 32
ALLOWED = [Allow("POST", SEARCH), *_descope_tenancy.ALLOWED, *_descope_connections.ALLOWED]
PER_60S = 200
"""Searches that a project may make in a minute (documentation: rate limiting); higher tiers have more."""
OTHERS_PER_60S = 100
"""All other requests that it may make."""


class DescopeSettings(TableSettings):
    """[source] with provider = "descope".

    page_size: more than 100 where the project allows it. requests_per_60s: of the project's tier; 0: none.
    """

    project_id: str | None = Field(None, validation_alias=AliasChoices("DESCOPE_PROJECT_ID"))
    management_key: Secret = Field(None, validation_alias=AliasChoices("DESCOPE_MANAGEMENT_KEY"))
    base_url: str | None = Field(None, validation_alias=AliasChoices("DESCOPE_BASE_URL"))
    page_size: int = Field(LIMIT, ge=2, le=1000, validation_alias=AliasChoices("DESCOPE_PAGE_SIZE"))
    requests_per_60s: int = Field(PER_60S, ge=0, validation_alias=AliasChoices("DESCOPE_REQUESTS_PER_60S"))
    timeout_s: float = Field(30.0, gt=0, validation_alias=AliasChoices("DESCOPE_TIMEOUT_S"))

    @property
    def url(self) -> str:
        """Where the API is served: a long project id names its region (python-sdk, http client)."""
        project = self.project_id or ""
        region = f".{project[1:5]}" if len(project) >= LONG_PROJECT else ""
        return self.base_url or f"https://api{region}.descope.com"


def _read_settings(settings: Settings) -> DescopeSettings:
    found = DescopeSettings.load(settings.source, "source")
    if not found.project_id or found.management_key is None:
        raise SettingsError("descope: no credentials; set DESCOPE_PROJECT_ID and DESCOPE_MANAGEMENT_KEY")
    return found


def identity(settings: Settings) -> str:
    """descope: and the project's id."""
    return f"descope:{_read_settings(settings).project_id}"


class DescopeSource:
    """One project. `note` hears what it waits for."""

    def __init__(self, settings: DescopeSettings, clock: Clock) -> None:
        self.note: Note = quiet
        self._limit = settings.page_size
        self._api = _connect(settings, clock, settings.requests_per_60s, lambda text: self.note(text))

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages by creation time, oldest first, each beginning with the end of the one before.

        A second look is by pages of another size: createdTime is in seconds, so that many tie.
        """
        since = int(chain.removeprefix(SINCE)) if chain.startswith(SINCE) else None
        again = chain.startswith(AGAIN)
        size = another_size(self._limit, int(chain.removeprefix(AGAIN))) if again else self._limit
        overlap = min(10, size - 1)

        async def fetch(offset: int, limit: int) -> _offset.Rows:
            answered = await self._search(limit, offset, since)
            return _offset.Rows(answered.items("userId"), answered.size, answered.others.get("total"))

        async with aclosing(_offset.pages(fetch, chain, cursor, limit=size, overlap=overlap)) as pages:
            async for page in pages:
                yield page if since is None else page._replace(total=None)

    async def count(self) -> int | None:
        """The total that comes with a page."""
        total = (await self._search(1, 0, None)).others.get("total")
        return total if isinstance(total, int) else None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Who was created since; where the count differs still, everybody again."""
        return [f"{SINCE}{since}", *([f"{AGAIN}{since}"] if missing else [])]

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _search(self, limit: int, offset: int, since: int | None) -> Answered:
        body: dict[str, Any] = {
            "limit": limit,
            "offset": offset,
            "withTestUser": False,
            "sort": [{"field": "createdTime", "desc": False}],
        }
        if since is not None:
            body["fromCreatedTime"] = since
        return await self._api.records("POST", SEARCH, "users", json=body)


def _connect(settings: DescopeSettings, clock: Clock, per_60s: int, note: Note) -> Api:
    assert settings.management_key is not None
    key = Bearer(clock, fixed=f"{settings.project_id}:{settings.management_key.get_secret_value()}")
    retrying, pace = Retrying(clock, note=note), Pace(clock, per_60s, 60.0, note=note)
    try:
        http = client(settings.url, timeout=settings.timeout_s, allow=ALLOWED)
    except TransportError as error:
        raise SettingsError(f"descope: {error}") from None
    return Api("descope", http, key, retrying, refusal=_refusal, pace=pace)


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


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> DescopeSource:
    """The project, ready to read; nothing is sent yet. Raises SettingsError."""
    return DescopeSource(_read_settings(settings), clock)


def _connect_otherwise(settings: Settings, clock: Clock, note: Note) -> Api:
    found = _read_settings(settings)
    return _connect(found, clock, min(found.requests_per_60s, OTHERS_PER_60S), note)


async def open_connections(settings: Settings, memo: Memo, clock: Clock) -> SsoSettings:
    """The project's SSO settings, ready to read; nothing is sent yet. Raises SettingsError."""
    source = SsoSettings(_connect_otherwise(settings, clock, lambda text: source.note(text)))
    return source


PROVIDER = Provider(
    name="descope",
    title="Descope",
    passwords="a CSV that Descope's support hands out (passwords load FILE)",
    identity=identity,
    open=open_source,
    mapper=_descope_mapping.mapper,
    allowed=ALLOWED,
    tenancy=_descope_tenancy.tenancy(_connect_otherwise),
    connections=Connections(open=open_connections, map=_descope_connections.mapper),
    hash_file=lambda chunks, chosen: table_file.entries(chunks, chosen.columns, chosen.firebase_format),
)
