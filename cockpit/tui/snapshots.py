"""What the panes see: frozen readings of the state, taken in one short transaction each."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from cockpit.clock import Clock, boot_id
from cockpit.jobs import lock
from cockpit.jobs.lock import Liveness
from cockpit.state import audit, batches, checkpoint, errors, jobs, journal, lint, samples, summary
from cockpit.state.batches import BatchCell
from cockpit.state.errors import Group
from cockpit.state.jobs import Control, Job, JobKind
from cockpit.state.lint import RuleCount
from cockpit.state.samples import Sample
from cockpit.state.summary import Summary
from cockpit.tui.text import size, span

PaneId = Literal["overview", "export", "import", "errors", "diff"]
PANES: tuple[PaneId, ...] = ("overview", "export", "import", "errors", "diff")

JOB_OF: dict[PaneId, JobKind] = {"export": "export", "import": "import", "errors": "import", "diff": "diff"}
"""The kind of job that a pane is about."""

MAP_CELLS = 2400
"""The most cells the batch map is read in; a small screen folds them further."""

_SAMPLES = 320
_EVENTS = 12
_EXAMPLES = 40


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


@dataclass(frozen=True, slots=True)
class Detail:
    """What only the visible pane needs. Parts that belong to other panes are empty."""

    samples: tuple[Sample, ...] = ()
    cells: tuple[BatchCell, ...] = ()
    rules: tuple[RuleCount, ...] = ()
    groups: tuple[Cause, ...] = ()
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

    @property
    def alarms(self) -> list[str]:
        """What must not be overlooked, worst first; each says what to do."""
        found = [self.problem] if self.problem else []
        for kind, view in self.jobs.items():
            pid = view.job.pid
            if view.lost:
                found.append(
                    f"{kind}: DEAD, its process ended without a word; nothing is lost, s takes over (pane "
                    f"{PANES.index(_PANES[kind]) + 1})"
                )
            elif view.stale:
                found.append(
                    f"{kind}: STALE, no heartbeat for {span(view.age or 0)} while process {pid} holds its "
                    f"lock; end that process, then s takes over"
                )
        if self.wal > checkpoint.WAL_ALARM:
            found.append(
                f"write-ahead log at {size(self.wal)}: some program holds an old reading of the state open"
            )
        return found


_PANES: Mapping[JobKind, PaneId] = {
    "export": "export",
    "lint": "export",
    "import": "import",
    "diff": "diff",
    "reset": "export",
    "run": "overview",
    "sync": "overview",
    "check": "overview",
    "create": "overview",
    "match": "overview",
    "invite": "overview",
    "events": "overview",
}
"""Where a kind of job is seen and steered."""


def read(connection: sqlite3.Connection, state: Path, clock: Clock) -> Snapshot:
    """The part every pane needs. One transaction for the numbers, one row a job beside it."""
    found = summary.read(connection)
    views = {job.kind: _job_view(connection, state, job, clock) for job in found.jobs}
    return Snapshot(clock.now(), found, views, checkpoint.wal_size(state))


def detail(
    connection: sqlite3.Connection, snapshot: Snapshot, pane: PaneId, batch_size: int, known: Detail | None
) -> Detail:
    """What one pane shows besides. With `known`, its slow facets (findings, groups) are kept as they are."""
    view = snapshot.job(JOB_OF.get(pane))
    newest = tuple(samples.tail(connection, view.job.id, _SAMPLES)) if view else ()
    match pane:
        case "import":
            cells = tuple(batches.cells(connection, journal.USER, batch_size, MAP_CELLS))
            return Detail(newest, cells, events=_events(connection))
        case "export":
            rules = known.rules if known else tuple(lint.counts(connection))
            return Detail(newest, rules=rules)
        case "errors":
            return Detail(groups=known.groups if known else _causes(connection))
        case "overview":
            return Detail(events=_events(connection))
        case "diff":
            return Detail(newest)


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
            found.append(Cause(group, example.email or example.external_id, example.message))
    return tuple(found)


def _events(connection: sqlite3.Connection) -> tuple[Event, ...]:
    said = [Event(notice.at, notice.level, notice.text) for notice in samples.notices(connection, _EVENTS)]
    for row in audit.tail(connection, _EVENTS):
        change = f" {row.before} → {row.after}" if row.before and row.after else ""
        why = f": {row.why}" if row.why else ""
        said.append(Event(row.at, "person", f"{row.operator} {row.action} {row.subject}{change}{why}"))
    return tuple(sorted(said, key=lambda event: event.at, reverse=True)[:_EVENTS])
