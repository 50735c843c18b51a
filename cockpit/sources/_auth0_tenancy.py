"""Auth0's organizations, their members, and roles with permissions.

Organizations and members are paged by checkpoint: `take` and `from`, whose `next` the last page lacks
(SDK, documentation of GET /organizations); by offset only 1,000 can be had. Roles and their permissions are
paged by offset alone. Limits are those of Essentials and Professional (documentation: rate limits).
"""

import json
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.settings import Settings
from cockpit.sources import _auth0_tenancy_mapping
from cockpit.sources._api import Answered, Api
from cockpit.sources._auth0_api import tenant
from cockpit.sources._slices import Slice
from cockpit.sources.base import Memo, Opener, Source, Tenancy
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, quiet

ORGANIZATIONS, ROLES = "/api/v2/organizations", "/api/v2/roles"
TAKE = 100
"""The most in one page (UNVERIFIED for take, published for per_page)."""
FEW = 20
"""Records in a page where each of them costs a request more."""
MOST = 1000
"""So many roles can be paged through."""
ORGANIZATIONS_PER_60S, MEMBERS_PER_60S, OTHERS_PER_60S = 50, 200, 150
AGAIN = "again "
WARNING = "auth0.warning:roles"


class Part:
    """What the sources of every kind share: one tenant, one chain, no count."""

    def __init__(self, settings: Settings, memo: Memo, clock: Clock) -> None:
        self.note: Note = quiet
        self._memo = memo
        self._tenant = tenant(settings, clock, lambda text: self.note(text))

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def count(self) -> int | None:
        """None: totals stop at 1,000."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """None: what is new is at the end, since the oldest come first."""
        return []

    async def close(self) -> None:
        """Close the connections."""
        await self._tenant.close()


class Checkpoint(NamedTuple):
    """A page by checkpoint: where it began, and where the following one does (None: it was the last)."""

    cursor: str
    next: str | None
    answered: Answered


async def checkpoints(
    api: Api, path: str, key: str, query: dict[str, Any], cursor: str
) -> AsyncGenerator[Checkpoint, None]:
    """Pages from a checkpoint ("": from the start); an earlier run's that is refused begins anew.

    What is gone meanwhile (404) is one empty page.
    """
    at: str | None = cursor
    while at is not None:
        response = await api.call("GET", path, params=query | ({"from": at} if at else {}))
        if at and at == cursor and response.status_code == 400:
            at = ""  # the state merges what is read again
            continue
        if response.status_code == 404:
            yield Checkpoint(at, None, Answered([], {}, len(response.content), response))
            return
        answered = api.records_of(response, key)
        following = answered.others.get("next")
        page = Checkpoint(at, following if isinstance(following, str) else None, answered)
        yield page
        at = page.next


class Organizations(Part):
    """GET /organizations, oldest first, each with its discovery domains."""

    def __init__(self, settings: Settings, memo: Memo, clock: Clock) -> None:
        super().__init__(settings, memo, clock)
        self._organizations = self._tenant.api("read:organizations", ORGANIZATIONS_PER_60S)
        self._domains = self._tenant.api(
            "read:organization_discovery_domains, or organization_domains = false in [source]", OTHERS_PER_60S
        )
        self._with_domains = self._tenant.settings.organization_domains

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages by checkpoint."""
        query = {"take": FEW if self._with_domains else TAKE, "sort": "created_at:1"}
        found = checkpoints(self._organizations, ORGANIZATIONS, "organizations", query, cursor or "")
        async with aclosing(found) as pages:
            async for page in pages:
                items = [await self._item(organization) for organization in page.answered.found]
                yield Page(chain, page.cursor, page.next, items, size=page.answered.size)

    async def _item(self, organization: Slice) -> RawItem:
        ident = _text(organization.value, "id")
        domains = await self._domains_of(ident) if ident and self._with_domains else []
        return RawItem(ident, f'{{"organization":{organization.text},"domains":[{",".join(domains)}]}}')

    async def _domains_of(self, ident: str) -> list[str]:
        path = f"{ORGANIZATIONS}/{quote(ident, safe='')}/discovery-domains"
        found = checkpoints(self._domains, path, "domains", {"take": TAKE}, "")
        async with aclosing(found) as pages:
            return [domain.text async for page in pages for domain in page.answered.found]


class Place(NamedTuple):
    """Where memberships are read: a page of organizations, one of them, a checkpoint of its members."""

    page: str = ""
    organization: str = ""
    members: str = ""


class _OnPage(NamedTuple):
    """A page of organizations: where it began, who is on it, where the following one begins."""

    cursor: str
    organizations: list[str]
    next: str | None


