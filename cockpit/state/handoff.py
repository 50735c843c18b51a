"""Connections as they go out: each with its organization, and how it stands at WorkOS."""

import sqlite3

from cockpit.connections import board
from cockpit.connections.handoff.tables import Outgoing
from cockpit.rules.lint import Finding
from cockpit.state import connections
from cockpit.state.connections import Home, Whole


def outgoing(connection: sqlite3.Connection, now: int) -> list[Outgoing]:
    """Every checked connection."""
    homes = connections.homes(connection)
    return [
        of(item, home(item, homes), now)
        for item in connections.whole(connection, connections.ids(connection))
    ]


def home(item: Whole, homes: dict[str, Home]) -> Home:
    """The organization it goes to: the source's; else one of its own, with its id and name."""
    if item.organization in homes:
        return homes[item.organization]
    made = item.connection
    ident = item.organization or made.source_id
    return Home(ident, made.organization_name or made.name, made.organization_target, ())


def of(item: Whole, where: Home, now: int) -> Outgoing:
    """One connection as it goes out."""
    verdict = item.verdict or "stop"
    return Outgoing(
        item.connection,
        verdict,
        now,
        where.source_id,
        where.name,
        where.target_id or "",
        item.target_id or "",
        item.callback_endpoint or "",
        board.CUTOVER[board.begins(verdict)],
    )


def findings(connection: sqlite3.Connection) -> dict[str, list[Finding]]:
    """What the last check found, by source id."""
    rows = connections.rows(connection, connections.ids(connection))
    return {row.source_id: connections.findings(connection, row.id) for row in rows}
