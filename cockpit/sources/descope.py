"""Descope: POST /v2/mgmt/user/search, sorted by creation, in pages whose size it tells by answering."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from cockpit.clock import Clock
from cockpit.passwords import table_file
from cockpit.settings import Settings
from cockpit.sources import _descope_connections, _descope_mapping, _offset
from cockpit.sources._api import Answered
from cockpit.sources._descope_api import ALLOWED, SEARCH, open_api, read_settings
from cockpit.sources._offset import another_size
from cockpit.sources.base import Memo, Provider
from cockpit.terms import Page
from cockpit.transport import Note, quiet

SINCE, AGAIN = "since ", "again "


def identity(settings: Settings) -> str:
    """descope: and the project's id."""
    return f"descope:{read_settings(settings).project_id}"


class DescopeSource:
    """One project. `note` hears what it waits for."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.note: Note = quiet
        self._limit = read_settings(settings).page_size
        self._api = open_api(settings, clock, lambda text: self.note(text))

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


async def open_source(settings: Settings, memo: Memo, clock: Clock) -> DescopeSource:
    """The project, ready to read; nothing is sent yet. Raises SettingsError."""
    return DescopeSource(settings, clock)


PROVIDER = Provider(
    name="descope",
    title="Descope",
    passwords="a CSV that Descope's support hands out (passwords load FILE)",
    identity=identity,
    open=open_source,
    mapper=_descope_mapping.mapper,
    allowed=ALLOWED,
    connections=_descope_connections.SSO,
    hash_file=lambda chunks, chosen: table_file.entries(chunks, chosen.columns, chosen.firebase_format),
)
