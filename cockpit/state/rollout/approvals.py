"""Approvals: a second person's word for one act, good for a while and for once."""

import sqlite3

from cockpit.state.rollout import audit
from cockpit.state.rollout.audit import Actor


def approve(connection: sqlite3.Connection, subject: str, operator: str, now: int, until: int) -> None:
    """Agree that a connection is flipped or a wave started, until then (ms); audited."""
    connection.execute(
        "insert into approvals(action, subject, operator, at, until) values('flip', ?, ?, ?, ?)",
        (subject, operator, now, until),
    )
    audit.record(connection, Actor(operator), "approve", subject, now)


def by_others(connection: sqlite3.Connection, subject: str, operator: str, now: int) -> tuple[str, ...]:
    """Who agreed, the operator who acts not counted."""
    rows = connection.execute(
        "select distinct operator from approvals where subject = ? and operator <> ? and until > ? "
        "and used_at is null order by operator",
        (subject, operator, now),
    ).fetchall()
    return tuple(name for (name,) in rows)


def use(connection: sqlite3.Connection, subject: str, now: int) -> None:
    """What was agreed to has begun: the next time needs to be agreed to anew."""
    connection.execute(
        "update approvals set used_at = ? where subject = ? and used_at is null", (now, subject)
    )
