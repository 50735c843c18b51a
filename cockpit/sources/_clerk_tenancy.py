"""Clerk's organizations with domains, memberships, roles and permissions: {data, total_count} by offset.

GET /organizations, /organization_memberships (those of all organizations), /organization_roles and
/organization_permissions; domains by GET /organizations/{id}/domains (SDK clerk-backend-api).
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.settings import Settings
from cockpit.sources import _clerk_tenancy_mapping, _offset
from cockpit.sources._api import Answered
from cockpit.sources._clerk_api import LIMIT, OLDEST_FIRST, OVERLAP, first_error, open_api
from cockpit.sources._offset import another_size
from cockpit.sources._slices import Slice
from cockpit.sources.base import Memo, Opener, Source, SourceError, Tenancy
from cockpit.terms import Kind, Page, RawItem
from cockpit.transport import Note, quiet

DOMAINS = "/organization_domains"
AT_ONCE = 10
"""Organizations that are asked for their domains side by side; the pace is that of the key."""
AGAIN = "again "
OFF = "organization_not_enabled_in_instance"
"""The code of 403 where an instance has no organizations at all."""


class Listing:
    """One kind of an instance, oldest first; a second look is by pages of another size.

    Where organizations are off, there is none of it. `note` hears what it waits for.
    """

    def __init__(self, path: str, ident: Callable[[Any], str], settings: Settings, clock: Clock) -> None:
        self.note: Note = quiet
        self._path, self._ident = path, ident
        self._api = open_api(settings, clock, lambda text: self.note(text))

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 500, each repeating the last rows of the one before."""
        limit = another_size(LIMIT, int(chain.removeprefix(AGAIN))) if chain.startswith(AGAIN) else LIMIT

        async def fetch(offset: int, limit: int) -> _offset.Rows:
            answered = await self._listed(self._path, offset, limit)
            return _offset.Rows(await self._items(answered.found), answered.size, _total(answered))

        async with aclosing(_offset.pages(fetch, chain, cursor, limit=limit, overlap=OVERLAP)) as pages:
            async for page in pages:
                yield page

    async def count(self) -> int | None:
        """total_count."""
        return _total(await self._listed(self._path, 0, 1))

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """All again where the count differs still: what is new was appended and has been read."""
        return [f"{AGAIN}{since}"] if missing else []

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _items(self, found: Sequence[Slice]) -> list[RawItem]:
        return [RawItem(self._ident(record.value), record.text) for record in found]

    async def _listed(self, path: str, offset: int, limit: int) -> Answered:
        query = {"limit": str(limit), "offset": str(offset), "order_by": OLDEST_FIRST}
        response = await self._api.call("GET", path, params=query)
        if response.status_code == 403 and first_error(response).get("code") == OFF:
            return Answered([], {"total_count": 0}, len(response.content), response)
        return self._api.records_of(response, "data")


class Organizations(Listing):
    """Organizations, each with its domains. An instance that has none is not asked for them one by one."""

    def __init__(self, path: str, ident: Callable[[Any], str], settings: Settings, clock: Clock) -> None:
        super().__init__(path, ident, settings, clock)
        self._any_domains: bool | None = None

    async def _items(self, found: Sequence[Slice]) -> list[RawItem]:
        if found and self._any_domains is None:
            self._any_domains = _total(await self._listed(DOMAINS, 0, 1)) != 0
        idents = [self._ident(record.value) for record in found]
        domains = await self._domains_of(idents) if self._any_domains else [""] * len(idents)
        return [
            RawItem(ident, f'{{"organization":{record.text},"domains":[{several}]}}')
            for ident, record, several in zip(idents, found, domains, strict=True)
        ]

    async def _domains_of(self, idents: Sequence[str]) -> list[str]:
        room = asyncio.Semaphore(AT_ONCE)

        async def one(ident: str) -> str:
            async with room:
                return ",".join([domain.text for domain in await self._domains(ident)]) if ident else ""

        try:
            async with asyncio.TaskGroup() as group:
                asked = [group.create_task(one(ident)) for ident in idents]
        except* SourceError as failed:
            raise failed.exceptions[0] from None
        return [task.result() for task in asked]

    async def _domains(self, ident: str) -> list[Slice]:
        found: list[Slice] = []
        path = f"/organizations/{quote(ident, safe='')}/domains"
        while True:
            query = {"limit": str(LIMIT), "offset": str(len(found))}
            response = await self._api.call("GET", path, params=query)
            if response.status_code == 404:  # it was deleted meanwhile
                return []
            answered = self._api.records_of(response, "data")
            found += answered.found
            if len(answered.found) < LIMIT:
                return found


def _total(answered: Answered) -> int | None:
    total = answered.others.get("total_count")
    return total if isinstance(total, int) else None


def _own_id(record: Any) -> str:
    ident = record.get("id") if isinstance(record, dict) else None
    return ident if isinstance(ident, str) else ""


def _membership_id(record: Any) -> str:
    """The organization and the user, so that who left and came back is one membership."""
    try:
        return f"{record['organization']['id']}/{record['public_user_data']['user_id']}"
    except (TypeError, KeyError):
        return ""


def _opener(listing: type[Listing], path: str, ident: Callable[[Any], str] = _own_id) -> Opener:
    async def open_listing(settings: Settings, memo: Memo, clock: Clock) -> Source:
        return listing(path, ident, settings, clock)

    return open_listing


_OPEN: dict[Kind, Opener] = {
    "organization": _opener(Organizations, "/organizations"),
    "permission": _opener(Listing, "/organization_permissions"),
    "role": _opener(Listing, "/organization_roles"),
    "membership": _opener(Listing, "/organization_memberships", _membership_id),
}
TENANCY = Tenancy(map=_clerk_tenancy_mapping.mappers, open=_OPEN)
