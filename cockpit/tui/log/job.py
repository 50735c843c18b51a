"""One job opened: what it was asked, how it went, how it ended, and what people told it meanwhile."""

import sqlite3
from typing import Any, NamedTuple

from cockpit.state import audit, jobs
from cockpit.state.audit import AuditRow
from cockpit.state.jobs import Job
from cockpit.tui import text
from cockpit.tui.log import change
from cockpit.tui.marks import Mark
from cockpit.tui.records import Record, Side

_ASKED = 50


class Told(NamedTuple):
    """A job, and what people did to it, the newest first."""

    job: Job
    asked: list[AuditRow]


def read(connection: sqlite3.Connection, job: int) -> Told | None:
    """What is known of it."""
    found = jobs.get(connection, job)
    return Told(found, audit.tail(connection, _ASKED, f"job {job}")) if found is not None else None


def standing(job: Job, alive: str | None) -> str:
    """The name of its mark; `alive`: as it was found by its lock, None where it was not."""
    return alive or ("dead" if job.state in jobs.ACTIVE else job.state)


def took(job: Job) -> str:
    """From its start to its end; - while it has none."""
    if job.ended_at is None:
        return "-"
    return text.span((job.ended_at - (job.started_at or job.created_at)) / 1000)


def last_words(job: Job, mark: Mark) -> str:
    """What it ended with, else why it is in its state."""
    if job.result is not None:
        return str(job.result.get("message") or "")
    return "its process ended without a word" if mark.word == "DEAD" else job.reason


def record(told: Told, mark: Mark) -> Record:
    """It as a record."""
    job = told.job
    about: dict[str, Any] = {
        "state": mark.word,
        "reason": job.reason if job.reason and job.result is None else None,
        "who": job.operator,
        "started": text.full(job.started_at or job.created_at),
        "ended": text.full(job.ended_at) if job.ended_at is not None else None,
        "process": job.pid,
        "done": job.done,
        "of": job.total,
        "failed": job.failed,
        "args": job.args or None,
        "result": job.result,
        "actions": [_asked(row) for row in told.asked],
    }
    words = text.line(last_words(job, mark), 300)
    return Record(
        f"job {job.id}",
        ((job.kind, "strong"), (f"   job {job.id}", "dim")),
        ((str(mark), mark.tone), (f" · {words}" if words else "", "plain")),
        (Side(f"job {job.id}", {name: value for name, value in about.items() if value is not None}),),
    )


def _asked(row: AuditRow) -> str:
    return " ".join(filter(None, (text.full(row.at), row.operator, row.action, change.told(row))))
