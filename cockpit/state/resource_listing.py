"""What a diff lists of both sides beside users, in temporary tables of the diff's own connection."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cockpit.terms import Kind, OpState

RANGE = 20_000
"""Ids compared in one query, so that no lock and no result is large."""


class Known(NamedTuple):
    """A resource of the state as a diff needs it."""

    id: int
    request: str | None
    state: OpState


class Judged(NamedTuple):
    """A resource to move, and how the target listed it (None: not at all)."""

    id: int
    source_id: str
    label: str | None
    state: OpState
    user: str | None
    organization: str | None
    request: str | None
    target_id: str | None
    theirs: str | None
    left_out: bool


class Extra(NamedTuple):
    """What the target has and we did not bring. `label` is its name, or the user's id of a membership."""

    external_id: str | None
    label: str | None
    target_id: str


def create(connection: sqlite3.Connection) -> None:
    """Empty listings."""
    connection.executescript(
        "drop table if exists temp.resources_at_target; drop table if exists temp.resources_at_source;"
        "create temp table resources_at_target(kind text, target_id text, external_id text, label text,"
        " body text, primary key(kind, target_id)) without rowid;"
        "create temp table resources_at_source(id integer primary key);"
    )


def add_target(
    connection: sqlite3.Connection, kind: Kind, rows: Iterable[tuple[str, str | None, str | None, str]]
) -> None:
    """Note what the target listed: (target id, external id, label, JSON)."""
    connection.executemany(
        "insert or replace into temp.resources_at_target values(?, ?, ?, ?, ?)",
        [(kind, *row) for row in rows],
    )


def see_source(connection: sqlite3.Connection, kind: Kind, source_id: str) -> Known | None:
    """Note that the source still has a record; None when the state does not know it."""
    row = connection.execute(
        "select r.id, r.request, o.state from resources r "
        "join operations o on o.kind = r.kind and o.subject = r.id where r.kind = ? and r.source_id = ?",
        (kind, source_id),
    ).fetchone()
    if row is None:
        return None
    connection.execute("insert or ignore into temp.resources_at_source values(?)", (row[0],))
    return Known._make(row)


def parents(connection: sqlite3.Connection, kind: Kind) -> list[str]:
    """The target's ids of every organization, or user of a factor, that something of a kind hangs on."""
    parent = "user" if kind == "factor" else "organization"
    rows = connection.execute(
        f"select distinct p.target_id from resources r join operations p on p.kind = ? "
        f"and p.subject = r.{parent} where r.kind = ? and p.target_id is not null",
        (parent, kind),
    )
    return [target_id for (target_id,) in rows.fetchall()]


def judged(connection: sqlite3.Connection, kind: Kind, before: int) -> Iterator[Judged]:
    """Every resource to move with what the target has; what was done after `before` (ms) is left out.

    `left_out`: what it hangs on, or it itself, was skipped.
    """
    query = (
        "select r.id, r.source_id, coalesce(u.email, r.name), o.state, uo.target_id, oo.target_id, "
        "r.request, o.target_id, t.body, "
        "coalesce(uo.state = 'skipped', 0) or coalesce(oo.state = 'skipped', 0) "
        "from resources r cross join operations o on o.kind = r.kind and o.subject = r.id "
        "left join users u on u.id = r.user "
        "left join operations uo on uo.kind = 'user' and uo.subject = r.user "
        "left join operations oo on oo.kind = 'organization' and oo.subject = r.organization "
        "left join temp.resources_at_target t on t.kind = r.kind and t.target_id = o.target_id "
        "where r.id between ? and ? and r.kind = ? and (o.done_at is null or o.done_at < ?) order by r.id"
    )
    for first, last in _ranges(connection):
        for row in connection.execute(query, (first, last, kind, before)).fetchall():
            yield Judged._make((*row[:-1], bool(row[-1])))


def extra(connection: sqlite3.Connection, kind: Kind, limit: int) -> list[Extra]:
    """What the target listed and no operation brought."""
    rows = connection.execute(
        "select external_id, label, target_id from temp.resources_at_target where kind = ?1 and target_id "
        "not in (select target_id from operations where kind = ?1 and target_id is not null) limit ?2",
        (kind, limit),
    ).fetchall()
    return [Extra._make(row) for row in rows]


def deleted(
    connection: sqlite3.Connection, kinds: Sequence[Kind]
) -> Iterator[tuple[Kind, int, str, str | None]]:
    """(kind, resource, source id, label) of records that the source no longer has; not of those skipped.

    What is only named by others (a role of a membership) has no record that could go.
    """
    marks = ",".join("?" * len(kinds))
    query = (
        "select r.kind, r.id, r.source_id, coalesce(u.email, r.name) from resources r "
        "join operations o on o.kind = r.kind and o.subject = r.id and o.state <> 'skipped' "
        "left join users u on u.id = r.user "
        f"where r.id between ? and ? and r.kind in ({marks}) and (r.inside is null or r.inside > 0) "
        "and not exists (select 1 from temp.resources_at_source s where s.id = r.id)"
    )
    for first, last in _ranges(connection):
        yield from connection.execute(query, (first, last, *kinds)).fetchall()


def _ranges(connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    newest: int = connection.execute("select coalesce(max(id), 0) from resources").fetchone()[0]
    for first in range(1, newest + 1, RANGE):
        yield first, first + RANGE - 1
