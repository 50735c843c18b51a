"""Who is on what, so that two reviewers don't do the same work: claims of groups and of single errors.

A claim keeps nobody from deciding; it is shown. It ends when its holder has shown no sign of life for a
while.
"""

import socket
import sqlite3
from dataclasses import dataclass
from typing import Literal

from cockpit.state.error_filter import LEASE_MS

Scope = Literal["group", "error"]


@dataclass(frozen=True, slots=True)
class Review:
    """Somebody is on a group (`key`: its fingerprint) or an error (its id). `at` (ms): the last sign."""

    scope: Scope
    key: str
    operator: str
    host: str
    at: int


def take(connection: sqlite3.Connection, scope: Scope, key: str, operator: str, now: int) -> Review | None:
    """Say that one is on something, or still is; whoever else is on it is returned, and nothing changed.

    The same person on another host counts as the same.
    """
    holder = _holder(connection, scope, key, now)
    if holder is not None and holder.operator != operator:
        return holder
    connection.execute(
        "insert or replace into claims(scope, key, operator, host, at) values(?, ?, ?, ?, ?)",
        (scope, key, operator, socket.gethostname(), now),
    )
    return None


def release(connection: sqlite3.Connection, scope: Scope, key: str, operator: str) -> bool:
    """One is not on it any more; False when one was not."""
    return bool(
        connection.execute(
            "delete from claims where scope = ? and key = ? and operator = ?", (scope, key, operator)
        ).rowcount
    )


def alive(connection: sqlite3.Connection, now: int) -> list[Review]:
    """Everything that somebody is on now, by scope and key."""
    rows = connection.execute(
        "select scope, key, operator, host, at from claims where at > ? order by scope, key",
        (now - LEASE_MS,),
    ).fetchall()
    return [Review(*row) for row in rows]


def _holder(connection: sqlite3.Connection, scope: Scope, key: str, now: int) -> Review | None:
    row = connection.execute(
        "select scope, key, operator, host, at from claims where scope = ? and key = ? and at > ?",
        (scope, key, now - LEASE_MS),
    ).fetchone()
    return Review(*row) if row else None
