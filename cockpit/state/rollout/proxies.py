"""Proxies: which there are, and which version of the routes each applies."""

import sqlite3
from collections.abc import Mapping
from typing import Literal, NamedTuple

from cockpit.state.rollout import routes

Mode = Literal["database", "snapshot", "openfeature"]
"""database: reads rollout.db on the same host. snapshot: asks a publisher. openfeature: the database's map,
another system's flags."""

DELAYS: Mapping[Mode, str] = {
    "database": "next request, at most 25 ms",
    "snapshot": "one way to the publisher, which answers at once: some 50 ms and the network",
    "openfeature": "the flag system's own delay, then at most 0.5 s; flagd's file: 0.7 s",
}
"""How long after a commit a proxy of each mode routes by it."""

ALIVE_MS = 30_000
"""Proxies report every second or so; one not seen for this long is not counted."""


class Proxy(NamedTuple):
    """One proxy. Times are ms: since when it applies its version, when it was seen last."""

    name: str
    mode: Mode
    version: int
    since: int
    seen_at: int


class Confirmation(NamedTuple):
    """How far a change has come: proxies that apply the newest version, and those still to."""

    version: int
    confirmed: list[Proxy]
    waiting: list[Proxy]

    def __str__(self) -> str:
        """For the kill screen."""
        total = len(self.confirmed) + len(self.waiting)
        return f"{len(self.confirmed)} of {total} proxies confirmed" if total else "no proxy reports"


def report(connection: sqlite3.Connection, name: str, mode: Mode, version: int, now: int) -> None:
    """A proxy says what it applies."""
    connection.execute(
        "insert into proxies(name, mode, version, since, seen_at) values(?, ?, ?, ?4, ?4) "
        "on conflict do update set mode = excluded.mode, seen_at = excluded.seen_at, "
        "version = excluded.version, "
        "since = case when version = excluded.version then since else excluded.since end",
        (name, mode, version, now),
    )


def leave(connection: sqlite3.Connection, name: str) -> None:
    """A proxy ends."""
    connection.execute("delete from proxies where name = ?", (name,))


def alive(connection: sqlite3.Connection, now: int) -> list[Proxy]:
    """Those seen lately, by name."""
    rows = connection.execute(
        "select name, mode, version, since, seen_at from proxies where seen_at > ? order by name",
        (now - ALIVE_MS,),
    ).fetchall()
    return [Proxy(*row) for row in rows]


def confirmation(connection: sqlite3.Connection, now: int) -> Confirmation:
    """Who applies the newest change of the routes, as far as proxies have said."""
    version = routes.version(connection)
    all_of_them = alive(connection, now)
    return Confirmation(
        version,
        [proxy for proxy in all_of_them if proxy.version >= version],
        [proxy for proxy in all_of_them if proxy.version < version],
    )
