"""The audit trail: every human action, append-only, kept by triggers in the database itself."""

import socket
import sqlite3
from dataclasses import dataclass


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


def tail(connection: sqlite3.Connection, limit: int = 100) -> list[AuditRow]:
    """The newest actions, newest first."""
    rows = connection.execute(
        "select id, at, operator, host, action, subject, before, after, why from audit "
        "order by id desc limit ?",
        (limit,),
    ).fetchall()
    return [AuditRow(*row) for row in rows]
