"""Descope's tenants, roles and permissions: each kind in one answer without pages, read as it comes.

GET /v1/mgmt/tenant/all, role/all and permission/all (descope, MgmtV1). Memberships are in the users' records.
"""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, NamedTuple

from cockpit.clock import Clock
from cockpit.records import Organization, Permission, Role
from cockpit.settings import Settings
from cockpit.sources import _descope_mapping, _mapping
from cockpit.sources._api import Api
from cockpit.sources._slices import Slice
from cockpit.sources._streamed import Elements
from cockpit.sources.base import Mappers, MappingContext, Memo, Opener, Raw, Source, SourceError, Tenancy
from cockpit.terms import Kind, Page, RawItem
from cockpit.transport import Allow, Note, quiet

LIMIT = 1000
AGAIN = "again "

Connect = Callable[[Settings, Clock, Note], Api]


class Answer(NamedTuple):
    """Where all of a kind is, and what tells one of them from the others ("" where nothing does)."""

    path: str
    key: str
    ident: Callable[[Mapping[str, Any]], str]


def _role_id(role: Mapping[str, Any]) -> str:
    name, tenant = role.get("name") or "", role.get("tenantId")
    return f"{tenant}/{name}" if tenant and name else str(name)


ANSWERS: Mapping[Kind, Answer] = {
    "organization": Answer("/v1/mgmt/tenant/all", "tenants", lambda tenant: str(tenant.get("id") or "")),
    "permission": Answer("/v1/mgmt/permission/all", "permissions", lambda one: str(one.get("name") or "")),
    "role": Answer("/v1/mgmt/role/all", "roles", _role_id),
}
ALLOWED = [Allow("GET", answer.path) for answer in ANSWERS.values()]


class WholeAnswer:
    """One answer cut into pages while it comes; a cursor is how many records came before.

    In what order they come nobody promises, so that the count decides whether all were seen.
    """

    def __init__(self, answer: Answer, connect: Connect, settings: Settings, clock: Clock) -> None:
        self.note: Note = quiet
        self._answer = answer
        self._api = connect(settings, clock, lambda text: self.note(text))

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 1,000; those before the cursor are passed over."""
        start, place = int(cursor or 0), 0
        begun, items = start, list[RawItem]()
        async with aclosing(self._records()) as records:
            async for record in records:
                if len(items) == LIMIT:
                    yield _page(chain, begun, str(place), items)
                    begun, items = place, []
                place += 1
                if place > start:
                    items.append(RawItem(self._answer.ident(record.value), record.text))
        yield _page(chain, begun, None, items)

    async def count(self) -> int | None:
        """How many the answer has."""
        async with aclosing(self._records()) as records:
            return sum([1 async for _ in records])

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """The answer again, where it has more than were seen."""
        return [f"{AGAIN}{since}"] if missing else []

    async def close(self) -> None:
        """Close the connections."""
        await self._api.close()

    async def _records(self) -> AsyncGenerator[Slice, None]:
        elements = Elements(self._answer.key)
        try:
            async with aclosing(self._api.stream("GET", self._answer.path)) as pieces:
                async for piece in pieces:
                    for record in elements.feed(piece):
                        yield record
            elements.end()
        except ValueError as error:
            raise SourceError(
                f"descope: {self._answer.path} answered what is not JSON ({error}); nothing was lost, "
                "the same command resumes"
            ) from None


def _page(chain: str, start: int, following: str | None, items: list[RawItem]) -> Page:
    return Page(chain, str(start or ""), following, items, size=sum(len(item.body) for item in items))


def tenancy(connect: Connect) -> Tenancy:
    """What Descope has beside users, through this connection."""

    def opener(answer: Answer) -> Opener:
        async def open_answer(settings: Settings, memo: Memo, clock: Clock) -> Source:
            return WholeAnswer(answer, connect, settings, clock)

        return open_answer

    return Tenancy(
        map=mappers,
        open={kind: opener(answer) for kind, answer in ANSWERS.items()},
        inside=frozenset({"membership"}),
    )


def mappers(context: MappingContext) -> Mappers:
    """Tenants, roles, permissions, and the memberships in users' records."""
    keys = context.mapping.metadata

    def organization(raw: Raw) -> Organization:
        warnings: list[str] = []
        metadata = {"provider": "descope"}
        if keys:
            _mapping.chosen(keys, (raw.get("customAttributes"),), metadata, warnings)
        domains = _mapping.texts(raw.get("selfProvisioningDomains"))
        return _mapping.organization(str(raw["id"]), raw.get("name"), metadata, warnings, domains=domains)

    return Mappers(
        organization=organization,
        permission=_permission,
        role=_role,
        of_user=_descope_mapping.memberships,
    )


def _permission(raw: Raw) -> Permission:
    name = str(raw["name"])
    return Permission(slug=name, name=name, description=_mapping.text(raw.get("description")))


def _role(raw: Raw) -> Role:
    name, tenant = str(raw["name"]), raw.get("tenantId")
    return Role(
        slug=name,
        name=name,
        description=_mapping.text(raw.get("description")),
        permissions=_mapping.texts(raw.get("permissionNames")),
        organization=str(tenant) if tenant else None,
    )
