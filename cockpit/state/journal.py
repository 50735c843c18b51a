"""The operation journal: one row is one thing that must exist at the target, in exactly one state.

Intent is committed (`claim`) before anything is sent, the outcome (`settle`) after. Counters and batches
change in the same transaction, so they always add up and nothing ever counts rows to show a number.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cockpit.state import errors, users
from cockpit.state.by_id import marks
from cockpit.state.claims import Claim, Work
from cockpit.state.errors import Failure
from cockpit.terms import OP_STATES, Kind, OpState

USER: Kind = "user"
T = TypeVar("T", bound=Claim)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one claimed operation.

    `attempts` is the number of sends of this claim. `state` is `ready` when it was never sent or may be
    sent again later; then `unsure` says whether a send may have been applied. `confirmed` marks an outcome
    learnt by asking. `failure` comes with state `failed`, `sent` with an update that arrived: the whole
    request as the target has it now.
    """

    operation: int
    subject: int
    state: OpState
    attempts: int = 0
    target_id: str | None = None
    status: int | None = None
    request_id: str | None = None
    confirmed: bool = False
    unsure: bool = False
    failure: Failure | None = None
    sent: str | None = None


def seed(connection: sqlite3.Connection, kind: str, first: int, last: int, batch_size: int) -> int:
    """Make a `ready` operation for each subject of the id range; returns how many are new."""
    new = enlist(connection, kind, "select id from raw where id between ? and ?", (first, last))
    connection.executemany(
        "insert into batches(kind, n, total) values(?, ?, ?) "
        "on conflict do update set total = total + excluded.total",
        [
            (kind, n, min(last, (n + 1) * batch_size) - max(first, n * batch_size + 1) + 1)
            for n in range(batch_of(first, batch_size), batch_of(last, batch_size) + 1)
        ],
    )
    return new


def enlist(connection: sqlite3.Connection, kind: str, subjects: str, parameters: Sequence[Any]) -> int:
    """Make a `ready` operation for each id that a query yields; returns how many are new."""
    new = connection.execute(
        f"insert into operations(kind, subject) select ?, id from ({subjects}) where true "
        "on conflict do nothing",
        (kind, *parameters),
    ).rowcount
    _count(connection, kind, {"ready": new})
    return new


def drop(connection: sqlite3.Connection, kind: str, where: str, parameters: Sequence[Any]) -> int:
    """Forget operations that were never sent and meet a condition; returns how many."""
    gone = connection.execute(
        f"delete from operations where kind = ? and state = 'ready' and sent_at is null and {where}",
        (kind, *parameters),
    ).rowcount
    _count(connection, kind, {"ready": -gone})
    return gone


def batch_of(subject: int, batch_size: int) -> int:
    """The cell of the grid that a subject belongs to, from 0."""
    return (subject - 1) // batch_size


def claim(
    connection: sqlite3.Connection, work: Work[T], after: int, limit: int, run: int, now: int
) -> list[T]:
    """Take up to `limit` ready operations beyond the cursor `after` (an id) and commit the intent."""
    rows = connection.execute(
        f"{work.select} where o.kind = ? and o.state = 'ready' and o.id > ? and {work.ready} "
        "order by o.id limit ?",
        (work.kind, after, limit),
    ).fetchall()
    return _intend(connection, work, rows, run, now)


def claim_these(
    connection: sqlite3.Connection, work: Work[T], subjects: Sequence[int], run: int, now: int
) -> list[T]:
    """Take those of the subjects that are ready."""
    rows = connection.execute(
        f"{work.select} where o.kind = ? and o.state = 'ready' and {work.ready} "
        f"and o.subject in ({marks(subjects)}) order by o.id",
        (work.kind, *subjects),
    ).fetchall()
    return _intend(connection, work, rows, run, now)


_INTENT = "case when unsure then coalesce(sent_at, ?2) else ?2 end"
"""The time of the first intent that may have been applied and was not accounted for."""


def _intend(
    connection: sqlite3.Connection, work: Work[T], rows: Sequence[tuple[Any, ...]], run: int, now: int
) -> list[T]:
    connection.executemany(
        f"update operations set state = 'sending', run = ?1, sent_at = {_INTENT} where id = ?3",
        [(run, now, row[0]) for row in rows],
    )
    _count(connection, work.kind, {"ready": -len(rows), "sending": len(rows)})
    return [work.made(row, now) for row in rows]


def adrift(connection: sqlite3.Connection, work: Work[T], run: int, now: int) -> list[T]:
    """Operations that an earlier run left with an intent and no outcome, taken over by this run.

    They may have been applied: each must be asked for before it is sent again.
    """
    rows = connection.execute(
        f"{work.select} where o.kind = ? and o.state = 'sending' and o.run <> ? order by o.id",
        (work.kind, run),
    ).fetchall()
    connection.executemany(
        "update operations set run = ?, unsure = 1 where id = ?",
        [(run, row[0]) for row in rows],
    )
    return [work.made(row, now, unsure=True) for row in rows]


