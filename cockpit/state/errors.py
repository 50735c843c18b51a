"""Errors are rows: what was sent, what came back, what a person decided; and groups of one cause."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.state import by_id
from cockpit.state.error_filter import SUBJECTS, Filter, Resolution
from cockpit.terms import ERROR_CLASSES, ErrorClass

OPEN = Filter()
"""Every open error."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an operation failed. `request` and `body` are JSON text with secrets masked.

    `fingerprint` is equal for failures of one cause; `title` names that cause.
    """

    klass: ErrorClass
    fingerprint: str
    title: str
    message: str
    request: str | None = None
    status: int | None = None
    code: str | None = None
    body: str | None = None
    request_id: str | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Group:
    """All failures of one cause. Times are ms since the epoch; `example` is an error id."""

    fingerprint: str
    title: str
    klass: ErrorClass
    code: str | None
    status: int | None
    open: int
    total: int
    first_at: int
    last_at: int
    example: int


@dataclass(frozen=True, slots=True)
class ErrorRow:
    """One line of the list of records of a group. `external_id` names the record, whatever its kind."""

    id: int
    operation: int
    kind: str
    subject: int
    external_id: str
    email: str | None
    klass: ErrorClass
    title: str
    status: int | None
    code: str | None
    attempts: int
    at: int
    resolution: Resolution


@dataclass(frozen=True, slots=True)
class ErrorRecord:
    """Everything about one error: payload as the source sent it, request as mapped, response."""

    id: int
    operation: int
    kind: str
    subject: int
    klass: ErrorClass
    fingerprint: str
    title: str
    request: str | None
    status: int | None
    code: str | None
    message: str
    body: str | None
    request_id: str | None
    attempts: int
    at: int
    resolution: Resolution
    resolved_by: str | None
    resolved_at: int | None
    reason: str | None
    source: str
    external_id: str
    email: str | None
    state: str


def record(
    connection: sqlite3.Connection, operation: int, kind: str, subject: int, failure: Failure, now: int
) -> int:
    """Write an error; an older open one of the same operation counts as retried. Returns its id."""
    resolve_operation(connection, operation, "retried", now)
    cursor = connection.execute(
        "insert into errors(operation, kind, subject, class, fingerprint, title, request, status, code, "
        "message, body, request_id, attempts, at) values(?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
        (
            operation,
            kind,
            subject,
            failure.klass,
            failure.fingerprint,
            failure.title,
            failure.request,
            failure.status,
            failure.code,
            failure.message,
            failure.body,
            failure.request_id,
            failure.attempts,
            now,
        ),
    )
    error = cursor.lastrowid or 0
    connection.execute(
        "insert into error_groups(fingerprint, title, class, code, status, open, total, first_at, last_at, "
        "example) values(?, ?, ?, ?, ?, 1, 1, ?, ?, ?) on conflict do update set "
        "open = open + 1, total = total + 1, last_at = excluded.last_at, example = excluded.example",
        (
            failure.fingerprint,
            failure.title,
            failure.klass,
            failure.code,
            failure.status,
            now,
            now,
            error,
        ),
    )
    return error


def resolve_operation(
    connection: sqlite3.Connection,
    operation: int,
    resolution: Resolution,
    now: int,
    *,
    operator: str | None = None,
    reason: str | None = None,
) -> None:
    """Close the open error of an operation, if it has one."""
    row = connection.execute(
        "update errors set resolution = ?, resolved_by = ?, resolved_at = ?, reason = ? "
        "where operation = ? and resolution = 'open' returning fingerprint",
        (resolution, operator, now, reason, operation),
    ).fetchone()
    if row:
        connection.execute("update error_groups set open = open - 1 where fingerprint = ?", row)


def groups(
    connection: sqlite3.Connection, *, resolved: bool = False, chosen: Filter | None = None
) -> list[Group]:
    """Causes with open failures, the largest first; with `resolved` all causes there ever were.

    With a filter only what it means is counted, `total` too.
    """
    if chosen is not None and chosen.narrows:
        return _narrowed(connection, chosen)
    where = "" if resolved else "where open > 0"
    rows = connection.execute(
        "select fingerprint, title, class, code, status, open, total, first_at, last_at, example "
        f"from error_groups {where} order by open desc, fingerprint"
    ).fetchall()
    return [Group(*row) for row in rows]


def _narrowed(connection: sqlite3.Connection, chosen: Filter) -> list[Group]:
    here, where, values = chosen.sql()
    rows = connection.execute(
        f"{here}select e.fingerprint, g.title, g.class, g.code, g.status, sum(e.resolution = 'open'), "
        f"count(*), min(e.at), max(e.at), max(e.id) from errors e {SUBJECTS} "
        f"join error_groups g on g.fingerprint = e.fingerprint where {where} "
        "group by e.fingerprint order by 6 desc, 1",
        values,
    ).fetchall()
    return [Group(*row) for row in rows]


def open_by_class(connection: sqlite3.Connection) -> dict[ErrorClass, int]:
    """Open errors by class, from the groups' counters."""
    rows = connection.execute("select class, sum(open) from error_groups group by class").fetchall()
    found = dict(rows)
    return {klass: found.get(klass, 0) for klass in ERROR_CLASSES}


