"""Decisions of reviewers, each with what it takes to undo it for whatever was not sent since."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from cockpit.state import audit, fixrules, journal, overlays
from cockpit.terms import Kind, OpState, moved_kind

What = Literal["overlay", "merge", "reset", "rule"]


@dataclass(frozen=True, slots=True)
class Decision:
    """One action of a reviewer. Times are ms; `subject` says what it was about, in words."""

    id: int
    at: int
    operator: str
    action: str
    subject: str
    why: str | None
    undone_at: int | None
    undone_by: str | None


class Undone(NamedTuple):
    """How many records are as they were before, and how many were sent meanwhile and stay."""

    restored: int
    too_late: int


class NotUndone(Exception):
    """The decision can't be undone; one line says why."""


_COLUMNS = "id, at, operator, action, subject, why, undone_at, undone_by"


def begin(
    connection: sqlite3.Connection,
    operator: str,
    action: str,
    subject: str,
    now: int,
    *,
    before: str | None = None,
    after: str | None = None,
    why: str | None = None,
) -> int:
    """Record a decision, audited; returns its id."""
    audit.record(connection, operator, action, subject, now, before=before, after=after, why=why)
    cursor = connection.execute(
        "insert into decisions(at, operator, action, subject, why) values(?, ?, ?, ?, ?)",
        (now, operator, action, subject, why),
    )
    return cursor.lastrowid or 0


def concerns(connection: sqlite3.Connection, decision: int, operations: Sequence[int]) -> None:
    """The open errors of these operations are what was decided about."""
    connection.executemany(
        "update errors set decision = ?, sends = (select attempts from operations where id = ?) "
        "where operation = ? and resolution = 'open'",
        [(decision, operation, operation) for operation in operations],
    )


def keep(
    connection: sqlite3.Connection,
    decision: int,
    what: What,
    kind: Kind,
    subject: int,
    field: str,
    before: str | None,
) -> None:
    """Keep what was there before; None: nothing was."""
    connection.execute(
        "insert or ignore into inverses values(?, ?, ?, ?, ?, ?)",
        (decision, what, kind, subject, field, before),
    )


def listed(connection: sqlite3.Connection, limit: int = 50) -> list[Decision]:
    """The newest decisions, newest first."""
    rows = connection.execute(f"select {_COLUMNS} from decisions order by id desc limit ?", (limit,))
    return [Decision(*row) for row in rows.fetchall()]


def since(connection: sqlite3.Connection, after: int) -> list[Decision]:
    """Decisions beyond an id, in order: what colleagues did meanwhile."""
    rows = connection.execute(f"select {_COLUMNS} from decisions where id > ? order by id", (after,))
    return [Decision(*row) for row in rows.fetchall()]


def last(connection: sqlite3.Connection, operator: str) -> Decision | None:
    """The newest decision of an operator that stands."""
    row = connection.execute(
        f"select {_COLUMNS} from decisions where operator = ? and undone_at is null order by id desc limit 1",
        (operator,),
    ).fetchone()
    return Decision(*row) if row else None


def undo(
    connection: sqlite3.Connection, decision: int, *, operator: str, batch_size: int, now: int
) -> Undone:
    """Put back whatever the decision changed and was not sent since. Raises NotUndone."""
    row = connection.execute(f"select {_COLUMNS} from decisions where id = ?", (decision,)).fetchone()
    if row is None:
        raise NotUndone(f"there is no decision {decision}")
    found = Decision(*row)
    if found.undone_at is not None:
        raise NotUndone(f"decision {decision} was undone already, by {found.undone_by}")
    if (later := _built_upon(connection, decision)) is not None:
        raise NotUndone(f"decision {later} builds upon {decision}; undo that first")
    about = _about(connection, decision)
    changed, late = _put_back(connection, decision, about, now)
    restored = [error for error in about if error.unsent]
    late += len(about) - len(restored)
    if late and not restored and not changed:
        raise NotUndone(f"decision {decision} can't be undone: what it is about was sent since")
    for error in restored:
        if not error.newer:
            _reopen(connection, error, changed, batch_size, now)
    connection.execute(
        "update decisions set undone_at = ?, undone_by = ? where id = ?", (now, operator, decision)
    )
    told = f"{len(restored)} records, {late} sent since"
    audit.record(connection, operator, "errors.undo", f"{found.action}: {found.subject}", now, after=told)
    return Undone(len(restored), late)


class _About(NamedTuple):
    """An error that was decided about. `newer`: its operation failed again since."""

    error: int
    operation: int
    kind: str
    subject: int
    fingerprint: str
    resolution: str
    state: OpState
    unsent: bool
    newer: bool


def _about(connection: sqlite3.Connection, decision: int) -> list[_About]:
    rows = connection.execute(
        "select e.id, e.operation, e.kind, e.subject, e.fingerprint, e.resolution, o.state, "
        "o.attempts = e.sends and o.state in ('ready', 'skipped', 'failed'), "
        "exists (select 1 from errors n where n.operation = e.operation and n.id > e.id) "
        "from errors e join operations o on o.id = e.operation where e.decision = ?",
        (decision,),
    ).fetchall()
    return [_About._make(row) for row in rows]


def _built_upon(connection: sqlite3.Connection, decision: int) -> int | None:
    """A later decision that stands and changed the same field of the same record."""
    row = connection.execute(
        "select i.decision from inverses i join inverses own on own.decision = ? and own.what = i.what "
        "and own.kind = i.kind and own.subject = i.subject and own.field = i.field "
        "join decisions d on d.id = i.decision and d.undone_at is null where i.decision > ? limit 1",
        (decision, decision),
    ).fetchone()
    return int(row[0]) if row else None


def _put_back(
    connection: sqlite3.Connection, decision: int, about: Sequence[_About], now: int
) -> tuple[bool, int]:
    """Put back what was there before; returns (whether records are mapped again, e-mails sent since)."""
    rows = connection.execute(
        "select what, kind, subject, field, before from inverses where decision = ?", (decision,)
    ).fetchall()
    late = {(moved_kind(error.kind), error.subject) for error in about if not error.unsent}
    changed, written_to = False, 0
    for what, kind, subject, field, before in rows:
        if what == "rule":
            fixrules.remove(connection, subject, now)
            changed = True
        elif what == "reset":
            if _reset_begun(connection, subject):
                written_to += 1
            else:
                connection.execute("delete from reset_marks where user = ?", (subject,))
        elif (kind, subject) in late:
            continue
        elif what == "merge":
            connection.execute("delete from merges where user = ?", (subject,))
        else:
            overlays.restore(connection, kind, subject, field, before)
            overlays.map_again(connection, kind, [subject])
            changed = True
    return changed, written_to


def _reopen(connection: sqlite3.Connection, about: _About, changed: bool, batch_size: int, now: int) -> None:
    """The error is open again; where its record is mapped again, that does not count as its cure."""
    if about.resolution != "open":
        connection.execute(
            "update errors set resolution = 'open', resolved_by = null, resolved_at = null, reason = null "
            "where id = ?",
            (about.error,),
        )
        connection.execute(
            "update error_groups set open = open + 1 where fingerprint = ?", (about.fingerprint,)
        )
        moved = (about.operation, about.subject, about.state)
        journal.move(connection, about.kind, [moved], "failed", batch_size, now)
    connection.execute("update errors set reopened = ? where id = ?", (changed, about.error))


def _reset_begun(connection: sqlite3.Connection, user: int) -> bool:
    row = connection.execute(
        "select state from operations where kind = 'reset' and subject = ?", (user,)
    ).fetchone()
    return row is not None and row[0] != "ready"
