"""Clerk's Backend API: GET /v1/users by created_at, overlapping; hashes come in the dashboard's CSV."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from cockpit.clock import Clock
from cockpit.passwords import clerk_file, totp_file
from cockpit.settings import Settings
from cockpit.sources import _clerk_connections, _clerk_mapping, _clerk_tenancy, _offset
from cockpit.sources._clerk_api import (
    ALLOWED,
    LIMIT,
    OLDEST_FIRST,
    OVERLAP,
    TEST_KEY,
    open_api,
    read_settings,
)
from cockpit.sources._offset import another_size
from cockpit.sources.base import Look, Memo, Provider
from cockpit.terms import Page
from cockpit.transport import Note, quiet

SINCE, AGAIN = "since ", "again "


def identity(settings: Settings) -> str:
    """clerk: and the instance's name, else whether its key is of production or development."""
    found, key = read_settings(settings)
    return f"clerk:{found.instance or ('test' if key.startswith(TEST_KEY) else 'live')}"


class ClerkSource:
    """The users of one instance. `note` hears what it waits for."""

    def __init__(self, settings: Settings, memo: Memo, clock: Clock) -> None:
        self.note: Note = quiet
        self._memo = memo
        self._policy = read_settings(settings)[0].external_id
        self._api = open_api(settings, clock, lambda text: self.note(text))

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
            query = {"limit": str(limit), "offset": str(offset), "order_by": OLDEST_FIRST, **since}
            answered = await self._api.records("GET", "/users", None, params=query)
            return _offset.Rows(answered.items("id"), answered.size)

        async with aclosing(_offset.pages(fetch, chain, cursor, limit=limit, overlap=OVERLAP)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """GET /users/count."""
        return int((await self._api.json("GET", "/users/count"))["total_count"])

    async def look(self) -> Look:
        """The count, and who was changed last."""
        query = {"limit": "1", "order_by": "-updated_at"}
        newest = (await self._api.records("GET", "/users", None, params=query)).found
        changed_at = newest[0].value.get("updated_at") if newest else None
        return Look(await self.count(), changed_at if isinstance(changed_at, int) else None)

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Who was created since; where the count differs still, everybody again."""
        return [f"{SINCE}{since}", *([f"{AGAIN}{since}"] if missing else [])]

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> ClerkSource:
    """The instance's users, ready to read; nothing is sent yet. Raises SettingsError."""
    return ClerkSource(settings, memo, clock)


PROVIDER = Provider(
    name="clerk",
    title="Clerk",
    passwords="the CSV of the dashboard's user export (passwords load FILE)",
    identity=identity,
    open=open_source,
    mapper=_clerk_mapping.mapper,
    allowed=ALLOWED,
    tenancy=_clerk_tenancy.TENANCY,
    connections=_clerk_connections.SSO,
    totp_file=lambda chunks, chosen: totp_file.entries(chunks, totp_file.CLERK, chosen.columns),
    hash_file=lambda chunks, chosen: clerk_file.entries(chunks, chosen.firebase_format),
)