_IDENT = "coalesce(u.external_id, r.source_id, t.source_id)"
_EMAIL = "coalesce(u.email, tu.email)"


def ids(connection: sqlite3.Connection, chosen: Filter = OPEN) -> list[int]:
    """The ids of the errors meant, in order."""
    here, where, values = chosen.sql()
    rows = connection.execute(
        f"{here}select e.id from errors e {SUBJECTS} where {where} order by e.id", values
    ).fetchall()
    return [row[0] for row in rows]


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[ErrorRow]:
    """The list lines of these ids, in the order asked for; ids that are gone are left out."""
    query = (
        f"select e.id, e.operation, e.kind, e.subject, {_IDENT}, {_EMAIL}, e.class, "
        f"e.title, e.status, e.code, e.attempts, e.at, e.resolution from errors e {SUBJECTS}"
    )
    return by_id.fetch(connection, query, "e.id", wanted, lambda row: ErrorRow(*row))


def request_with_secrets(
    connection: sqlite3.Connection, error: int
) -> tuple[str | None, str | None, str | None, str | None]:
    """The request of an error's record as mapped now, not masked, with its hash, hash type, salt position."""
    row: tuple[str | None, str | None, str | None, str | None] = connection.execute(
        f"select coalesce(u.request, t.request), p.hash, p.type, p.salt_position from errors e {SUBJECTS} "
        "left join passwords p on p.user = u.id and u.password_state = 'carried' where e.id = ?",
        (error,),
    ).fetchone()
    return row


def open_error(connection: sqlite3.Connection, kind: str, external_id: str) -> int | None:
    """The open error of a record, named by its id at the source, or a user by the id at the target."""
    row = connection.execute(
        "select e.id from errors e join operations o on o.id = e.operation "
        "where e.resolution = 'open' and o.kind = ?1 and o.subject in "
        "(select id from resources where kind = ?1 and source_id = ?2 "
        "union select id from raw where ?1 = 'user' and source_id = ?2 "
        "union select id from users where ?1 = 'user' and external_id = ?2) order by e.id desc limit 1",
        (kind, external_id),
    ).fetchone()
    return int(row[0]) if row else None


def show(connection: sqlite3.Connection, error: int) -> ErrorRecord | None:
    """One error with its source payload (verbatim, secrets not masked) and its request."""
    row = connection.execute(
        "select e.id, e.operation, e.kind, e.subject, e.class, e.fingerprint, e.title, "
        "coalesce(e.request, u.request, t.request), e.status, e.code, e.message, e.body, e.request_id, "
        "e.attempts, e.at, e.resolution, e.resolved_by, e.resolved_at, e.reason, "
        f"coalesce(r.body, b.body, '{{}}'), {_IDENT}, {_EMAIL}, o.state "
        f"from errors e join operations o on o.id = e.operation {SUBJECTS} "
        "left join resource_bodies b on b.id = t.id where e.id = ?",
        (error,),
    ).fetchone()
    return ErrorRecord(*row) if row else None
