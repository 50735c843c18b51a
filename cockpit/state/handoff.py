"""Connections as they go out: each with its organization, and how it stands at WorkOS."""

import sqlite3
from collections.abc import Mapping

from cockpit.connections import board
from cockpit.connections.board import Column
from cockpit.connections.handoff.tables import Outgoing
from cockpit.rules.lint import Finding
from cockpit.state import connections
from cockpit.state.connections import Home, Whole


def outgoing(connection: sqlite3.Connection, now: int, moved: Mapping[str, Column]) -> list[Outgoing]:
    """Every checked connection. `moved`: the columns of those that were moved on the rollout board."""
    homes = connections.homes(connection)
    return [
        of(item, home(item, homes), now, moved)
        for item in connections.whole(connection, connections.ids(connection))
    ]


def home(item: Whole, homes: dict[str, Home]) -> Home:
    """The organization it goes to: the source's; else one of its own, with its id and name."""
    if item.organization in homes:
        return homes[item.organization]
    made = item.connection
    ident = item.organization or made.source_id
    return Home(ident, made.organization_name or made.name, made.organization_target, ())


def of(item: Whole, where: Home, now: int, moved: Mapping[str, Column]) -> Outgoing:
    """One connection as it goes out."""
    verdict = item.verdict or "stop"
    column = moved.get(item.connection.source_id, board.begins(verdict))
    return Outgoing(
        item.connection,
        verdict,
        now,
        where.source_id,
        where.name,
        where.target_id or "",
        item.target_id or "",
        item.callback_endpoint or "",
        board.CUTOVER[column],
    )


def findings(connection: sqlite3.Connection) -> dict[str, list[Finding]]:
    """What the last check found, by source id."""
    rows = connections.rows(connection, connections.ids(connection))
    return {row.source_id: connections.findings(connection, row.id) for row in rows}
