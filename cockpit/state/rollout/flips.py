"""Flips: each connection's way to WorkOS as a row, and the transaction in which its logins change sides."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cockpit.connections.board import Column
from cockpit.rollout import flip
from cockpit.rollout.flip import FlipRefused, Stage
from cockpit.rollout.route import AT_WORKOS
from cockpit.state.rollout import audit, routes
from cockpit.state.rollout.audit import Actor

_COLUMNS = (
    "id, connection, wave, before, after, stage, operator, why, passed, version, started_at, flipped_at, "
    "ended_at, detail"
)


@dataclass(frozen=True, slots=True)
class Flip:
    """One flip. Times are ms; `version` is that of the routes from which on it counts.

    `wave`: the one it belongs to, None for a flip by itself. `passed`: gates that were overridden.
    `detail`: what it waits for, or why it ended.
    """

    id: int
    connection: str
    wave: str | None
    before: Column
    after: Column
    stage: Stage
    operator: str
    why: str | None
    passed: frozenset[str]
    version: int | None
    started_at: int
    flipped_at: int | None
    ended_at: int | None
    detail: str | None


def arm(
    connection: sqlite3.Connection,
    ident: str,
    operator: str,
    now: int,
    *,
    wave: str | None = None,
    why: str | None = None,
    passed: Iterable[str] = (),
) -> int:
    """A person says that a connection goes to WorkOS; nothing moves yet. Returns the flip's id.

    Raises FlipRefused while another flip of it is under way or where it is there already, KeyError for an
    unknown connection.
    """
    before = routes.one(connection, ident).described.route.column
    if before in AT_WORKOS:
        raise FlipRefused(f"{ident} is {before}: its logins go to WorkOS already")
    if (present := newest(connection, ident)) is not None and present.stage in flip.OPEN:
        raise FlipRefused(f"a flip of {ident} is {present.stage} already")
    names = " ".join(sorted(passed))
    made = connection.execute(
        "insert into flips(connection, wave, before, after, stage, operator, why, passed, started_at) "
        "values(?, ?, ?, 'canary', 'armed', ?, ?, ?, ?)",
        (ident, wave, before, operator, why, names, now),
    ).lastrowid
    audit.record(connection, Actor(operator), "flip.arm", ident, now, before=before, after="armed", why=why)
    if names:
        audit.record(connection, Actor(operator), "gate.override", ident, now, before=names, why=why)
    return made or 0


def begin(connection: sqlite3.Connection, number: int, now: int) -> int:
    """Move the logins of an armed flip, in the name of the person who armed it; returns the routes' version.

    Raises FlipRefused for one that is not armed any more: somebody took it back.
    """
    found = get(connection, number)
    flip.after(found.stage, "flipping")
    routes.move(connection, {found.connection: found.after}, Actor(found.operator), now, why=found.why)
    version = routes.version(connection)
    connection.execute(
        "update flips set stage = 'flipping', flipped_at = ?, version = ?, detail = null where id = ?",
        (now, version, number),
    )
    return version


def confirm(connection: sqlite3.Connection, number: int) -> None:
    """Every proxy has it: from now on it waits for sign-ins. Raises FlipRefused."""
    flip.after(get(connection, number).stage, "verifying")
    connection.execute("update flips set stage = 'verifying' where id = ?", (number,))


def prove(connection: sqlite3.Connection, number: int, actor: Actor, now: int, why: str) -> None:
    """Real sign-ins succeeded: it is live, and no canary any more. Raises FlipRefused, MoveRefused."""
    found = get(connection, number)
    flip.after(found.stage, "live")
    routes.move(connection, {found.connection: "workos"}, actor, now, why=why)
    connection.execute(
        "update flips set stage = 'live', ended_at = ?, detail = ? where id = ?", (now, why, number)
    )


def wait(connection: sqlite3.Connection, number: int, why: str | None) -> None:
    """Say what an open flip waits for."""
    connection.execute("update flips set detail = ? where id = ? and detail is not ?", (why, number, why))


def take_back(
    connection: sqlite3.Connection,
    idents: Sequence[str],
    actor: Actor,
    now: int,
    why: str,
    *,
    hard: bool = False,
) -> list[str]:
    """Give the logins of connections back to legacy, and end their flips; returns those that moved.

    One that never was at WorkOS is held too, so that no wave takes it along; a manual one stays what it is.
    Raises KeyError for an unknown connection.
    """
    before = {ident: routes.one(connection, ident).described.route.column for ident in idents}
    held: dict[str, Column] = {ident: "held" for ident, column in before.items() if column != "manual"}
    routes.move(connection, held, actor, now, why=why, hard=hard)
    for ident in idents:
        found = newest(connection, ident)
        if found is None:
            continue
        to = flip.taken_back(found.stage, by_person=actor.person)
        if to != found.stage:
            connection.execute(
                "update flips set stage = ?, ended_at = ?, detail = ? where id = ?",
                (to, now, why, found.id),
            )
    return [ident for ident in held if before[ident] in AT_WORKOS]


def disarm(connection: sqlite3.Connection, number: int, actor: Actor, now: int) -> None:
    """An armed flip does not go. Raises FlipRefused."""
    found = get(connection, number)
    flip.after(found.stage, "cancelled")
    connection.execute("update flips set stage = 'cancelled', ended_at = ? where id = ?", (now, number))
    audit.record(connection, actor, "flip.cancel", found.connection, now, before="armed", after="cancelled")


def cancel_armed(connection: sqlite3.Connection, now: int, why: str, wave: str | None = None) -> int:
    """Disarm what has not moved yet, everywhere or in one wave; returns how many."""
    return connection.execute(
        "update flips set stage = 'cancelled', ended_at = ?1, detail = ?2 "
        "where stage = 'armed' and (?3 is null or wave = ?3)",
        (now, why, wave),
    ).rowcount


def get(connection: sqlite3.Connection, number: int) -> Flip:
    """A flip by its id, which must be one."""
    return _flip(connection.execute(f"select {_COLUMNS} from flips where id = ?", (number,)).fetchone())


def newest(connection: sqlite3.Connection, ident: str) -> Flip | None:
    """The newest flip of a connection."""
    row = connection.execute(
        f"select {_COLUMNS} from flips where connection = ? order by id desc limit 1", (ident,)
    ).fetchone()
    return _flip(row) if row else None


def newest_of_all(connection: sqlite3.Connection) -> dict[str, Flip]:
    """The newest flip of each connection that ever had one."""
    rows = connection.execute(
        f"select {_COLUMNS} from flips where id in (select max(id) from flips group by connection)"
    ).fetchall()
    return {found.connection: found for found in map(_flip, rows)}


def history(connection: sqlite3.Connection, ident: str | None = None, limit: int = 100) -> list[Flip]:
    """The newest flips (of one connection), newest first."""
    rows = connection.execute(
        f"select {_COLUMNS} from flips where ?1 is null or connection = ?1 order by id desc limit ?2",
        (ident, limit),
    ).fetchall()
    return [*map(_flip, rows)]


def last_flipped_at(connection: sqlite3.Connection) -> int | None:
    """When logins were last moved forward (ms)."""
    row: tuple[int | None] = connection.execute("select max(flipped_at) from flips").fetchone()
    return row[0]


def _flip(row: Sequence[Any]) -> Flip:
    return Flip(*(*row[:8], frozenset(row[8].split()), *row[9:]))
