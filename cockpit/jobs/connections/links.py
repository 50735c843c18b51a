"""Links to the Admin Portal: made when asked for, shown once, kept nowhere."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.settings import Settings
from cockpit.state import audit, connections, handoff, meta
from cockpit.state.connections import Home
from cockpit.state.database import open_state, transaction
from cockpit.workos import client, limiter

LIFE_S = 300
"""WorkOS's documentation: a link is good for five minutes, and is not to be sent by e-mail."""


class NoLink(Exception):
    """No link for this connection; one line says why and what to do."""


@dataclass(frozen=True)
class Link:
    """A link and when it ends (seconds since the epoch)."""

    connection: str
    organization: str
    url: str
    expires_at: float


async def make(state: Path, settings: Settings, key: str, *, operator: str, clock: Clock) -> Link:
    """A link for the connection of that id or name.

    Raises NoLink, SettingsError, BindingError, KeyRefused, TransportError, StateError.
    """
    ident, home = _chosen(state, settings, key)
    workos = client.connect(settings.target, limiter.published(clock, settings.target), clock)
    try:
        organization = home.target_id
        if organization is None:
            found = await workos.organization_by_external_id(home.source_id)
            if found.verdict != "ok" or found.data is None:
                raise NoLink(f"its organization {home.name} is not at WorkOS; cockpit orgs import first")
            organization = str(found.data["id"])
        asked = clock.now()
        reply = await workos.portal_link(json.dumps({"organization": organization, "intent": "sso"}))
    finally:
        await workos.close()
    if reply.verdict != "ok" or reply.data is None:
        raise NoLink(f"WorkOS made no link: HTTP {reply.status}, {reply.message}")
    connection = open_state(state)
    try:
        with transaction(connection):
            now = millis(clock.now())
            audit.record(connection, operator, "connections.link", ident, now, after=organization)
    finally:
        connection.close()
    return Link(ident, home.name, str(reply.data["link"]), asked + LIFE_S)


def _chosen(state: Path, settings: Settings, key: str) -> tuple[str, Home]:
    connection = open_state(state)
    try:
        with transaction(connection):
            if settings.target.api_key is not None:
                secret = settings.target.api_key.get_secret_value()
                meta.bind_target(connection, settings.target.base_url, secret)
            return _home(connection, key)
    finally:
        connection.close()


def _home(connection: sqlite3.Connection, key: str) -> tuple[str, Home]:
    ident = connections.find(connection, key)
    found = connections.whole(connection, [ident]) if ident is not None else []
    if not found:
        raise NoLink(f"no checked connection {key!r}; see: cockpit connections list")
    item = found[0]
    return item.connection.source_id, handoff.home(item, connections.homes(connection))
