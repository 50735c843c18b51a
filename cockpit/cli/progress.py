"""A job in words and in JSON: state, reason and time left are three separate things."""

import time
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from cockpit.cli import output

if TYPE_CHECKING:
    from cockpit.state.jobs import Job

STALE_S = 10.0
"""A heartbeat older than this is worth saying in words."""


def heartbeat_age(job: "Job") -> float | None:
    """Seconds since an active job showed life, None for one that is over or never did."""
    from cockpit.clock import SystemClock, boot_id
    from cockpit.state import jobs

    if job.state not in jobs.ACTIVE:
        return None
    return jobs.heartbeat_age(job, boot_id(), SystemClock().monotonic())


def job_fields(job: "Job") -> dict[str, Any]:
    """The stable keys of a job."""
    age = heartbeat_age(job)
    return {
        "id": job.id,
        "kind": job.kind,
        "state": job.state,
        "reason": job.reason,
        "done": job.done,
        "total": job.total,
        "failed": job.failed,
        "rate": job.rate,
        "eta_s": job.eta_s,
        "heartbeat_age_s": None if age is None else round(age, 3),
    }


def describe(job: "Job", width: int | None = None) -> str:
    """One line: kind, state, reason, how far, how fast, when done; cut to a width."""
    parts = [job.kind, job.state.upper()]
    if job.reason:
        parts += ["·", job.reason]
    parts.append(f" {_done(job)}")
    if job.failed:
        parts.append(f" {job.failed:,} failed")
    if job.rate is not None:
        parts.append(f" {job.rate:,.0f}/s")
    if job.eta_s is not None:
        parts.append(f" {_until(job.eta_s)}")
    age = heartbeat_age(job)
    if age is not None and age > STALE_S:
        parts.append(f" STALE, last sign of life {output.span(age)} ago")
    line = " ".join(parts)
    return line if width is None or len(line) <= width else line[: width - 1] + "…"


def _done(job: "Job") -> str:
    if not job.total:
        return f"{job.done:,}"
    share = min(100.0, 100 * job.done / job.total)
    return f"{job.done:,} / {job.total:,}  {share:.1f} %"


def _until(seconds: float) -> str:
    at = datetime.fromtimestamp(time.time()) + timedelta(seconds=seconds)
    return f"done ~{at:%H:%M} ({output.span(seconds)} left)"
