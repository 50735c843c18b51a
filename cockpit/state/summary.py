"""Where everything stands, in one short reading transaction: for `cockpit status` and the overview."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from cockpit.connections.board import COLUMNS, Column, begins
from cockpit.state import (
    connections,
    diffs,
    errors,
    events,
    exports,
    holds,
    jobs,
    journal,
    meta,
    resources,
    users,
    webhook_steps,
)
from cockpit.state.connections import Handoff
from cockpit.state.diffs import Diff
from cockpit.state.events import Standing
from cockpit.state.exports import Export
from cockpit.state.jobs import Job, JobKind
from cockpit.state.meta import Binding
from cockpit.terms import KINDS, ErrorClass, Kind, OpState, PasswordState
from cockpit.webhooks.sequence import Evidence


@dataclass(frozen=True, slots=True)
class Passwords:
    """How many mapped users keep their password: by state, carried ones by type, others by reason."""

    carried: int
    unsupported: int
    absent: int
    by_type: Mapping[str, int]
    by_reason: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole migration in numbers. `users` always sums to `exported`; `others` are the other kinds.

    `exports`: the newest of each kind, `export` that of users. `waiting`: what the last import left ready
    because what it hangs on is not at the target. `held_back`: how many of the skipped a policy holds, by
    reason; `held`: records without an id. `connections`: by their column of the rollout board. `webhooks`:
    the evidence of their sequence.
    """

    binding: Binding
    exports: Mapping[Kind, Export]
    exported: int
    users: Mapping[OpState, int]
    others: Mapping[Kind, Mapping[OpState, int]]
    waiting: Mapping[Kind, int]
    held_back: Mapping[str, int]
    read: int
    merged: int
    held: int
    pages: int
    batches: int
    batches_done: int
    batches_failed: int
    errors: Mapping[ErrorClass, int]
    passwords: Passwords
    mapped: int
    diff: Diff | None
    connections: Mapping[Column, int]
    handed_over: Mapping[Handoff, int]
    events: Standing | None
    webhooks: Sequence[Evidence]
    jobs: list[Job]

    @property
    def export(self) -> Export | None:
        """The newest export of users."""
        return self.exports.get("user")

    @property
    def kinds(self) -> Mapping[Kind, Mapping[OpState, int]]:
        """Every kind by state, in the order they are sent; the sums of what is not there are 0."""
        return {kind: self.users if kind == "user" else self.others[kind] for kind in KINDS}

    @property
    def to_send(self) -> int:
        """What an import would send now, of any kind."""
        return sum(
            max(0, states["ready"] - self.waiting.get(kind, 0)) + states["sending"]
            for kind, states in self.kinds.items()
        )

    @property
    def open_errors(self) -> int:
        """Errors that nobody has resolved."""
        return sum(self.errors.values())


def read(connection: sqlite3.Connection, moved: Mapping[str, Column] | None = None) -> Summary:
    """Read everything at one moment, so that the sums add up.

    `moved`: the columns of connections that were moved on the rollout board.
    """
    connection.execute("begin")
    try:
        states = journal.counts(connection, journal.USER)
        read_, merged, held = exports.records(connection)
        batches, done, failed = connection.execute(
            "select count(*), coalesce(sum(done + failed >= total), 0), coalesce(sum(failed > 0), 0) "
            "from batches where kind = ?",
            (journal.USER,),
        ).fetchone()
        passwords = _passwords(connection)
        return Summary(
            binding=meta.binding(connection),
            exports={kind: found for kind in KINDS if (found := exports.latest(connection, kind))},
            exported=sum(states.values()),
            users=states,
            others={kind: journal.counts(connection, kind) for kind in KINDS if kind != "user"},
            waiting=resources.left_waiting(connection),
            held_back=holds.counts(connection),
            read=read_,
            merged=merged,
            held=held,
            pages=connection.execute("select count(*) from pages").fetchone()[0],
            batches=batches,
            batches_done=done,
            batches_failed=failed,
            errors=errors.open_by_class(connection),
            passwords=passwords,
            mapped=passwords.carried + passwords.unsupported + passwords.absent,
            diff=diffs.latest(connection),
            connections=_connections(connection, moved or {}),
            handed_over=connections.handoffs(connection),
            events=events.standing(connection),
            webhooks=webhook_steps.log(connection),
            jobs=_jobs(connection),
        )
    finally:
        connection.execute("commit")


def _passwords(connection: sqlite3.Connection) -> Passwords:
    by_state: dict[PasswordState, int] = {"carried": 0, "unsupported": 0, "absent": 0}
    by_type: dict[str, int] = {}
    by_reason: dict[str, int] = {}
    for state, kind, reason, n in users.passwords_by(connection):
        by_state[state] += n
        if state == "carried":
            by_type[kind] = by_type.get(kind, 0) + n
        elif state == "unsupported":
            by_reason[reason] = by_reason.get(reason, 0) + n
    return Passwords(by_state["carried"], by_state["unsupported"], by_state["absent"], by_type, by_reason)


def _connections(connection: sqlite3.Connection, moved: Mapping[str, Column]) -> dict[Column, int]:
    """SSO connections by the column of the rollout board that they stand in."""
    begun = {ident: begins(verdict) for ident, verdict in connections.in_force(connection).items()}
    counted = Counter({**begun, **moved}.values())
    return {column: counted[column] for column in COLUMNS}


def _jobs(connection: sqlite3.Connection) -> list[Job]:
    newest = [job for kind in get_args(JobKind) if (job := jobs.latest(connection, kind))]
    return sorted(newest, key=lambda job: job.id, reverse=True)
