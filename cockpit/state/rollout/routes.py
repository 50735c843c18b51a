"""Routes, and the one way to move one: what a person took back, nothing but a person puts forward again."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cockpit.connections.board import COLUMNS, Column
from cockpit.rollout.route import AT_WORKOS, Delivery, Route, RouteTable
from cockpit.state.rollout import audit
from cockpit.state.rollout.audit import Actor

_ROUTE = (
    "connection, protocol, board, organization, target_id, callback_endpoint, callback_url, issuer, "
    "delivery, hard"
)


class NotThere(Exception):
    """No connection of that name is on the board; the message says where to look."""


class MoveRefused(Exception):
    """A route may not move so; the message says why."""


@dataclass(frozen=True, slots=True)
class Described:
    """A route with what the board shows beside it. Times are ms; `domains` are joined by ";"."""

    route: Route
    name: str = ""
    idp: str | None = None
    users: int = 0
    certificate_until: int | None = None
    domains: str = ""


@dataclass(frozen=True, slots=True)
class BoardRow:
    """One line of the board."""

    described: Described
    moved_by: str | None
    moved_at: int | None
    by_person: bool
    why: str | None


def version(connection: sqlite3.Connection) -> int:
    """The number of the newest change of any route; cheap enough to ask on each request (3 us)."""
    row: tuple[int] = connection.execute("select n from route_version").fetchone()
    return row[0]


def table(connection: sqlite3.Connection) -> RouteTable:
    """All routes as the proxy uses them."""
    connection.execute("begin")
    try:
        number = version(connection)
        rows = connection.execute(f"select {_ROUTE} from routes").fetchall()
    finally:
        connection.execute("rollback")
    return RouteTable.of(number, (_route(row) for row in rows))


def board(connection: sqlite3.Connection) -> list[BoardRow]:
    """All routes as people see them, by organization."""
    return _board(connection, "order by organization, connection")


def one(connection: sqlite3.Connection, ident: str) -> BoardRow:
    """One line of the board. Raises KeyError for an unknown connection."""
    found = _board(connection, "where connection = ?", ident)
    if not found:
        raise KeyError(ident)
    return found[0]


def named(connection: sqlite3.Connection, key: str) -> str:
    """The connection of that id, that id at WorkOS, or that name where it is alone. Raises NotThere."""
    found = connection.execute(
        "select connection, connection = ?1 or target_id = ?1 from routes "
        "where connection = ?1 or target_id = ?1 or name = ?1 order by 2 desc, connection limit 2",
        (key,),
    ).fetchall()
    if not found or (len(found) > 1 and not found[0][1]):
        raise NotThere(f"no connection {key!r}, or several of that name; see: cockpit rollout board")
    return str(found[0][0])


def _board(connection: sqlite3.Connection, tail: str, *values: str) -> list[BoardRow]:
    rows = connection.execute(
        f"select {_ROUTE}, name, idp, users, certificate_until, domains, moved_by, moved_at, by_person, why "
        f"from routes {tail}",
        values,
    ).fetchall()
    return [
        BoardRow(Described(_route(row[:10]), *row[10:15]), row[15], row[16], bool(row[17]), row[18])
        for row in rows
    ]


def counts(connection: sqlite3.Connection) -> dict[Column, int]:
    """Connections by column."""
    found: dict[Column, int] = dict(
        connection.execute("select board, count(*) from routes group by board").fetchall()
    )
    return {column: found.get(column, 0) for column in COLUMNS}


def moved(connection: sqlite3.Connection) -> dict[str, Column]:
    """The columns of the connections that were ever moved."""
    return dict(
        connection.execute("select connection, board from routes where moved_at is not null").fetchall()
    )


def describe(connection: sqlite3.Connection, found: Iterable[Described]) -> int:
    """Take over what is known of connections; returns how many are new or changed.

    A new one begins as manual or legacy. Of a known one the column stays, but for one that was never
    moved: it goes between manual and legacy as its verdict does. Nothing here moves a login.
    """
    changed = 0
    for item in found:
        route = item.route
        changed += connection.execute(
            "insert into routes(connection, protocol, board, organization, target_id, callback_endpoint, "
            "callback_url, issuer, name, idp, users, certificate_until, domains) "
            "values(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do update set "
            "protocol = excluded.protocol, organization = excluded.organization, "
            "target_id = excluded.target_id, callback_endpoint = excluded.callback_endpoint, "
            "callback_url = excluded.callback_url, issuer = excluded.issuer, name = excluded.name, "
            "idp = excluded.idp, users = excluded.users, certificate_until = excluded.certificate_until, "
            "domains = excluded.domains, board = case when moved_at is null and excluded.board in "
            "('manual','legacy') then excluded.board else board end "
            "where (protocol, organization, target_id, callback_endpoint, callback_url, issuer, name, idp, "
            "users, certificate_until, domains) is not (excluded.protocol, excluded.organization, "
            "excluded.target_id, excluded.callback_endpoint, excluded.callback_url, excluded.issuer, "
            "excluded.name, excluded.idp, excluded.users, excluded.certificate_until, excluded.domains) "
            "or (moved_at is null and board <> excluded.board)",
            (
                route.connection,
                route.protocol,
                "manual" if route.column == "manual" else "legacy",
                route.organization,
                route.target_id,
                route.callback_endpoint,
                route.callback_url,
                route.issuer,
                item.name,
                item.idp,
                item.users,
                item.certificate_until,
                item.domains,
            ),
        ).rowcount
    if changed:
        _changed(connection)
    return changed


def move(
    connection: sqlite3.Connection,
    moves: Mapping[str, Column],
    actor: Actor,
    now: int,
    *,
    why: str | None = None,
    hard: bool = False,
) -> dict[str, Column]:
    """Put connections into columns, all or none, each audited; returns the columns they were in.

    `hard`: of those taken back, even the logins under way at WorkOS end in legacy.
    Only a person moves logins to WorkOS; a rule may take them back (held), or call a canary proven.
    Raises MoveRefused, KeyError for an unknown connection.
    """
    before = _columns(connection, [*moves])
    for ident, column in moves.items():
        was = before[ident]
        taken_back = hard and column not in AT_WORKOS
        if column == was and not taken_back:
            continue
        if column in AT_WORKOS and was not in AT_WORKOS and not actor.person:
            raise MoveRefused(f"{ident} is {was}: only a person sends its logins to WorkOS")
        connection.execute(
            "update routes set board = ?, moved_by = ?, moved_at = ?, by_person = ?, why = ?, hard = ? "
            "where connection = ?",
            (column, actor.name, now, actor.person, why, taken_back, ident),
        )
        after = f"{column}, hard" if taken_back else column
        audit.record(connection, actor, "route.move", ident, now, before=was, after=after, why=why)
    _changed(connection)
    return before


def deliver_by(
    connection: sqlite3.Connection, ident: str, delivery: Delivery, actor: Actor, now: int
) -> None:
    """Send a connection's browsers to WorkOS this way. Raises KeyError for an unknown connection."""
    row = connection.execute("select delivery from routes where connection = ?", (ident,)).fetchone()
    if row is None:
        raise KeyError(ident)
    connection.execute("update routes set delivery = ? where connection = ?", (delivery, ident))
    audit.record(connection, actor, "route.delivery", ident, now, before=row[0], after=delivery)
    _changed(connection)


def at_workos(connection: sqlite3.Connection) -> list[str]:
    """The connections whose logins go to WorkOS now."""
    rows = connection.execute("select connection from routes where board in ('canary', 'workos')").fetchall()
    return [ident for (ident,) in rows]


def killed_since(connection: sqlite3.Connection, since: int) -> list[str]:
    """Those held since then (ms), of which logins may still be under way at WorkOS."""
    rows = connection.execute(
        "select connection from routes where board = 'held' and moved_at >= ?", (since,)
    ).fetchall()
    return [ident for (ident,) in rows]


def _route(row: Sequence[Any]) -> Route:
    return Route(*(*row[:9], bool(row[9])))


def _columns(connection: sqlite3.Connection, wanted: Sequence[str]) -> dict[str, Column]:
    found: dict[str, Column] = {}
    for ident in wanted:
        row = connection.execute("select board from routes where connection = ?", (ident,)).fetchone()
        if row is None:
            raise KeyError(ident)
        found[ident] = row[0]
    return found


def _changed(connection: sqlite3.Connection) -> None:
    connection.execute("update route_version set n = n + 1")
