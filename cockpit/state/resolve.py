"""What people decide about failures of any kind: retry (-> ready), ignore with a reason. Audited."""

import sqlite3
from collections.abc import Sequence

from cockpit.state import audit, by_id, decisions, errors, journal, resources
from cockpit.state.error_filter import Resolution
from cockpit.terms import OpState


def retry(
    connection: sqlite3.Connection,
    wanted: Sequence[int],
    *,
    operator: str,
    batch_size: int,
    now: int,
    decision: int | None = None,
) -> int:
    """Make the operations of these open errors ready again; returns how many.

    Nothing is sent by this: the import job picks up what is ready. An error that lint found comes back
    unless the record changed. It is a decision of its own, unless it is part of another.
    """
    rows = _open_operations(connection, wanted)
    connection.executemany(
        # What lint blocked is linted again before it can be claimed: page 0 stands for no mapping.
        "update users set page = 0 where id = ? and exists (select 1 from errors where operation = ? "
        "and resolution = 'open' and fingerprint like 'lint:%')",
        [(subject, operation) for operation, subject, kind in rows if kind == journal.USER],
    )
    resources.map_again(connection, _linted(connection, rows))
    if rows and decision is None:
        decision = decisions.begin(connection, operator, "errors.retry", _records(rows), now)
    return _decide(connection, rows, "retried", "ready", operator, None, batch_size, now, decision)


def ignore(
    connection: sqlite3.Connection,
    wanted: Sequence[int],
    *,
    operator: str,
    reason: str,
    batch_size: int,
    now: int,
    decision: int | None = None,
) -> int:
    """Skip the operations of these open errors, with a reason that the report shows; returns how many."""
    rows = _open_operations(connection, wanted)
    if rows and decision is None:
        decision = decisions.begin(connection, operator, "errors.ignore", _records(rows), now, why=reason)
    return _decide(connection, rows, "ignored", "skipped", operator, reason, batch_size, now, decision)


def send_again(connection: sqlite3.Connection, operator: str, batch_size: int, now: int) -> int:
    """Make ready what the newest diff asked for at the target and did not find; returns how many."""
    rows = connection.execute(
        "select o.id, o.subject, o.state, o.kind from diff_findings f join operations o "
        "on o.kind = f.thing and o.subject = f.subject where f.kind = 'missing' and f.confirmed "
        "and o.state in ('imported', 'adopted') "
        "and f.diff = (select max(id) from diffs where finished_at is not null)"
    ).fetchall()
    by_kind: dict[str, list[tuple[int, int, OpState]]] = {}
    for operation, subject, state, kind in rows:
        by_kind.setdefault(kind, []).append((operation, subject, state))
        connection.execute("update operations set target_id = null where id = ?", (operation,))
    moved = sum(
        journal.move(connection, kind, operations, "ready", batch_size, now)
        for kind, operations in by_kind.items()
    )
    if moved:
        audit.record(
            connection, operator, "sync.send_again", f"{moved} records", now, why="gone at the target"
        )
    return moved


def fixed(
    connection: sqlite3.Connection, kind: str, operation: int, subject: int, batch_size: int, now: int
) -> None:
    """The record changed and is well now: its failure is over and it is ready again.

    Not where it is mapped again only because a reviewer undid something: that error stays open.
    """
    undone = connection.execute(
        "update errors set reopened = 0 where operation = ? and resolution = 'open' and reopened",
        (operation,),
    ).rowcount
    if undone:
        return
    errors.resolve_operation(connection, operation, "fixed", now)
    journal.move(connection, kind, [(operation, subject, "failed")], "ready", batch_size, now)


def _linted(connection: sqlite3.Connection, rows: Sequence[tuple[int, int, str]]) -> list[int]:
    """The resources among these that lint blocked."""
    query = "select 1 from errors where operation = ? and resolution = 'open' and fingerprint like 'lint:%'"
    return [
        subject
        for operation, subject, kind in rows
        if kind not in (journal.USER, "reset") and connection.execute(query, (operation,)).fetchone()
    ]


def _open_operations(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[tuple[int, int, str]]:
    """(operation, subject, kind) of those of the errors that are open."""
    found: list[tuple[int, int, str]] = []
    for part in by_id.parts(wanted):
        found += connection.execute(
            "select operation, subject, kind from errors where resolution = 'open' "
            f"and id in ({by_id.marks(part)})",
            part,
        ).fetchall()
    return found


def _decide(
    connection: sqlite3.Connection,
    rows: Sequence[tuple[int, int, str]],
    resolution: Resolution,
    to: OpState,
    operator: str,
    reason: str | None,
    batch_size: int,
    now: int,
    decision: int | None,
) -> int:
    """Close the errors of these operations and move the failed ones on; returns how many moved."""
    failed: dict[str, list[tuple[int, int, OpState]]] = {}
    if decision is not None:
        decisions.concerns(connection, decision, [operation for operation, _, _ in rows])
    for operation, subject, kind in rows:
        errors.resolve_operation(connection, operation, resolution, now, operator=operator, reason=reason)
        failed.setdefault(kind, []).append((operation, subject, "failed"))
    return sum(
        journal.move(connection, kind, operations, to, batch_size, now) for kind, operations in failed.items()
    )


def _records(rows: Sequence[object]) -> str:
    return "1 record" if len(rows) == 1 else f"{len(rows)} records"
