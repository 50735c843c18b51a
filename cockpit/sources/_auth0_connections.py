"""Auth0's enterprise connections, each with the organizations it is enabled for.

GET /connections by checkpoint. Only an organization tells which connections are enabled for it
(GET /organizations/{id}/enabled_connections, by offset), so organizations are gone through first.
"""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any
from urllib.parse import quote

from cockpit.clock import Clock
from cockpit.settings import Settings
from cockpit.sources import _auth0_connection_mapping as mapping
from cockpit.sources import _mapping
from cockpit.sources._auth0_tenancy import (
    ORGANIZATIONS,
    ORGANIZATIONS_PER_60S,
    OTHERS_PER_60S,
    TAKE,
    Part,
    checkpoints,
)  # fmt: skip
from cockpit.sources.base import Connections, Memo, Source
from cockpit.terms import Page, RawItem

CONNECTIONS = "/api/v2/connections"
CONNECTIONS_PER_60S = 50
STRATEGIES = (*mapping.SAML, *mapping.OIDC, mapping.WAAD, *mapping.OTHERS)
USERS = "auth0.connections.organizations"
"""Memo: which organizations use which connection, and the checkpoint that this was read to."""


class EnterpriseConnections(Part):
    """Connections with the strategies of enterprises. What organizations tell is kept as it comes."""

    def __init__(self, settings: Settings, memo: Memo, clock: Clock) -> None:
        super().__init__(settings, memo, clock)
        scopes = "read:connections and read:connections_options"
        self._connections = self._tenant.api(scopes, CONNECTIONS_PER_60S)
        self._organizations = self._tenant.api("read:organizations", ORGANIZATIONS_PER_60S)
        self._enabled = self._tenant.api("read:organization_connections", OTHERS_PER_60S)

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Pages by checkpoint; the first one waits until all organizations were asked."""
        users = await self._users(anew=cursor is None)
        query = {"take": TAKE, "strategy": list(STRATEGIES)}
        found = checkpoints(self._connections, CONNECTIONS, "connections", query, cursor or "")
        async with aclosing(found) as pages:
            async for page in pages:
                items = []
                for connection in page.answered.found:
                    value = connection.value if isinstance(connection.value, dict) else {}
                    ident = value.get("id")
                    ident = ident if isinstance(ident, str) else ""
                    organizations = json.dumps(users.get(ident, []))
                    body = f'{{"connection":{connection.text},"organizations":{organizations}}}'
                    items.append(RawItem(ident, body))
                yield Page(chain, page.cursor, page.next, items, size=page.answered.size)

    async def _users(self, *, anew: bool) -> Mapping[str, list[str]]:
        """The organizations of each connection; from where an earlier run got to, unless it is done."""
        kept = json.loads(self._memo.get(USERS) or "{}")
        if anew and kept.get("next", "") is None:
            kept = {}
        users: dict[str, list[str]] = kept.get("users", {})
        at: str | None = kept.get("next", "")
        if at is None:
            return users
        query: dict[str, Any] = {"take": TAKE, "sort": "created_at:1"}
        found = checkpoints(self._organizations, ORGANIZATIONS, "organizations", query, at)
        async with aclosing(found) as pages:
            async for page in pages:
                for organization in page.answered.found:
                    ident = organization.value.get("id") if isinstance(organization.value, dict) else None
                    if isinstance(ident, str):
                        for connection in await self._enabled_for(ident):
                            users[connection] = list(dict.fromkeys([*users.get(connection, []), ident]))
                await self._memo.put(USERS, json.dumps({"next": page.next, "users": users}))
        return users

    async def _enabled_for(self, organization: str) -> list[str]:
        path = f"{ORGANIZATIONS}/{quote(organization, safe='')}/enabled_connections"
        found: list[str] = []
        number, more = 0, True
        while more:
            query = {"page": number, "per_page": TAKE, "include_totals": "true"}
            response = await self._enabled.call("GET", path, params=query)
            if response.status_code == 404:  # it was deleted meanwhile
                return []
            page = self._enabled.records_of(response, "enabled_connections").found
            found += [ident for one in page if (ident := _enterprise(one.value))]
            number, more = number + 1, len(page) == TAKE
        return found


def _enterprise(value: Any) -> str | None:
    """The id of an enterprise's connection: nearly every organization has the database's too."""
    found = value if isinstance(value, dict) else {}
    strategy = _mapping.text(_mapping.inner(found, "connection").get("strategy"))
    return _mapping.text(found.get("connection_id")) if strategy in (None, *STRATEGIES) else None


async def open_connections(settings: Settings, memo: Memo, clock: Clock) -> Source:
    """The tenant's connections, ready to read; nothing is sent yet. Raises SettingsError."""
    return EnterpriseConnections(settings, memo, clock)


SSO = Connections(open=open_connections, map=mapping.mapper)
