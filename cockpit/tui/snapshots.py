"""What the panes see: frozen readings of the state, taken in one short transaction each."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from cockpit.clock import Clock, boot_id, millis
from cockpit.connections.board import Column
from cockpit.jobs import lock
from cockpit.jobs.lock import Liveness
from cockpit.rules.lint import SECOND_FACTOR_LOST, SEVERITIES
from cockpit.state import (
    audit,
    batches,
    checkpoint,
    decisions,
    diffs,
    errors,
    fixrules,
    jobs,
    journal,
    lint,
    password_plan,
    resets,
    resource_findings,
    reviewers,
    samples,
    summary,
)
from cockpit.state.batches import BatchCell
from cockpit.state.database import StateError
from cockpit.state.decisions import Decision
from cockpit.state.errors import Group
from cockpit.state.fixrules import Standing as FixRule
from cockpit.state.jobs import Control, Job, JobKind
from cockpit.state.password_plan import Group as LostGroup
from cockpit.state.resets import Standing as Emails
from cockpit.state.resource_findings import KindCount
from cockpit.state.reviewers import Review
from cockpit.state.rollout import moved
from cockpit.state.samples import Sample
from cockpit.state.summary import Summary
from cockpit.terms import Kind
from cockpit.tui import kinds
from cockpit.tui.connections import standing
from cockpit.tui.connections.standing import NOTHING, Standing
from cockpit.tui.given import Given
from cockpit.tui.log import kept
from cockpit.tui.log.kept import Kept
from cockpit.tui.rollout import board
from cockpit.tui.rollout import outlook as outlooks
from cockpit.tui.rollout.board import Board
from cockpit.tui.rollout.outlook import Outlook
from cockpit.tui.text import size, span
from cockpit.tui.webhooks import seen
from cockpit.tui.webhooks.seen import EMPTY, Seen

PaneId = Literal[
    "overview", "export", "import", "errors", "diff", "connections", "rollout", "webhooks", "log"
]
PANES: tuple[PaneId, ...] = get_args(PaneId)

JOB_OF: dict[PaneId, JobKind] = {
    "export": "export",
    "import": "import",
    "errors": "import",
    "diff": "diff",
    "webhooks": "drain",
}
"""The kind of job that a pane is about."""

MAP_CELLS = 2400
"""The most cells the batch map is read in; a small screen folds them further."""

_SAMPLES = 320
_EVENTS = 12
_EXAMPLES = 40
_DECISIONS = 12


@dataclass(frozen=True, slots=True)
class JobView:
    """The newest job of a kind, what it was asked, and whether it lives."""

    job: Job
    control: Control
    liveness: Liveness
    age: float | None
    sample: Sample | None

    @property
    def active(self) -> bool:
        """At work, or at least holding its lock."""
        return self.job.state in jobs.ACTIVE and self.liveness != "dead"

    @property
    def lost(self) -> bool:
        """It never said goodbye and its lock is free: the next start takes its work over."""
        return self.job.state in jobs.ACTIVE and self.liveness == "dead"

    @property
    def stale(self) -> bool:
        """It holds its lock but has shown no life for too long."""
        return self.active and (self.liveness == "hung" or (self.age is not None and self.age > lock.STALE_S))

    @property
    def mark(self) -> str:
        """The name of its mark: stale and dead go before what the job last said of itself."""
        if self.lost:
            return "dead"
        if self.stale:
            return "stale"
        if self.job.state == "running":
            return next((mark for words, mark in _HELD_BACK if words in self.job.reason), "running")
        return self.job.state


_HELD_BACK = (("429", "throttled"), ("target is down", "waiting"), ("does not answer", "waiting"))
"""A running job that something holds back says so in its reason."""


class Event(NamedTuple):
    """A line of what happened: a job's notice, or what a person did."""

    at: int
    level: str
    text: str


class Cause(NamedTuple):
    """A group of failures, with the message of one of them and whose it is."""

    group: Group
    who: str
    message: str


class Plan(NamedTuple):
    """What is decided for those whose password can't go along, and what else can't.

    `groups`: by reason. `resets`: how far the e-mails are, of the groups that are written to. `factors`:
    second factors that are lost, (which, users).
    """

    groups: tuple[LostGroup, ...] = ()
    resets: tuple[Emails, ...] = ()
    factors: tuple[tuple[str, int], ...] = ()

    @property
    def waiting(self) -> int:
        """E-mails that can be sent now."""
        return sum(standing.waiting for standing in self.resets)

    @property
    def doubtful(self) -> int:
        """E-mails that failed, or may have gone out."""
        return sum(standing.failed + standing.unknown for standing in self.resets)


