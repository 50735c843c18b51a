"""Tenants of Identity Platform as organizations, their users' memberships, and roles from a custom claim."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from cockpit.records import Membership, Organization
from cockpit.rules.mask import printable
from cockpit.sources import _mapping
from cockpit.sources._api import Api
from cockpit.sources.base import Mappers, MappingContext, Memo, Raw
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, Response, quiet

PAGE = 100
AGAIN = "again "
CLAIM = "firebase.roles_claim"
"""What the export remembers of the setting roles_claim."""
_WARNING = "firebase.warning:tenants"
_SECRET = "hashConfig"
"""A tenant's signer key is remembered apart, where `purge` finds it."""


class TenantSource:
    """GET /v2/projects/PROJECT/tenants; none where the project has no Identity Platform, which it says."""

    def __init__(
        self,
        api: Api,
        project: str,
        memo: Memo,
        message: Callable[[Response], str],
        close: Callable[[], Awaitable[None]],
    ) -> None:
        self.note: Note = quiet
        self._api, self._project, self._memo = api, project, memo
        self._message, self._close = message, close

    async def chains(self) -> Sequence[str]:
        """One."""
        return [""]

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages of 100."""
        token = cursor or ""
        while True:
            query = {"pageSize": str(PAGE)} | ({"pageToken": token} if token else {})
            response = await self._api.call("GET", f"/v2/projects/{self._project}/tenants", params=query)
            if not response.is_success:
                # A project without Identity Platform has no tenants to list and answers with an error.
                told = printable(f"no tenants read: {self._message(response)}")
                await self._memo.put(_WARNING, told)
                yield Page(chain, token, None, [])
                return
            if self._memo.get(_WARNING) is not None:
                await self._memo.put(_WARNING, None)
            answered = self._api.records_of(response, "tenants")
            following = answered.others.get("nextPageToken") or None
            items = [_item(tenant.value) for tenant in answered.found]
            yield Page(chain, token, following, items, size=answered.size)
            if following is None:
                return
            token = str(following)

    async def count(self) -> int | None:
        """None: the API tells no number."""
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        """All of them again, since a list by pages shows none that came before its place."""
        return [f"{AGAIN}{since}"]

    async def close(self) -> None:
        """Close the connections."""
        await self._close()

    async def ids(self) -> list[str]:
        """The ids of all tenants."""
        return [item.id async for page in self.pages("", None) for item in page.items if item.id]


def _item(tenant: Any) -> RawItem:
    told = dict(tenant) if isinstance(tenant, dict) else {}
    told.pop(_SECRET, None)
    return RawItem(_ident(told), json.dumps(told, ensure_ascii=False))


def _ident(tenant: Mapping[str, Any]) -> str:
    """The last part of projects/PROJECT/tenants/ID."""
    return str(tenant.get("name") or "").rpartition("/")[2]


def mappers(context: MappingContext) -> Mappers:
    """Tenants, and the membership that a tenant's user has."""
    claim = context.facts.get(CLAIM)

    def of_user(raw: Raw) -> Iterator[Membership]:
        tenant, ident = _mapping.text(raw.get("tenantId")), raw.get("localId")
        if tenant:
            yield Membership(user=f"{tenant}/{ident}", organization=tenant, roles=roles(raw, claim))

    return Mappers(organization=_organization, of_user=of_user)


def _organization(raw: Raw) -> Organization:
    if not (ident := _ident(raw)):
        raise ValueError("no name")
    return _mapping.organization(ident, raw.get("displayName"), {"provider": "firebase"})


def roles(raw: Mapping[str, Any], claim: str | None) -> tuple[str, ...]:
    """The roles that a claim names: a text, a list, an object of flags, or itself where it is a flag."""
    named = claims(raw.get("customAttributes")).get(claim) if claim else None
    match named:
        case True:
            return (str(claim),)
        case dict():
            return tuple(str(name) for name, held in named.items() if held is True)
        case list():
            return tuple(dict.fromkeys(_mapping.texts(named)))
        case _:
            return tuple(filter(None, [_mapping.text(named)]))


def claims(value: Any) -> dict[str, Any]:
    """customAttributes, which are an object written as text; {} for anything else."""
    try:
        found = json.loads(value) if isinstance(value, str) else None
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
