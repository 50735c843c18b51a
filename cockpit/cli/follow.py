"""Long commands: the work is in a job process; the command launches it, watches its row, reports its end."""

import shutil
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from cockpit.cli import output
from cockpit.cli.context import Cli
from cockpit.cli.exits import ExitCode
from cockpit.cli.group import F
from cockpit.cli.progress import describe, job_fields
from cockpit.clock import SystemClock
from cockpit.jobs import control, launch, lock
from cockpit.rules.mask import printable
from cockpit.state import files, jobs

if TYPE_CHECKING:
    from cockpit.state.jobs import Job, JobKind

POLL_S = 0.25
QUIET_S = 5.0
"""Between two lines of progress where there is no terminal; JSON Lines have one a second."""

CLOCK = SystemClock()

FINISHED = (ExitCode.DONE, ExitCode.FINDINGS, ExitCode.NOT_CLEAN)
"""The job did all it had to do; what it says goes to standard output."""

Details = Callable[[sqlite3.Connection, bool], None]
"""Prints what a job found, from the state; as JSON Lines or for a person."""


def long_options(function: F) -> F:
    """--detach and --json, for commands that follow a job."""
    function = click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")(function)
    return click.option("--detach", is_flag=True, help="Return at once; the job goes on by itself.")(function)


def run_job(
    cli: Cli,
    kind: "JobKind",
    args: Mapping[str, Any],
    *,
    detach: bool = False,
    as_json: bool = False,
    details: Details | None = None,
    meanwhile: Details | None = None,
) -> int:
    """Start a job and follow it to its end; returns the exit code.

    `details` prints what the job found, just before its last word; `meanwhile` what it has found since it
    was called last, again and again and once more at the end. Raises JobRefused, StateError.
    """
    job = launch.start(cli.state, kind, args, operator=cli.operator, clock=CLOCK, config=cli.config)
    if as_json:
        output.event("started", CLOCK.now(), job=job, kind=kind)
    if not detach:
        return Follower(cli, job, as_json, details, meanwhile).follow()
    if as_json:
        output.event("result", CLOCK.now(), job=job, kind=kind, detached=True, exit=int(ExitCode.DONE))
    else:
        output.say(f"job {job} ({kind}) is at work; watch it with: cockpit status --watch")
    return ExitCode.DONE


@dataclass
class Follower:
    """Watches one job until it has a result."""

    cli: Cli
    job: int
    as_json: bool
    details: Details | None = None
    meanwhile: Details | None = None
    _interrupts: int = 0
    _stopping: bool = False

    def follow(self) -> int:
        """Report progress until the end; returns the job's exit code.

        Ctrl-C or SIGTERM asks the job to stop and waits for it; a second one leaves it stopping. When the
        terminal goes away this process ends and the job goes on.
        """
        with self._signals(), self.cli.reading() as connection:
            progress = _Progress(self.as_json)
            wait = threading.Event()
            while True:
                job = jobs.get(connection, self.job)
                assert job is not None, "jobs are never deleted"
                dead = job.result is None and lock.liveness(self.cli.state, job, CLOCK) == "dead"
                if dead:
                    job = jobs.get(connection, self.job) or job  # the result may have come just before
                if job.result is not None or dead:
                    progress.clear()
                    self._tell(connection, progress)
                    return self._end(connection, job)
                self._tell(connection, progress)
                progress.show(job)
                if self._interrupts and not self._stopping:
                    self._stopping = True
                    progress.clear()
                    self._ask_to_stop(job)
                if self._interrupts > 1:
                    progress.clear()
                    output.warn(f"job {self.job} is left stopping; see: cockpit jobs")
                    return ExitCode.INTERRUPTED
                wait.wait(POLL_S)

    def _tell(self, connection: sqlite3.Connection, progress: "_Progress") -> None:
        if self.meanwhile is not None:
            progress.clear()
            self.meanwhile(connection, self.as_json)

    def _ask_to_stop(self, job: "Job") -> None:
        output.warn("stopping: what is in flight is finished first (Ctrl-C again to leave it at that)")
        with self.cli.writing() as connection:
            try:
                control.stop(connection, job, operator=self.cli.operator, clock=CLOCK)
            except control.NotActive:
                return

    def _end(self, connection: sqlite3.Connection, job: "Job") -> int:
        result = job.result
        if result is None:
            log = files.printed(self.cli.state)
            result = {
                "exit": int(ExitCode.FAILED),
                "message": f"the process of job {job.id} ({job.kind}) died without a word; nothing it "
                f"committed is lost",
                "hint": f"see {log}; the same command resumes",
            }
        code = int(result["exit"])
        if self.details is not None and code in FINISHED:
            self.details(connection, self.as_json)
        if self.as_json:
            output.event("result", CLOCK.now(), job=job.id, kind=job.kind, **result)
            return code
        aloud = output.say if code in FINISHED else output.warn
        aloud(result["message"])
        hint = result.get("hint")
        if hint is None and code == ExitCode.INTERRUPTED:
            hint = "the same command resumes"
        if hint is not None:
            aloud(hint)
        return code

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def interrupted(number: int, frame: FrameType | None) -> None:
            self._interrupts += 1

        before = {number: signal.signal(number, interrupted) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Progress:
    """One line that is redrawn on a terminal, a line now and then without one, or JSON Lines."""

    def __init__(self, as_json: bool) -> None:
        self._as_json = as_json
        self._live = sys.stderr.isatty() and not as_json
        self._due = CLOCK.monotonic() + QUIET_S / 2
        self._drawn = False

    def show(self, job: "Job") -> None:
        now = CLOCK.monotonic()
        if self._live:
            width = shutil.get_terminal_size().columns
            click.echo(f"\r\x1b[K{printable(describe(job, width - 1))}", err=True, nl=False, color=True)
            self._drawn = True
        elif now >= self._due:
            self._due = now + (1.0 if self._as_json else QUIET_S)
            if self._as_json:
                output.event("progress", CLOCK.now(), **job_fields(job))
            else:
                output.warn(describe(job))

    def clear(self) -> None:
        if self._drawn:
            click.echo("\r\x1b[K", err=True, nl=False, color=True)
            self._drawn = False
