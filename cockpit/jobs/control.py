"""Steering a job: faces write what they want into its control row, the job acknowledges there."""

import sqlite3

from cockpit.clock import Clock, millis
from cockpit.state import audit, jobs
from cockpit.state.database import transaction
from cockpit.state.jobs import ACTIVE, Command, Job


class NotActive(Exception):
    """The job is not at work, so it can't be steered; the message says what it is."""


def pause(connection: sqlite3.Connection, job: Job, *, operator: str, clock: Clock) -> None:
    """Take no new work, finish what is in flight, keep the heartbeat. Raises NotActive."""
    _ask(connection, job, "pause", operator, clock)


def resume(connection: sqlite3.Connection, job: Job, *, operator: str, clock: Clock) -> None:
    """Go on after a pause. Raises NotActive."""
    _ask(connection, job, "run", operator, clock)


def stop(connection: sqlite3.Connection, job: Job, *, operator: str, clock: Clock) -> None:
    """Finish what is in flight and end; the same command goes on later. Raises NotActive."""
    _ask(connection, job, "stop", operator, clock)


def throttle(
    connection: sqlite3.Connection, job: Job, rate: float | None, *, operator: str, clock: Clock
) -> None:
    """Stay under `rate` writes a second; None leaves it to the limiter. Raises NotActive."""
    _refuse_ended(job)
    now = millis(clock.now())
    with transaction(connection):
        before = jobs.control(connection, job.id).rate
        jobs.throttle(connection, job.id, rate, operator, now)
        audit.record(
            connection,
            operator,
            f"{job.kind}.throttle",
            f"job {job.id}",
            now,
            before=_rate(before),
            after=_rate(rate),
        )


def _rate(rate: float | None) -> str:
    return "auto" if rate is None else f"{rate:g}/s"


def _ask(connection: sqlite3.Connection, job: Job, command: Command, operator: str, clock: Clock) -> None:
    _refuse_ended(job)
    now = millis(clock.now())
    with transaction(connection):
        before = jobs.control(connection, job.id).command
        jobs.ask(connection, job.id, command, operator, now)
        verb = "resume" if command == "run" else command
        audit.record(
            connection, operator, f"{job.kind}.{verb}", f"job {job.id}", now, before=before, after=command
        )


def _refuse_ended(job: Job) -> None:
    if job.state not in ACTIVE:
        raise NotActive(f"job {job.id} ({job.kind}) is {job.state}; start it again to go on")
