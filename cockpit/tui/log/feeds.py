"""The long lists of pane Log: actions, entries of the rollout, jobs, and what one of them said."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cockpit.state import audit, jobs, logs, samples
from cockpit.state.audit import AuditRow
from cockpit.state.browse import Listing
from cockpit.state.jobs import Job
from cockpit.state.rollout import audit as chain
from cockpit.state.rollout.audit import Entry
from cockpit.state.samples import Notice
from cockpit.tui import marks, text
from cockpit.tui.log import change
from cockpit.tui.log import job as one
from cockpit.tui.marks import Mark
from cockpit.tui.records import Record, Side, parsed
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.lines import Part

_TRAIL: Sequence[Column] = (
    Column("at", 11),
    Column("who", 12),
    Column("action", 17, grow=1),
    Column("on", 10, grow=3),
    Column("change, why", 16, grow=6),
    Column("host", 12, least=140),
)


@dataclass(frozen=True, slots=True)
class ActionsFeed:
    """The audit trail of the state."""

    title: str = "Audit trail"
    listing: Listing = field(default_factory=logs.actions)
    columns: Sequence[Column] = _TRAIL

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        return {row.id: _row(row, row.operator) for row in audit.rows(connection, wanted)}

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        found = audit.rows(connection, [id_])
        return _record(found[0], found[0].operator) if found else None


@dataclass(frozen=True, slots=True)
class EntriesFeed:
    """The chained audit trail of the rollout. `broken`: the entry that the chain does not vouch for."""

    broken: int | None = None
    title: str = "Audit trail of the rollout"
    listing: Listing = field(default_factory=logs.chained)
    columns: Sequence[Column] = _TRAIL

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        return {
            row.id: _row(row, _who(row), wrong=self._is_wrong(row)) for row in chain.rows(connection, wanted)
        }

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        for row in chain.rows(connection, [id_]):
            expected = row.expected()
            link = {"previous": row.previous, "digest": row.digest}
            if wrong := self._is_wrong(row):
                link["digest of what it says"] = expected
            return _record(row, _who(row), Side("chain", link), wrong=wrong)
        return None

    def _is_wrong(self, row: Entry) -> bool:
        return row.id == self.broken or row.digest != row.expected()


def _who(row: Entry) -> str:
    return row.operator if row.person else f"{row.operator} (rule)"


def _row(row: AuditRow | Entry, who: str, *, wrong: bool = False) -> Row:
    action = text.line(row.action, 60)
    return Row(
        (
            (text.short_day(row.at), "dim"),
            (text.line(who), "plain"),
            (f"✘ {action}", "bad") if wrong else (action, "strong"),
            (text.line(row.subject), "plain"),
            (text.line(change.told(row)), "dim"),
            (text.line(row.host), "dim"),
        ),
        row.subject,
    )


def _record(row: AuditRow | Entry, who: str, *others: Side, wrong: bool = False) -> Record:
    entry = {
        "at": text.full(row.at),
        "who": who,
        "host": row.host,
        "action": row.action,
        "on": row.subject,
        "before": _value(row.before),
        "after": _value(row.after),
        "why": row.why,
    }
    notes: tuple[Part, ...] = (
        (f"by {text.line(who, 60)}", "plain"),
        (f" on {text.line(row.host, 60)}   {text.full(row.at)}", "dim"),
    )
    tampered: tuple[Part, ...] = (
        ("✘ not vouched for", "bad"),
        ("   it is not what was written, or one before it is gone", "plain"),
    )
    return Record(
        f"entry {row.id}",
        ((text.line(row.action, 60), "strong"), (f"   {text.line(row.subject, 120)}", "dim")),
        notes,
        (Side("entry", {name: value for name, value in entry.items() if value is not None}), *others),
        findings=(tampered,) if wrong else (),
    )


def _value(stored: str | None) -> Any:
    """JSON as what it says, any other text as it is."""
    value = parsed(stored)
    return value if isinstance(value, dict | list) else stored


@dataclass(frozen=True, slots=True)
class JobsFeed:
    """Running and past jobs. `alive`: the marks of those that may be at work."""

    alive: Mapping[int, str] = field(default_factory=dict)
    title: str = "Jobs"
    listing: Listing = field(default_factory=logs.jobs)
    columns: Sequence[Column] = (
        Column("job", 5, right=True),
        Column("kind", 8),
        Column("state", 11),
        Column("who", 8, least=100),
        Column("started", 11),
        Column("took", 8),
        Column("exit", 4, right=True, least=100),
        Column("said last", 14, grow=1),
        Column("process", 7, right=True, least=140),
    )

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        return {row.id: self._row(row) for row in jobs.rows(connection, wanted)}

    def mark(self, row: Job) -> Mark:
        """Its state; one that never said how it ended and is not alive is dead."""
        return marks.of(marks.JOB_STATES, one.standing(row, self.alive.get(row.id)))

    def _row(self, row: Job) -> Row:
        mark = self.mark(row)
        exit_ = (row.result or {}).get("exit")
        return Row(
            (
                (str(row.id), "dim"),
                (row.kind, "strong"),
                (str(mark), mark.tone),
                (text.line(row.operator), "plain"),
                (text.short_day(row.started_at or row.created_at), "dim"),
                (one.took(row), "dim"),
                ("-" if exit_ is None else str(exit_), "bad" if mark.tone == "bad" else "dim"),
                (text.line(one.last_words(row, mark)), "plain"),
                (str(row.pid or "-"), "dim"),
            ),
            str(row.id),
        )

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        told = one.read(connection, id_)
        return one.record(told, self.mark(told.job)) if told is not None else None


@dataclass(frozen=True, slots=True)
class SaidFeed:
    """What a job said while it worked."""

    job: int
    title: str = "What it said"
    columns: Sequence[Column] = (
        Column("at", 14),
        Column("level", 9),
        Column("what", 20, grow=1),
    )

    @property
    def listing(self) -> Listing:
        """Of that job."""
        return logs.said_by(self.job)

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        return {row.id: _line(row) for row in samples.notice_rows(connection, wanted)}

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        for row in samples.notice_rows(connection, [id_]):
            mark = marks.of(marks.SEVERITIES, row.level)
            return Record(
                f"line {row.id}",
                ((f"job {self.job}", "strong"), (f"   {text.full(row.at)}", "dim")),
                ((str(mark), mark.tone),),
                (Side("what it said", {"at": text.full(row.at), "level": row.level, "text": row.text}),),
            )
        return None


def _line(row: Notice) -> Row:
    mark = marks.of(marks.SEVERITIES, row.level)
    return Row(
        (
            (text.full(row.at).partition("-")[2], "dim"),
            (str(mark), mark.tone),
            (text.line(row.text), "plain" if row.level == "info" else mark.tone),
        ),
        row.text,
    )
