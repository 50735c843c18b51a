"""What a person saw with their own eyes of a connection, such as its session in the dashboard."""

import sqlite3
from typing import NamedTuple

from cockpit.state.rollout import audit
from cockpit.state.rollout.audit import Actor


class Tick(NamedTuple):
    """Who saw it, when (ms), and a note."""

    operator: str
    at: int
    note: str | None


def tick(
    connection: sqlite3.Connection, ident: str, what: str, operator: str, now: int, note: str | None = None
) -> None:
    """Record that somebody saw it; a later word replaces the one before, the audit trail has both."""
    connection.execute(
        "insert into ticks(connection, what, operator, at, note) values(?, ?, ?, ?, ?) "
        "on conflict do update set operator = excluded.operator, at = excluded.at, note = excluded.note",
        (ident, what, operator, now, note),
    )
    audit.record(connection, Actor(operator), f"tick.{what}", ident, now, why=note)


def of(connection: sqlite3.Connection, ident: str) -> dict[str, Tick]:
    """What was seen of a connection."""
    rows = connection.execute(
        "select what, operator, at, note from ticks where connection = ?", (ident,)
    ).fetchall()
    return {what: Tick(*rest) for what, *rest in rows}