class Memberships(Part):
    """GET /organizations/{id}/members of one organization after another, the roles with them.

    Nothing is remembered but the page of organizations at hand: a cursor names that page, the organization
    and the checkpoint of its members. Who joins an organization behind the cursor is found by a later export.
    """

    def __init__(self, settings: Settings, memo: Memo, clock: Clock) -> None:
        super().__init__(settings, memo, clock)
        self._organizations = self._tenant.api("read:organizations", ORGANIZATIONS_PER_60S)
        scopes = "read:organization_members and read:organization_member_roles"
        self._members = self._tenant.api(scopes, MEMBERS_PER_60S)

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of members, each of one organization."""
        place: Place | None = Place(*json.loads(cursor)) if cursor else Place()
        known: _OnPage | None = None
        while place is not None:
            if known is None or known.cursor != place.page:
                known = await self._page(place.page)
                place = place._replace(page=known.cursor)
            if not known.organizations:
                following = Place(known.next) if known.next is not None else None
                yield Page(chain, _cursor(place), following and _cursor(following), [])
            else:
                if place.organization not in known.organizations:  # it was deleted meanwhile
                    place = Place(known.cursor, known.organizations[0])
                page = await self._read(place)
                following = _following(place, known, page.next)
                items = [_membership(place.organization, member) for member in page.answered.found]
                size = page.answered.size
                yield Page(chain, _cursor(place), following and _cursor(following), items, size=size)
            place = following

    async def _page(self, cursor: str) -> _OnPage:
        query = {"take": TAKE, "sort": "created_at:1"}
        found = checkpoints(self._organizations, ORGANIZATIONS, "organizations", query, cursor)
        async with aclosing(found) as pages:
            page = await anext(pages)
        idents = [ident for found in page.answered.found if (ident := _text(found.value, "id"))]
        return _OnPage(page.cursor, idents, page.next)

    async def _read(self, place: Place) -> Checkpoint:
        path = f"{ORGANIZATIONS}/{quote(place.organization, safe='')}/members"
        query = {"take": TAKE, "fields": "user_id,email,roles", "include_fields": "true"}
        async with aclosing(checkpoints(self._members, path, "members", query, place.members)) as pages:
            return await anext(pages)


def _following(place: Place, known: _OnPage, members: str | None) -> Place | None:
    if members is not None:
        return place._replace(members=members)
    after = known.organizations.index(place.organization) + 1
    if after < len(known.organizations):
        return Place(known.cursor, known.organizations[after])
    return Place(known.next) if known.next is not None else None


def _cursor(place: Place) -> str:
    return json.dumps(place, separators=(",", ":"))


def _membership(organization: str, member: Slice) -> RawItem:
    user = _text(member.value, "user_id")
    body = f'{{"organization_id":{json.dumps(organization)},"member":{member.text}}}'
    return RawItem(f"{organization}/{user}" if user else "", body)


class Roles(Part):
    """GET /roles, each with GET /roles/{id}/permissions."""

    def __init__(self, settings: Settings, memo: Memo, clock: Clock) -> None:
        super().__init__(settings, memo, clock)
        self._roles = self._tenant.api("read:roles", OTHERS_PER_60S)

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages by offset, which are named by their numbers."""
        number = int(cursor) if cursor else 0
        while True:
            answered, more = await self._offset_page(ROLES, "roles", number, FEW)
            items = [item for role in answered.found for item in await self._items(role)]
            following = str(number + 1) if more else None
            total = self._total(answered)
            yield Page(chain, str(number), following, items, size=answered.size, total=total)
            number += 1
            if not more:
                break
        if number * FEW >= MOST:
            text = f"Auth0 lists {MOST:,} roles at most; where there are more, they are missing"
            await self._memo.put(WARNING, text)

    async def count(self) -> int | None:
        """The total; None where it may be more than Auth0 lists."""
        answered, _ = await self._offset_page(ROLES, "roles", 0, 1)
        total = answered.others.get("total")
        return total if isinstance(total, int) and total < MOST else None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """All of them again, unless none is missing: their order is not published."""
        return [f"{AGAIN}{since}"] if missing else []

    def _total(self, answered: Answered) -> int | None:
        total = answered.others.get("total")
        return total if isinstance(total, int) else None

    async def _items(self, role: Slice) -> list[RawItem]:
        ident = _text(role.value, "id")
        granted = [permission.text for permission in await self._permissions(ident)] if ident else []
        return [RawItem(ident, f'{{"role":{role.text},"permissions":[{",".join(granted)}]}}')]

    async def _permissions(self, role: str) -> list[Slice]:
        path = f"{ROLES}/{quote(role, safe='')}/permissions"
        found: list[Slice] = []
        more = True
        while more:
            number = len(found) // TAKE
            answered, more = await self._offset_page(path, "permissions", number, TAKE)
            found += answered.found
        return found

    async def _offset_page(self, path: str, key: str, number: int, size: int) -> tuple[Answered, bool]:
        """A page by its number, and whether another one may follow."""
        query = {"page": number, "per_page": size, "include_totals": "true"}
        answered = await self._roles.records("GET", path, key, params=query)
        return answered, len(answered.found) == size and (number + 2) * size <= MOST


class Permissions(Roles):
    """What roles grant: permissions are defined by APIs, and those that no role grants move nowhere."""

    async def count(self) -> int | None:
        """None: only roles are counted."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """None."""
        return []

    def _total(self, answered: Answered) -> int | None:
        return None

    async def _items(self, role: Slice) -> list[RawItem]:
        ident = _text(role.value, "id")
        found = await self._permissions(ident) if ident else []
        return [RawItem(_text(permission.value, "permission_name"), permission.text) for permission in found]


def _text(value: Any, key: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, str) else ""


def _opener(source: Callable[[Settings, Memo, Clock], Source]) -> Opener:
    async def open_source(settings: Settings, memo: Memo, clock: Clock) -> Source:
        return source(settings, memo, clock)

    return open_source


TENANCY = Tenancy(
    map=_auth0_tenancy_mapping.mappers,
    open={
        "organization": _opener(Organizations),
        "permission": _opener(Permissions),
        "role": _opener(Roles),
        "membership": _opener(Memberships),
    },
)
