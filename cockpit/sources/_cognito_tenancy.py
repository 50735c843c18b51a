"""What of a user pool stands for organizations, as the operator says; groups are roles, or organizations.

ListGroups and ListUsersInGroup (botocore, cognito-idp). A pool has no organizations of its own: the setting
`organizations` says what an application uses in their place.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any

from cockpit.records import Membership, Organization, Role
from cockpit.sources import _cognito_mapping, _mapping
from cockpit.sources._cognito_api import GROUPS, USERS, USERS_IN_GROUP, Listed, Pool, refusal
from cockpit.sources.base import Mappers, MappingContext, Raw
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, quiet

ORGANIZATIONS = r"none|pool|groups|custom:.+"
"""none: there are none; pool: the pool is one; groups: each is one; custom:NAME: what the attribute says."""
SETTING = "cognito.organizations"
"""What the export remembers of the setting."""
AGAIN, GROUP = "again ", "group "
DIGITS = "0123456789abcdef"


def digit_filter(digit: str) -> dict[str, str]:
    """What ListUsers is asked for those whose sub begins so; all of them by "" or "*"."""
    return {"Filter": f'sub ^= "{digit}"'} if digit and digit != "*" else {}


class ShortList:
    """What is read in one chain: the groups of a pool, or the pool itself; or nothing."""

    def __init__(self, pool: Pool, what: str | None) -> None:
        self.note: Note = quiet
        self._pool, self._what = pool, what

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""] if self._what else []

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of up to 60 groups; or one of the pool."""
        if self._what == "pool":
            yield Page(chain, "", None, [await self._itself()])
            return
        async with aclosing(self._pool.pages(GROUPS, {}, cursor)) as pages:
            async for page in pages:
                items = [
                    RawItem(name, group.text)
                    for group in page.found
                    if (name := _group(self._pool, group.value))
                ]
                yield Page(chain, page.asked, page.following, items, size=page.size)

    async def count(self) -> int | None:
        """None: there is no number of groups."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """The list again, which is short."""
        return [f"{AGAIN}{since}"] if self._what else []

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()

    async def _itself(self) -> RawItem:
        response = await self._pool.call("DescribeUserPool", {})
        if not response.is_success:
            raise refusal("DescribeUserPool", response)
        described = response.json().get("UserPool") or {}
        told = {"Id": self._pool.id, "Name": described.get("Name") or self._pool.id}
        return RawItem(self._pool.id, json.dumps(told))


class Members:
    """Who is in which organization, with the groups they are in as roles unless groups are organizations.

    ListUsers tells nobody's groups, so these are read before anything else, and at a resume again: a page
    of memberships is whole, and whoever left a group has lost that role. Of each user in a group the sub is
    kept, some 200 bytes.
    """

    def __init__(self, pool: Pool, organizations: str, *, side_by_side: bool, sweep: bool) -> None:
        self.note: Note = quiet
        self._pool, self._organizations = pool, organizations
        self._digits = list(DIGITS) if side_by_side else ["*"]
        self._sweep = sweep
        self._held: dict[str, tuple[str, ...]] | None = None
        self._holding = asyncio.Lock()

    async def chains(self) -> Sequence[str]:
        """A chain for each group that is an organization, or for each first digit of sub."""
        match self._organizations:
            case "none":
                return []
            case "groups":
                return [f"{GROUP}{name}" async for name in self._groups()]
        return self._digits

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of up to 60 members; who is in no organization is passed over."""
        what = chain.removeprefix(AGAIN).partition(" ")[2] if chain.startswith(AGAIN) else chain
        if what.startswith(GROUP):
            group = what.removeprefix(GROUP)
            listing = self._pool.pages(USERS_IN_GROUP, {"GroupName": group}, cursor)
        else:
            group, held = "", await self._roles()
            listing = self._pool.pages(USERS, digit_filter(what), cursor)
        async with aclosing(listing) as pages:
            async for page in pages:
                if group:
                    items = [_item(group, sub, ()) for sub, _ in _people(page)]
                else:
                    items = [
                        _item(organization, sub, held.get(sub, ()))
                        for sub, values in _people(page)
                        if (organization := self._organization(values))
                    ]
                yield Page(chain, page.asked, page.following, items, size=page.size)

    async def count(self) -> int | None:
        """None: nobody counts them."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """Everybody again, as no list has a filter by date; `sweep = false` leaves it out."""
        return [f"{AGAIN}{since} {chain}" for chain in await self.chains()] if self._sweep else []

    async def close(self) -> None:
        """Close the connections."""
        await self._pool.close()

    def _organization(self, values: Mapping[str, str]) -> str:
        return self._pool.id if self._organizations == "pool" else values.get(self._organizations, "").strip()

    async def _groups(self) -> AsyncGenerator[str, None]:
        async with aclosing(self._pool.pages(GROUPS, {}, None)) as pages:
            async for page in pages:
                for group in page.found:
                    if name := _group(self._pool, group.value):
                        yield name

    async def _roles(self) -> Mapping[str, tuple[str, ...]]:
        """The groups of everybody who is in one, by sub."""
        async with self._holding:
            if self._held is None:
                held: dict[str, tuple[str, ...]] = {}
                same: dict[tuple[str, ...], tuple[str, ...]] = {}
                async for name in self._groups():
                    async with aclosing(self._pool.pages(USERS_IN_GROUP, {"GroupName": name}, None)) as pages:
                        async for page in pages:
                            for sub, _ in _people(page):
                                roles = tuple(dict.fromkeys((*held.get(sub, ()), name)))
                                held[sub] = same.setdefault(roles, roles)
                self._held = held
        return self._held


def _people(page: Listed) -> Iterable[tuple[str, Mapping[str, str]]]:
    """The sub and the attributes of each user that has a sub."""
    for user in page.found:
        values = _cognito_mapping.attributes(
            user.value.get("Attributes") if isinstance(user.value, dict) else None
        )
        if sub := values.get("sub"):
            yield sub, values


def _item(organization: str, sub: str, roles: tuple[str, ...]) -> RawItem:
    body = {"organization": organization, "user": sub, "roles": roles}
    return RawItem(f"{organization}/{sub}", json.dumps(body))


def _group(pool: Pool, group: Any) -> str:
    """A group's name, "" for those that Cognito makes for an identity provider's users: POOL_PROVIDER."""
    name = str(group.get("GroupName") or "") if isinstance(group, dict) else ""
    return "" if name.startswith(f"{pool.id}_") else name


def mappers(context: MappingContext) -> Mappers:
    """Groups and the pool, memberships, and the organizations that an attribute of users names."""
    attribute = context.facts.get(SETTING, "")

    def of_user(raw: Raw) -> Iterator[Organization]:
        ident = _cognito_mapping.attributes(raw.get("Attributes")).get(attribute, "").strip()
        if ident:
            yield _mapping.organization(ident, ident, {"provider": "cognito"})

    return Mappers(
        organization=_organization,
        role=_role,
        membership=_membership,
        of_user=of_user if attribute.startswith("custom:") else None,
    )


def _organization(raw: Raw) -> Organization:
    ident = raw.get("GroupName") or raw["Id"]
    return _mapping.organization(str(ident), raw.get("Name") or ident, {"provider": "cognito"})


def _role(raw: Raw) -> Role:
    name = str(raw["GroupName"])
    return Role(slug=name, name=name, description=_mapping.text(raw.get("Description")))


def _membership(raw: Raw) -> Membership:
    return Membership(user=raw["user"], organization=raw["organization"], roles=tuple(raw["roles"]))
