"""The audit trail: every human action, append-only, kept by triggers in the database itself."""

import socket
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.state import by_id

_SELECT = "select id, at, operator, host, action, subject, before, after, why from audit"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One action: when (ms), who, on which host, what on what, before, after, and why."""

    id: int
    at: int
    operator: str
    host: str
    action: str
    subject: str
    before: str | None
    after: str | None
    why: str | None


def record(
    connection: sqlite3.Connection,
    operator: str,
    action: str,
    subject: str,
    now: int,
    *,
    before: str | None = None,
    after: str | None = None,
    why: str | None = None,
) -> None:
    """Append one action, in the caller's transaction."""
    connection.execute(
        "insert into audit(at, operator, host, action, subject, before, after, why) "
        "values(?, ?, ?, ?, ?, ?, ?, ?)",
        (now, operator, socket.gethostname(), action, subject, before, after, why),
    )


def tail(connection: sqlite3.Connection, limit: int = 100, subject: str | None = None) -> list[AuditRow]:
    """The newest actions (on one subject), newest first."""
    rows = connection.execute(
        f"{_SELECT} where ?1 is null or subject = ?1 order by id desc limit ?2", (subject, limit)
    ).fetchall()
    return [AuditRow(*row) for row in rows]


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[AuditRow]:
    """Those actions, in the order asked for."""
    return by_id.fetch(connection, _SELECT, "id", wanted, lambda row: AuditRow(*row))


def total(connection: sqlite3.Connection) -> int:
    """How many there are: none ever goes, so the newest id tells."""
    return connection.execute("select max(id) from audit").fetchone()[0] or 0
