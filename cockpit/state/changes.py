"""What changed at the source after it was sent: one row a record, with the request that the target has.

The change is sent as an operation of its own (`UPDATES`): an update is idempotent, so it is simply sent
again when nobody knows whether an earlier one was applied.
"""

import sqlite3
from collections.abc import Sequence

from cockpit.state import journal, merges, resolve
from cockpit.state.journal import Outcome
from cockpit.terms import UPDATES, Kind, OpState

SENT: tuple[OpState, ...] = ("sending", "imported", "adopted")
"""States of what the target has, or may have."""


def note(
    connection: sqlite3.Connection,
    kind: Kind,
    subject: int,
    before: str,
    after: str,
    batch_size: int,
    now: int,
    *,
    password: bool = False,
) -> None:
    """Hear that a record that was sent is mapped otherwise now; what the target has is remembered once.

    `password`: its hash is another than the one that was sent. A user who is linked to somebody else's
    record at the target changes nothing there.
    """
    if before == after and not password:
        return
    if kind == "user" and merges.linked(connection, subject):
        return
    connection.execute(
        "insert into changes(kind, subject, before, password) values(?, ?, ?, ?) "
        "on conflict do update set password = max(password, excluded.password)",
        (kind, subject, before, password),
    )
    update = UPDATES[kind]
    journal.enlist(connection, update, "select ? as id", (subject,))
    _reopen(connection, update, subject, batch_size, now)


def settle(
    connection: sqlite3.Connection,
    update: str,
    outcomes: Sequence[Outcome],
    run: int,
    batch_size: int,
    now: int,
) -> int:
    """Commit outcomes as the journal does, and what they mean for the changes; returns as it does."""
    settled = journal.settle(connection, update, outcomes, run, batch_size, now)
    kind = next(kind for kind, name in UPDATES.items() if name == update)
    for outcome in outcomes:
        if outcome.sent is not None:
            _arrived(connection, kind, outcome.subject, outcome.sent, batch_size, now)
    return settled


def _arrived(
    connection: sqlite3.Connection, kind: Kind, subject: int, sent: str, batch_size: int, now: int
) -> None:
    """The target has `sent` now; what changed meanwhile is another update."""
    table = "users" if kind == "user" else "resources"
    (mapped,) = connection.execute(f"select request from {table} where id = ?", (subject,)).fetchone()
    if mapped == sent:
        connection.execute("delete from changes where kind = ? and subject = ?", (kind, subject))
        return
    connection.execute(
        "update changes set before = ?, password = 0 where kind = ? and subject = ?", (sent, kind, subject)
    )
    _reopen(connection, UPDATES[kind], subject, batch_size, now)


def waiting(connection: sqlite3.Connection) -> dict[Kind, int]:
    """How many records of each kind changed since they were sent."""
    rows = connection.execute("select kind, count(*) from changes group by kind").fetchall()
    return dict(rows)


def _reopen(connection: sqlite3.Connection, update: str, subject: int, batch_size: int, now: int) -> None:
    """Whether it arrived or was refused: what changed since is worth another send."""
    rows = connection.execute(
        "select id, subject, state from operations where kind = ? and subject = ? "
        "and state in ('imported', 'failed')",
        (update, subject),
    ).fetchall()
    for operation, _, state in rows:
        if state == "failed":
            resolve.fixed(connection, update, operation, subject, batch_size, now)
    arrived = [row for row in rows if row[2] == "imported"]
    journal.move(connection, update, arrived, "ready", batch_size, now)
