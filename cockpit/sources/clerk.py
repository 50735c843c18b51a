"""Clerk's Backend API: GET /v1/users by created_at, overlapping; hashes come in the dashboard's CSV."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Literal

from pydantic import AliasChoices, Field

from cockpit.clock import Clock
from cockpit.passwords import clerk_file
from cockpit.rules.mask import printable
from cockpit.settings import Secret, Settings, SettingsError, TableSettings
from cockpit.sources import _clerk_mapping, _offset
from cockpit.sources._api import Api, Bearer, refused
from cockpit.sources._offset import another_size
from cockpit.sources._pace import Pace
from cockpit.sources.base import Memo, Provider, SourceError
from cockpit.terms import Page
from cockpit.transport import Allow, Note, Response, Retrying, TransportError, client, quiet

BASE_URL = "https://api.clerk.com/v1"
LIMIT = 500
OVERLAP = 20
"""Rows that are read again with each page: so many may be deleted meanwhile without one being missed."""
SINCE, AGAIN = "since ", "again "
ALLOWED = [Allow("GET", r"/users"), Allow("GET", r"/users/count")]
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


def _read_settings(settings: Settings) -> tuple[ClerkSettings, str]:
    found = ClerkSettings.load(settings.source, "source")
    if found.secret_key is None:
        raise SettingsError("clerk: no credentials; set CLERK_SECRET_KEY")
    return found, found.secret_key.get_secret_value()


def identity(settings: Settings) -> str:
    """clerk: and the instance's name, else whether its key is of production or development."""
    found, key = _read_settings(settings)
    return f"clerk:{found.instance or ('test' if key.startswith(TEST_KEY) else 'live')}"


class ClerkSource:
    """One instance. `note` hears what it waits for."""

    def __init__(self, settings: ClerkSettings, key: str, memo: Memo, clock: Clock) -> None:
        self.note: Note = quiet
        self._memo = memo
        self._policy = settings.external_id
        retrying = Retrying(clock, note=lambda text: self.note(text))
        limit = DEVELOPMENT if key.startswith(TEST_KEY) else PRODUCTION
        pace = Pace(clock, limit, 10.0, note=lambda text: self.note(text))
        http = client(settings.base_url, timeout=settings.timeout_s, allow=ALLOWED)
        self._api = Api("clerk", http, Bearer(clock, fixed=key), retrying, refusal=_refusal, pace=pace)

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 500, oldest first, so that who signs up is appended; a second look is by smaller ones."""
        if self._memo.get(_clerk_mapping.POLICY) != self._policy:
            await self._memo.put(_clerk_mapping.POLICY, self._policy)
        limit = another_size(LIMIT, int(chain.removeprefix(AGAIN))) if chain.startswith(AGAIN) else LIMIT
        since = {"created_at_after": chain.removeprefix(SINCE)} if chain.startswith(SINCE) else {}

        async def fetch(offset: int, limit: int) -> _offset.Rows:
            # The + of +created_at goes as %2B: bare it is a space.
            query = {"limit": str(limit), "offset": str(offset), "order_by": "+created_at", **since}
            answered = await self._api.records("GET", "/users", None, params=query)
            return _offset.Rows(answered.items("id"), answered.size)

        async with aclosing(_offset.pages(fetch, chain, cursor, limit=limit, overlap=OVERLAP)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """GET /users/count."""
        return int((await self._api.json("GET", "/users/count"))["total_count"])

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Who was created since; where the count differs still, everybody again."""
        return [f"{SINCE}{since}", *([f"{AGAIN}{since}"] if missing else [])]

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()


def _refusal(response: Response) -> SourceError:
    said = f"{response.request.url.path} answered {response.status_code}: {_message(response)}"
    if response.status_code in (401, 403):
        return refused(f"clerk: {said}; check CLERK_SECRET_KEY, the same command resumes")
    return SourceError(f"clerk: {printable(said)}; nothing was lost, the same command resumes")


def _message(response: Response) -> str:
    try:
        return str(response.json()["errors"][0]["message"])[:200]
    except (ValueError, KeyError, TypeError, IndexError):
        return "no message"


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> ClerkSource:
    """The instance, ready to read; nothing is sent yet. Raises SettingsError."""
    found, key = _read_settings(settings)
    try:
        return ClerkSource(found, key, memo, clock)
    except TransportError as error:
        raise SettingsError(f"clerk: {error}") from None


PROVIDER = Provider(
    name="clerk",
    title="Clerk",
    passwords="the CSV of the dashboard's user export (passwords load FILE)",
    identity=identity,
    open=open_source,
    mapper=_clerk_mapping.mapper,
    allowed=ALLOWED,
    hash_file=lambda chunks, chosen: clerk_file.entries(chunks, chosen.firebase_format),
)