def settle(
    connection: sqlite3.Connection,
    kind: str,
    outcomes: Sequence[Outcome],
    run: int,
    batch_size: int,
    now: int,
) -> int:
    """Commit outcomes, fenced by the run that claimed them; returns how many took effect.

    An outcome of a run that lost its claim (another took over) changes nothing.
    """
    change: Counter[str] = Counter()
    done: Counter[int] = Counter()
    failed: Counter[int] = Counter()
    settled = 0
    for outcome in outcomes:
        ended = None if outcome.state == "ready" else now
        took = connection.execute(
            "update operations set state = ?, attempts = attempts + ?, unsure = ?, done_at = ?, "
            "target_id = coalesce(?, target_id), status = ?, request_id = ?, confirmed = ? "
            "where id = ? and run = ? and state = 'sending'",
            (
                outcome.state,
                outcome.attempts,
                outcome.unsure,
                ended,
                outcome.target_id,
                outcome.status,
                outcome.request_id,
                outcome.confirmed,
                outcome.operation,
                run,
            ),
        ).rowcount
        if not took:
            continue
        settled += 1
        change[outcome.state] += 1
        batch = batch_of(outcome.subject, batch_size)
        if outcome.state == "failed":
            failed[batch] += 1
        elif outcome.state != "ready":
            done[batch] += 1
        if outcome.failure is not None:
            errors.record(connection, outcome.operation, kind, outcome.subject, outcome.failure, now)
        elif outcome.state in ("imported", "adopted"):
            errors.resolve_operation(connection, outcome.operation, "retried", now)
        if outcome.state == "adopted" and kind == USER:
            users.not_carried(connection, [outcome.subject], users.ADOPTED)
    change["sending"] -= settled
    _count(connection, kind, change)
    _count_batches(connection, kind, done, failed)
    return settled


def move(
    connection: sqlite3.Connection,
    kind: str,
    operations: Iterable[tuple[int, int, OpState]],
    to: OpState,
    batch_size: int,
    now: int,
) -> int:
    """Move (id, subject, from) rows to another state outside a run: retry, lint, policy; returns how many.

    A row that is no longer in the state it was seen in stays as it is.
    """
    change: Counter[str] = Counter()
    done: Counter[int] = Counter()
    failed: Counter[int] = Counter()
    moved = 0
    ended = None if to == "ready" else now
    for operation, subject, before in operations:
        took = connection.execute(
            "update operations set state = ?, done_at = ? where id = ? and state = ?",
            (to, ended, operation, before),
        ).rowcount
        if not took:
            continue
        moved += 1
        change[before] -= 1
        change[to] += 1
        batch = batch_of(subject, batch_size)
        for state, sign in ((before, -1), (to, 1)):
            if state == "failed":
                failed[batch] += sign
            elif state not in ("ready", "sending"):
                done[batch] += sign
    _count(connection, kind, change)
    _count_batches(connection, kind, done, failed)
    return moved


def counts(connection: sqlite3.Connection, kind: str) -> dict[OpState, int]:
    """How many operations of a kind are in each state, from the counters."""
    found = dict(connection.execute("select state, n from counters where kind = ?", (kind,)).fetchall())
    return {state: found.get(state, 0) for state in OP_STATES}


def counted(connection: sqlite3.Connection, kind: str) -> dict[OpState, int]:
    """The same by counting rows: slow, for `cockpit state check` and tests."""
    rows = connection.execute(
        "select state, count(*) from operations where kind = ? group by state", (kind,)
    ).fetchall()
    found = dict(rows)
    return {state: found.get(state, 0) for state in OP_STATES}


def begun(connection: sqlite3.Connection, kind: str) -> bool:
    """Whether anything of a kind was ever sent."""
    query = "select exists(select 1 from operations where kind = ? and sent_at is not null)"
    return bool(connection.execute(query, (kind,)).fetchone()[0])


def sent_since(connection: sqlite3.Connection, since: int) -> int:
    """How many operations were sent after a time (ms): the start value of the limiter's window."""
    row = connection.execute("select count(*) from operations where sent_at > ?", (since,)).fetchone()
    return int(row[0])


def next_run(connection: sqlite3.Connection) -> int:
    """The number of a new run, above every run that ever claimed anything."""
    row = connection.execute("select value from meta where key = 'run'").fetchone()
    run = int(row[0]) + 1 if row else 1
    connection.execute(
        "insert into meta(key, value) values('run', ?) on conflict do update set value = excluded.value",
        (str(run),),
    )
    return run


def _count(connection: sqlite3.Connection, kind: str, change: Mapping[str, int]) -> None:
    connection.executemany(
        "insert into counters(kind, state, n) values(?, ?, ?) on conflict do update set n = n + excluded.n",
        [(kind, state, n) for state, n in change.items() if n],
    )


def _count_batches(
    connection: sqlite3.Connection, kind: str, done: Mapping[int, int], failed: Mapping[int, int]
) -> None:
    connection.executemany(
        "update batches set done = done + ?, failed = failed + ? where kind = ? and n = ?",
        [(done.get(n, 0), failed.get(n, 0), kind, n) for n in done.keys() | failed.keys()],
    )
