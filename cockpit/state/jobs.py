"""Jobs as rows: what a job says of itself, and the control row in which a face asks it for something."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cockpit.state import by_id

JobKind = Literal[
    "export",
    "lint",
    "import",
    "diff",
    "reset",
    "run",
    "sync",
    "check",
    "create",
    "match",
    "invite",
    "events",
    "rollout",
    "drain",
    "webhooks",
]
JobState = Literal["starting", "running", "paused", "stopping", "done", "failed", "stopped"]
ACTIVE: tuple[JobState, ...] = ("starting", "running", "paused", "stopping")
Command = Literal["run", "pause", "stop"]


@dataclass(frozen=True, slots=True)
class Job:
    """One run of a kind of work. Times are ms since the epoch.

    `boot` and `heartbeat` (CLOCK_MONOTONIC seconds) say when it last showed life; `reason` is why it is
    in its state, in words; `result` what it ended with: {"exit", "message", ...}.
    """

    id: int
    kind: JobKind
    args: dict[str, Any]
    state: JobState
    reason: str
    pid: int | None
    boot: str | None
    heartbeat: float | None
    operator: str
    created_at: int
    started_at: int | None
    ended_at: int | None
    done: int
    total: int | None
    failed: int
    rate: float | None
    eta_s: float | None
    result: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Control:
    """What a face asks of a job, and what the job last acknowledged. Rates are writes a second."""

    command: Command
    rate: float | None
    operator: str
    at: int
    seen: Command | None
    seen_rate: float | None
    seen_at: int | None


_COLUMNS = (
    "id, kind, args, state, reason, pid, boot, heartbeat, operator, created_at, started_at, ended_at, "
    "done, total, failed, rate, eta_s, result"
)


def _job(row: tuple[Any, ...]) -> Job:
    id_, kind, args, *rest, result = row
    return Job(*(id_, kind, json.loads(args), *rest, json.loads(result) if result else None))


def create(
    connection: sqlite3.Connection, kind: JobKind, args: Mapping[str, Any], operator: str, now: int
) -> int:
    """A job that is about to be launched; returns its id."""
    cursor = connection.execute(
        "insert into jobs(kind, args, state, operator, created_at) values(?, ?, 'starting', ?, ?)",
        (kind, json.dumps(args), operator, now),
    )
    job = cursor.lastrowid or 0
    connection.execute(
        "insert into controls(job, command, operator, at) values(?, 'run', ?, ?)", (job, operator, now)
    )
    return job


def get(connection: sqlite3.Connection, job: int) -> Job | None:
    """A job by id."""
    row = connection.execute(f"select {_COLUMNS} from jobs where id = ?", (job,)).fetchone()
    return _job(row) if row else None


def latest(connection: sqlite3.Connection, kind: JobKind) -> Job | None:
    """The newest job of a kind."""
    row = connection.execute(
        f"select {_COLUMNS} from jobs where kind = ? order by id desc limit 1", (kind,)
    ).fetchone()
    return _job(row) if row else None


def listed(connection: sqlite3.Connection, limit: int = 50) -> list[Job]:
    """The newest jobs, newest first."""
    rows = connection.execute(f"select {_COLUMNS} from jobs order by id desc limit ?", (limit,)).fetchall()
    return [_job(row) for row in rows]


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[Job]:
    """Those jobs, in the order asked for."""
    return by_id.fetch(connection, f"select {_COLUMNS} from jobs", "id", wanted, _job)


def total(connection: sqlite3.Connection) -> int:
    """How many there are."""
    return int(connection.execute("select count(*) from jobs").fetchone()[0])


def started(connection: sqlite3.Connection, job: int, pid: int, boot: str, beat: float, now: int) -> None:
    """The process holds the lock and is about to work; earlier jobs of the kind that died say so."""
    connection.execute(
        "update jobs set state = 'failed', ended_at = ?, reason = 'its process died' where id < ? and "
        "kind = (select kind from jobs where id = ?) and state in ('starting','running','paused','stopping')",
        (now, job, job),
    )
    connection.execute(
        "update jobs set state = 'running', pid = ?, boot = ?, heartbeat = ?, started_at = ? where id = ?",
        (pid, boot, beat, now, job),
    )


def beat(
    connection: sqlite3.Connection,
    job: int,
    *,
    state: JobState,
    reason: str,
    beat: float,
    done: int,
    total: int | None,
    failed: int,
    rate: float | None,
    eta_s: float | None,
) -> None:
    """The job's own account of itself, with its heartbeat."""
    connection.execute(
        "update jobs set state = ?, reason = ?, heartbeat = ?, done = ?, total = ?, failed = ?, rate = ?, "
        "eta_s = ? where id = ?",
        (state, reason, beat, done, total, failed, rate, eta_s, job),
    )


def ended(
    connection: sqlite3.Connection,
    job: int,
    state: JobState,
    reason: str,
    result: Mapping[str, Any],
    now: int,
) -> None:
    """The job's last word."""
    connection.execute(
        "update jobs set state = ?, reason = ?, result = ?, ended_at = ?, rate = null, eta_s = null "
        "where id = ?",
        (state, reason, json.dumps(result), now, job),
    )


def ask(connection: sqlite3.Connection, job: int, command: Command, operator: str, now: int) -> None:
    """Ask a job to pause, go on or stop."""
    connection.execute(
        "update controls set command = ?, operator = ?, at = ? where job = ?", (command, operator, now, job)
    )


def throttle(connection: sqlite3.Connection, job: int, rate: float | None, operator: str, now: int) -> None:
    """Ask a job to stay under a ceiling in writes a second; None = the limiter decides."""
    connection.execute(
        "update controls set rate = ?, operator = ?, at = ? where job = ?", (rate, operator, now, job)
    )


def control(connection: sqlite3.Connection, job: int) -> Control:
    """The control row of a job."""
    row = connection.execute(
        "select command, rate, operator, at, seen, seen_rate, seen_at from controls where job = ?", (job,)
    ).fetchone()
    return Control(*row)


def acknowledge(
    connection: sqlite3.Connection, job: int, command: Command, rate: float | None, now: int
) -> None:
    """The job says which command and which ceiling it follows now."""
    connection.execute(
        "update controls set seen = ?, seen_rate = ?, seen_at = ? where job = ?", (command, rate, now, job)
    )


def heartbeat_age(job: Job, boot: str, monotonic: float) -> float | None:
    """Seconds since a job showed life; None when it never did or the machine was started anew."""
    if job.heartbeat is None or job.boot != boot:
        return None
    return max(0.0, monotonic - job.heartbeat)
