"""Stytch's organizations (B2B), and the roles of the project (RBAC policy) and of single organizations.

POST /v1/b2b/organizations/search pages by cursor; GET /v1/b2b/rbac/policy is one answer; the roles of one
organization are in its record (SDK stytch: Organization.custom_roles). Memberships are in the users' records.
A consumer project has none of these.
"""

import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing

from cockpit.clock import Clock
from cockpit.settings import Settings
from cockpit.sources import _mapping, _stytch_tenancy_mapping
from cockpit.sources._stytch_api import ORGS, POLICY, Found, project, searched, total
from cockpit.sources.base import Memo, Opener, Raw, Source, SourceError, Tenancy
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, quiet

AGAIN, OWN = "again ", "organizations"


class Organizations:
    """Organizations by cursor. `note` hears what it waits for."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.note: Note = quiet
        self._project = project(settings, clock, lambda text: self.note(text))
        self._b2b = self._project.b2b

    async def chains(self) -> Sequence[str]:
        """One of a B2B project."""
        return [""] if await self._project.is_b2b() else []

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000."""
        async with aclosing(self._search(cursor)) as pages:
            async for page in pages:
                items, size = page.answered.items("organization_id"), page.answered.size
                yield Page(chain, page.cursor, page.next_cursor, items, size=size, total=page.total)

    async def count(self) -> int | None:
        """results_metadata.total; None where totals are off."""
        if not await self._project.is_b2b():
            return 0
        return total(await self._b2b.records("POST", ORGS, "organizations", json={"limit": 1}))

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """All again, unless none is missing: where cursors end is not said of new organizations."""
        return [] if missing == 0 else [f"{AGAIN}{since}" for _ in await self.chains()]

    async def close(self) -> None:
        """Close the connections."""
        await self._project.close()

    def _search(self, cursor: str | None) -> AsyncGenerator[Found, None]:
        return searched(
            self._b2b, "organizations", lambda body: self._b2b.call("POST", ORGS, json=body), cursor
        )


class Permissions(Organizations):
    """What the policy lets be done to each resource, in one page. It tells no count."""

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """The policy's resources, an item for each action."""
        policy, size = await self._policy()
        items = [
            RawItem(f"{resource}:{action}", json.dumps({"resource_id": resource, "action": action}))
            for resource, actions in _resources(policy).items()
            for action in actions
            if action != _stytch_tenancy_mapping.ANY
        ]
        yield Page(chain, "", None, items, size=size)

    async def count(self) -> int | None:
        """None, but 0 of a consumer project."""
        return None if await self._project.is_b2b() else 0

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """None: it was read in a moment."""
        return []

    async def _policy(self) -> tuple[Raw, int]:
        reply = await self._b2b.call("GET", POLICY)
        policy = self._b2b.object_of(reply).get("policy")
        if not isinstance(policy, dict):
            raise SourceError(f"stytch: {POLICY} answered no policy; nothing was lost")
        return policy, len(reply.content)


class Roles(Permissions):
    """The project's roles, and those of organizations in a chain of their own."""

    async def chains(self) -> Sequence[str]:
        """Two of a B2B project."""
        return ["", OWN] if await self._project.is_b2b() else []

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """One page of the project's, or a page for each one of organizations."""
        policy, size = await self._policy()
        resources = _resources(policy)
        if not chain:
            roles = [_role(role, resources) for role in _mapping.dicts(policy.get("roles"))]
            yield Page(chain, "", None, roles, size=size)
            return
        async with aclosing(self._search(cursor)) as pages:
            async for page in pages:
                found = zip(page.answered.items("organization_id"), page.answered.found, strict=True)
                roles = [
                    _role(role, resources, item.id)
                    for item, organization in found
                    if item.id
                    for role in _mapping.dicts(organization.value.get("custom_roles"))
                ]
                yield Page(chain, page.cursor, page.next_cursor, roles, size=page.answered.size)


def _resources(policy: Raw) -> dict[str, tuple[str, ...]]:
    """The actions of each resource."""
    return {
        name: _mapping.texts(resource.get("actions"))
        for resource in _mapping.dicts(policy.get("resources"))
        if (name := _mapping.text(resource.get("resource_id")))
    }


def _role(role: Raw, resources: Mapping[str, Sequence[str]], organization: str | None = None) -> RawItem:
    """A role beside the organization that it is of, and all actions of the resources that it names."""
    named = {permission.get("resource_id") for permission in _mapping.dicts(role.get("permissions"))}
    known = {resource: actions for resource, actions in resources.items() if resource in named}
    body = {"role": role, "organization_id": organization, "resources": known}
    ident = _mapping.text(role.get("role_id"))
    return RawItem("/".join(filter(None, (organization, ident))) if ident else "", json.dumps(body))


def _opener(source: Callable[[Settings, Clock], Source]) -> Opener:
    async def open_source(settings: Settings, memo: Memo, clock: Clock) -> Source:
        return source(settings, clock)

    return open_source


TENANCY = Tenancy(
    map=_stytch_tenancy_mapping.mappers,
    open={
        "organization": _opener(Organizations),
        "permission": _opener(Permissions),
        "role": _opener(Roles),
    },
    inside=frozenset({"membership"}),
)
