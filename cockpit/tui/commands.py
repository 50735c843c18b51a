"""The one way in which the cockpit changes anything: gated, audited, called in a worker thread.

Each method says in a sentence what it did. Expected failures are `Refused`.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cockpit.clock import Clock, millis
from cockpit.jobs import control, launch
from cockpit.jobs.control import NotActive
from cockpit.jobs.launch import JobRefused
from cockpit.state import audit, password_plan, resolve
from cockpit.state.database import StateError, explain, open_state, transaction
from cockpit.state.jobs import Job, JobKind
from cockpit.state.password_plan import Choice, Group
from cockpit.tui.given import Given
from cockpit.words import counted

CEILINGS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 40.0, 50.0, 100.0, 200.0, 500.0)
"""The steps of `[` and `]` in writes a second; above them the limiter alone decides."""

CHUNK = 2000
"""Errors resolved in one transaction, so that the running job never waits long for its turn."""


class Refused(Exception):
    """What was asked can't be done; one line says why."""


def slower(asked: float | None, used: float | None) -> float:
    """The step below the ceiling in use."""
    now = min(rate for rate in (asked, used, CEILINGS[-1] + 1) if rate is not None)
    return max((step for step in CEILINGS if step < now), default=CEILINGS[0])


def faster(asked: float | None, used: float | None) -> float | None:
    """The step above the ceiling asked for; None, the limiter's own, once that no longer holds it back."""
    if asked is None or (used is not None and used < asked):
        return None
    return next((step for step in CEILINGS if step > asked), None)


@dataclass(frozen=True, slots=True)
class Commands:
    """Commands of one operator on one state file."""

    state: Path
    operator: str
    clock: Clock
    config: Path | None
    given: Given
    read_only: bool

    @property
    def now(self) -> int:
        """The moment, in ms."""
        return millis(self.clock.now())

    def start(self, kind: JobKind, args: Mapping[str, Any]) -> str:
        """Launch a job as a process of its own."""
        with self.refusing():
            job = launch.start(
                self.state, kind, args, operator=self.operator, clock=self.clock, config=self.config
            )
        return f"{kind} started as job {job}"

    def pause(self, job: Job) -> str:
        """Take no new work."""
        with self.opened() as connection:
            control.pause(connection, job, operator=self.operator, clock=self.clock)
        return f"{job.kind} asked to pause: it finishes what is in flight"

    def resume(self, job: Job) -> str:
        """Go on after a pause."""
        with self.opened() as connection:
            control.resume(connection, job, operator=self.operator, clock=self.clock)
        return f"{job.kind} asked to go on"

    def stop(self, job: Job) -> str:
        """End after what is in flight."""
        with self.opened() as connection:
            control.stop(connection, job, operator=self.operator, clock=self.clock)
        return f"{job.kind} asked to stop; s goes on where it ended"

    def throttle(self, job: Job, rate: float | None) -> str:
        """Set the ceiling of what it sends a second."""
        with self.opened() as connection:
            control.throttle(connection, job, rate, operator=self.operator, clock=self.clock)
        what = "events" if job.kind == "drain" else "writes"
        return f"asked for {'the limiter alone to decide' if rate is None else f'at most {rate:g} {what}/s'}"

    def retry(self, errors: Sequence[int]) -> str:
        """Make failed records ready again."""
        moved = 0
        with self.opened() as connection:
            for part in chunks(errors):
                with transaction(connection):
                    moved += resolve.retry(
                        connection,
                        part,
                        operator=self.operator,
                        batch_size=self.given.batch_size,
                        now=self.now,
                    )
        return f"{counted(moved, 'record')} ready again; s sends what is ready"

    def ignore(self, errors: Sequence[int], reason: str) -> str:
        """Leave records out for good."""
        moved = 0
        with self.opened() as connection:
            for part in chunks(errors):
                with transaction(connection):
                    moved += resolve.ignore(
                        connection,
                        part,
                        operator=self.operator,
                        reason=reason,
                        batch_size=self.given.batch_size,
                        now=self.now,
                    )
        return f"{counted(moved, 'record')} ignored: {reason}"

    def choose(self, group: Group, choice: Choice) -> str:
        """Decide what becomes of those who lose their password for one reason."""
        now = self.now
        with self.opened() as connection, transaction(connection):
            password_plan.choose(connection, group, choice, self.operator, now, None)
        return f"{counted(group.users, 'user')}: {choice} (was {group.choice}); c chooses again"

    def reveal(self, subject: str) -> str:
        """Leave word that the secrets of a record were looked at."""
        with self.opened() as connection, transaction(connection):
            audit.record(connection, self.operator, "record.reveal", subject, self.now)
        return f"secrets of {subject} shown; the audit trail says so"

    @contextmanager
    def refusing(self) -> Iterator[None]:
        """The gate before, and every expected failure of the body as Refused."""
        if self.read_only:
            raise Refused("this cockpit was opened read-only")
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise Refused(str(explain(error, self.state))) from error
        except (JobRefused, NotActive, StateError, OSError) as error:
            raise Refused(str(error)) from error

    @contextmanager
    def opened(self) -> Iterator[sqlite3.Connection]:
        """A connection to write by, gated as `refusing`."""
        with self.refusing():
            connection = open_state(self.state)
            try:
                yield connection
            finally:
                connection.close()


def chunks(errors: Sequence[int]) -> Iterator[Sequence[int]]:
    """Errors in the portions that are decided about in one transaction."""
    for start in range(0, len(errors), CHUNK):
        yield errors[start : start + CHUNK]