@dataclass(frozen=True, slots=True)
class Detail:
    """What only the visible pane needs. Parts that belong to other panes are empty.

    `standing`: fix rules in force; `reviews`: who is on what; `decided`: the newest decisions, newest first.
    """

    samples: tuple[Sample, ...] = ()
    cells: tuple[BatchCell, ...] = ()
    rules: tuple[KindCount, ...] = ()
    plan: Plan = field(default_factory=Plan)
    differing: tuple[tuple[Kind, int], ...] = ()
    groups: tuple[Cause, ...] = ()
    standing: tuple[FixRule, ...] = ()
    reviews: tuple[Review, ...] = ()
    decided: tuple[Decision, ...] = ()
    connections: Standing = NOTHING
    webhooks: Seen = EMPTY
    log: Kept = kept.NOTHING
    board: Board | None = None
    outlook: Outlook | None = None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything on the screen at one moment. `summary` is None while there is no state file."""

    at: float
    summary: Summary | None = None
    jobs: Mapping[JobKind, JobView] = field(default_factory=dict)
    wal: int = 0
    problem: str = ""

    def job(self, kind: JobKind | None) -> JobView | None:
        """The newest job of a kind."""
        return self.jobs.get(kind) if kind is not None else None

    def at_work(self, kind: JobKind) -> bool:
        """Whether a job of this kind is."""
        view = self.job(kind)
        return view is not None and view.active

    @property
    def alarms(self) -> list[str]:
        """What must not be overlooked, worst first; each says what to do."""
        found = [self.problem] if self.problem else []
        for kind, view in self.jobs.items():
            if view.lost:
                found.append(
                    f"{kind}: DEAD, its process ended without a word; nothing is lost, {_takeover(kind)}"
                )
            elif view.stale:
                found.append(
                    f"{kind}: STALE, no heartbeat for {span(view.age or 0)} while process {view.job.pid} "
                    f"holds its lock; end that process, then {_takeover(kind)}"
                )
        if self.wal > checkpoint.WAL_ALARM:
            found.append(
                f"write-ahead log at {size(self.wal)}: some program holds an old reading of the state open"
            )
        return found


STARTS: Mapping[JobKind, tuple[PaneId, str]] = {
    "export": ("export", "s"),
    "lint": ("export", "l"),
    "import": ("import", "s"),
    "diff": ("diff", "s"),
    "reset": ("export", "e"),
    "run": ("overview", "S"),
    "sync": ("diff", "S"),
    "check": ("connections", "c"),
    "create": ("connections", "C"),
    "match": ("connections", "m"),
    "invite": ("connections", "t"),
    "webhooks": ("webhooks", "Enter"),
    "drain": ("webhooks", "s"),
    "events": ("webhooks", "f"),
    "rollout": ("rollout", "s"),
}
"""Where a kind of job is started and taken over: the pane, and its key there. Others have a command only."""


def key_of(kind: JobKind) -> str:
    """What starts a kind of job, and takes one over that died: a key of its pane, else its command."""
    return STARTS[kind][1] if kind in STARTS else "the same command"


def _takeover(kind: JobKind) -> str:
    where = f" (pane {PANES.index(STARTS[kind][0]) + 1})" if kind in STARTS else ""
    return f"{key_of(kind)} takes over{where}"


MOVING: tuple[JobKind, ...] = ("create", "invite", "match", "check")
"""The jobs about connections."""

STEERED: Mapping[PaneId, tuple[JobKind, ...]] = {
    "overview": ("run", "sync", "reset", *MOVING, "export", "lint", "import", "diff"),
    "export": ("reset", "export", "lint"),
    "import": ("import",),
    "errors": ("import",),
    "diff": ("sync", "diff"),
    "connections": MOVING,
    "webhooks": ("drain", "webhooks", "events"),
    "rollout": ("rollout",),
    "log": (),
}
"""The jobs that a pane slows and ends: the first of them that is at work, which may be leading others."""


def read(connection: sqlite3.Connection, state: Path, clock: Clock) -> Snapshot:
    """The part every pane needs. One transaction for the numbers, one row a job beside it."""
    found = summary.read(connection, _moved(state))
    views = {job.kind: _job_view(connection, state, job, clock) for job in found.jobs}
    return Snapshot(clock.now(), found, views, checkpoint.wal_size(state))


def _moved(state: Path) -> Mapping[str, Column]:
    """Where connections were moved; a rollout file that can't be read is its own pane's matter."""
    try:
        return moved.read(state)
    except StateError:
        return {}


def detail(
    connection: sqlite3.Connection,
    state: Path,
    snapshot: Snapshot,
    pane: PaneId,
    given: Given,
    known: Detail | None,
) -> Detail:
    """What one pane shows besides. With `known`, its slow facets (findings, groups) are kept as they are."""
    newest: tuple[Sample, ...] = ()
    if (view := snapshot.job(JOB_OF.get(pane))) is not None:
        newest = tuple(samples.tail(connection, view.job.id, _SAMPLES))
    match pane:
        case "import":
            cells = tuple(batches.cells(connection, journal.USER, given.batch_size, MAP_CELLS))
            return Detail(newest, cells, events=_events(connection))
        case "export":
            if known is not None:
                return replace(known, samples=newest)
            return Detail(newest, rules=_rules(connection), plan=_plan(connection, given))
        case "errors":
            return Detail(
                groups=known.groups if known else _causes(connection),
                standing=known.standing if known else tuple(fixrules.standing(connection)),
                reviews=tuple(reviewers.alive(connection, millis(snapshot.at))),
                decided=tuple(decisions.listed(connection, _DECISIONS)),
            )
        case "connections":
            return known or Detail(connections=standing.read(connection, given.proxy_from))
        case "webhooks":
            if known is not None:
                return replace(known, samples=newest)
            held = seen.read(connection, state, millis(snapshot.at))
            return Detail(newest, webhooks=held, events=_events(connection))
        case "log":
            return known or Detail(log=kept.read(connection, state))
        case "rollout":
            return Detail(board=_board(connection, state, snapshot, given, known))
        case "overview":
            at = millis(snapshot.at)
            outlook = known.outlook if known is not None else outlooks.read(state, given.rollout, at)
            return Detail(events=_events(connection), outlook=outlook)
        case "diff":
            if known is not None:
                return replace(known, samples=newest)
            diff = snapshot.summary.diff if snapshot.summary is not None else None
            differing = tuple(diffs.by_thing(connection, diff.id)) if diff is not None else ()
            return Detail(newest, differing=differing)


def _board(
    connection: sqlite3.Connection, state: Path, snapshot: Snapshot, given: Given, known: Detail | None
) -> Board | None:
    at = millis(snapshot.at)
    if known is None or known.board is None:
        return board.read(connection, state, given.rollout, at)
    return board.again(known.board, state, at)


def _rules(connection: sqlite3.Connection) -> tuple[KindCount, ...]:
    """What lint found, of users and of what moves beside them: the gravest first, then the most."""
    users = [KindCount("user", count.rule, count.severity, count.users) for count in lint.counts(connection)]
    found = [*users, *resource_findings.counts(connection)]
    return tuple(sorted(found, key=lambda count: (SEVERITIES.index(count.severity), -count.records)))


def _plan(connection: sqlite3.Connection, given: Given) -> Plan:
    return Plan(
        tuple(password_plan.groups(connection, given.without_hash)),
        tuple(resets.standings(connection, given.without_hash)),
        tuple(lint.by_field(connection, SECOND_FACTOR_LOST)),
    )


def _job_view(connection: sqlite3.Connection, state: Path, job: Job, clock: Clock) -> JobView:
    newest = samples.tail(connection, job.id, 1)
    return JobView(
        job,
        jobs.control(connection, job.id),
        lock.liveness(state, job, clock),
        jobs.heartbeat_age(job, boot_id(), clock.monotonic()),
        newest[0] if newest else None,
    )


def _causes(connection: sqlite3.Connection) -> tuple[Cause, ...]:
    found: list[Cause] = []
    for group in errors.groups(connection):
        example = errors.show(connection, group.example) if len(found) < _EXAMPLES else None
        if example is None:
            found.append(Cause(group, "", ""))
        else:
            who = example.email or example.name or example.external_id
            found.append(Cause(group, kinds.named(example.kind, who), example.message))
    return tuple(found)


def _events(connection: sqlite3.Connection) -> tuple[Event, ...]:
    said = [Event(notice.at, notice.level, notice.text) for notice in samples.notices(connection, _EVENTS)]
    for row in audit.tail(connection, _EVENTS):
        change = f" {row.before} → {row.after}" if row.before and row.after else ""
        why = f": {row.why}" if row.why else ""
        said.append(Event(row.at, "person", f"{row.operator} {row.action} {row.subject}{change}{why}"))
    return tuple(sorted(said, key=lambda event: event.at, reverse=True)[:_EVENTS])
