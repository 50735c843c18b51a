"""What people decide about failures: retry (failed -> ready), ignore with a reason. Audited, in one go."""

import sqlite3
from collections.abc import Sequence

from cockpit.state import audit, errors, journal


def retry(
    connection: sqlite3.Connection,
    wanted: Sequence[int],
    *,
    operator: str,
    batch_size: int,
    now: int,
) -> int:
    """Make the operations of these open errors ready again; returns how many.

    Nothing is sent by this: the import job picks up what is ready. An error that lint found comes back
    unless the source record changed.
    """
    rows = _open_operations(connection, wanted)
    connection.executemany(
        # What lint blocked is linted again before it can be claimed: page 0 stands for no mapping.
        "update users set page = 0 where id = ? and exists (select 1 from errors where operation = ? "
        "and resolution = 'open' and fingerprint like 'lint:%')",
        [(subject, operation) for operation, subject, _ in rows],
    )
    for operation, _, _ in rows:
        errors.resolve_operation(connection, operation, "retried", now, operator=operator)
    moved = journal.move(
        connection,
        journal.USER,
        [(operation, subject, "failed") for operation, subject, state in rows if state == "failed"],
        "ready",
        batch_size,
        now,
    )
    if moved:
        audit.record(connection, operator, "errors.retry", f"{moved} records", now)
    return moved


def ignore(
    connection: sqlite3.Connection,
    wanted: Sequence[int],
    *,
    operator: str,
    reason: str,
    batch_size: int,
    now: int,
) -> int:
    """Skip the operations of these open errors, with a reason that the report shows; returns how many."""
    rows = _open_operations(connection, wanted)
    for operation, _, _ in rows:
        errors.resolve_operation(connection, operation, "ignored", now, operator=operator, reason=reason)
    moved = journal.move(
        connection,
        journal.USER,
        [(operation, subject, "failed") for operation, subject, state in rows if state == "failed"],
        "skipped",
        batch_size,
        now,
    )
    if moved:
        audit.record(connection, operator, "errors.ignore", f"{moved} records", now, why=reason)
    return moved


def _open_operations(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[tuple[int, int, str]]:
    found: list[tuple[int, int, str]] = []
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        marks = ",".join("?" * len(part))
        found += connection.execute(
            "select o.id, o.subject, o.state from errors e join operations o on o.id = e.operation "
            f"where e.resolution = 'open' and e.id in ({marks})",
            list(part),
        ).fetchall()
    return found


def fixed(connection: sqlite3.Connection, operation: int, subject: int, batch_size: int, now: int) -> None:
    """The source record changed and is well now: its failure is over and it is ready again."""
    errors.resolve_operation(connection, operation, "fixed", now)
    journal.move(connection, journal.USER, [(operation, subject, "failed")], "ready", batch_size, now)
