"""cockpit jobs, start, pause, resume, stop, throttle: a job is named by its id or its kind."""

import sqlite3
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.group import Command, json_option
from cockpit.cli.progress import describe, job_fields
from cockpit.clock import SystemClock
from cockpit.jobs import control, lock
from cockpit.rules.mask import mask
from cockpit.state import audit, jobs, samples
from cockpit.state.audit import AuditRow
from cockpit.state.jobs import Command as Wish
from cockpit.state.jobs import Job, JobKind, JobState

if TYPE_CHECKING:
    from collections.abc import Callable

KINDS: tuple[JobKind, ...] = get_args(JobKind)
ACKNOWLEDGED_S = 2.0
"""How long a command waits for the job to say that it follows."""

FOLLOWED: dict[Wish, JobState] = {"run": "running", "pause": "paused", "stop": "stopping"}
"""The state in which a job shows that it follows a wish."""

CLOCK = SystemClock()


@click.command("jobs", cls=Command)
@click.argument("key", metavar="[JOB]", required=False)
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Newest lines of its log."
)
@json_option
@pass_cli
def jobs_command(cli: Cli, key: str | None, limit: int, as_json: bool) -> None:
    """Running and past jobs, the newest first; or one by id, or the newest of a kind, with its log."""
    if key is not None:
        _show(cli, key, limit, as_json)
        return
    with cli.reading() as connection:
        listed = jobs.listed(connection)
    if as_json:
        output.document([_whole(job) for job in listed])
        return
    columns = ("id", "kind", "state", "reason", "done", "total", "failed", "operator", "started", "ended")
    output.table(
        columns,
        [
            (
                *(job.id, job.kind, job.state, job.reason, job.done, job.total, job.failed, job.operator),
                *(output.local(job.started_at), output.local(job.ended_at)),
            )
            for job in listed
        ],
        right="id done total failed",
    )


def _show(cli: Cli, key: str, limit: int, as_json: bool) -> None:
    """One job, what it said (oldest first), and what people did to it."""
    with cli.reading() as connection:
        job = _found(connection, key)
        said = samples.notices(connection, limit, job.id)[::-1]
        done = audit.tail(connection, limit, f"job {job.id}")[::-1]
    if as_json:
        log = [{"at": output.iso(line.at / 1000), "level": line.level, "text": line.text} for line in said]
        actions = [asdict(row) | {"at": output.iso(row.at / 1000)} for row in done]
        output.document(_whole(job) | {"args": mask(job.args), "log": log, "actions": actions})
        return
    output.say(f"job {job.id}: {describe(job)}")
    if job.result is not None:
        output.say(str(job.result.get("message") or ""))
    lines = [(line.at, line.level, line.text) for line in said]
    lines += [(row.at, "person", _told(row)) for row in done]
    lines.sort(key=lambda line: line[0])
    output.table(("at", "level", "what"), [(output.local(at), *rest) for at, *rest in lines])


def _told(row: AuditRow) -> str:
    change = f"{row.before} -> {row.after}" if row.before and row.after else ""
    return " ".join(filter(None, (row.operator, row.action, change)))


def _whole(job: Job) -> dict[str, Any]:
    extra = ("operator", "created_at", "started_at", "ended_at", "pid", "result")
    return job_fields(job) | {name: getattr(job, name) for name in extra}


@click.command("start", cls=Command, writes=True)
@click.argument("job", metavar="JOB")
@pass_cli
def start_command(cli: Cli, job: str) -> int:
    """Start a job and return: a kind (export, lint, import, diff), or an id to run once more as it was."""
    from cockpit.cli import work

    if job.isdecimal():
        with cli.reading() as connection:
            earlier = _found(connection, job)
        return work.start(cli, earlier.kind, earlier.args, detach=True)
    if job not in KINDS:
        raise click.UsageError(f"no job {job!r}: an id, or one of {', '.join(KINDS)}")
    return work.start(cli, next(kind for kind in KINDS if kind == job), {}, detach=True)


@click.command("pause", cls=Command, writes=True)
@click.argument("job", metavar="JOB")
@pass_cli
def pause_command(cli: Cli, job: str) -> None:
    """Take no new work; what is in flight is finished, the job stays."""
    steer(cli, job, "pause", control.pause)


@click.command("resume", cls=Command, writes=True)
@click.argument("job", metavar="JOB")
@pass_cli
def resume_command(cli: Cli, job: str) -> None:
    """Go on after a pause."""
    steer(cli, job, "run", control.resume)


@click.command("stop", cls=Command, writes=True)
@click.argument("job", metavar="JOB")
@pass_cli
def stop_command(cli: Cli, job: str) -> None:
    """Finish what is in flight and end; the command that started the job goes on later."""
    steer(cli, job, "stop", control.stop)


@click.command("throttle", cls=Command, writes=True)
@click.argument("job", metavar="JOB")
@click.argument("rate", metavar="RATE|auto")
@pass_cli
def throttle_command(cli: Cli, job: str, rate: str) -> None:
    """Stay under RATE writes a second; `auto` leaves it to the limits of the target."""
    throttle(cli, job, rate)


def throttle(cli: Cli, key: str, rate: str) -> None:
    """Set the ceiling of a job, wait a moment for it to follow; says what is in force."""
    ceiling = _rate(rate)
    with cli.writing() as connection:
        found = _alive(cli, connection, key)
        control.throttle(connection, found, ceiling, operator=cli.operator, clock=CLOCK)
        seen = _seen(connection, found, lambda _, row: row.seen_rate == ceiling)
    things = "events" if found.kind == "drain" else "writes"
    what = "left to the limits" if ceiling is None else f"at most {ceiling:g} {things} a second"
    output.say(f"job {found.id} ({found.kind}): {what}{'' if seen else ', not acknowledged yet'}")


def steer(cli: Cli, key: str, wish: Wish, ask: "Callable[..., None]") -> None:
    """Ask a job for something and wait a moment for it to follow; says how it stands then."""
    with cli.writing() as connection:
        job = _alive(cli, connection, key)
        ask(connection, job, operator=cli.operator, clock=CLOCK)
        seen = _seen(connection, job, lambda now, row: row.seen == wish and now.state == FOLLOWED[wish])
        job = jobs.get(connection, job.id) or job
    output.say(f"job {job.id}: {describe(job)}{'' if seen else '  (asked, not acknowledged yet)'}")


def _seen(connection: sqlite3.Connection, job: Job, follows: "Callable[[Job, jobs.Control], bool]") -> bool:
    wait = threading.Event()
    until = CLOCK.monotonic() + ACKNOWLEDGED_S
    while CLOCK.monotonic() < until:
        now = jobs.get(connection, job.id) or job
        if now.state not in jobs.ACTIVE or follows(now, jobs.control(connection, job.id)):
            return True
        wait.wait(0.05)
    return False


def _alive(cli: Cli, connection: sqlite3.Connection, key: str) -> Job:
    job = _found(connection, key)
    if job.state in jobs.ACTIVE and lock.liveness(cli.state, job, CLOCK) == "dead":
        raise control.NotActive(f"the process of job {job.id} ({job.kind}) died; start it again to go on")
    return job


def _found(connection: sqlite3.Connection, key: str) -> Job:
    job: Job | None = None
    if key.isdecimal():
        job = jobs.get(connection, int(key))
    elif key in KINDS:
        job = jobs.latest(connection, next(kind for kind in KINDS if kind == key))
    else:
        raise click.UsageError(f"no job {key!r}: an id, or one of {', '.join(KINDS)}")
    if job is None:
        raise control.NotActive(f"there is no job {key} in this state; see: cockpit jobs")
    return job


def _rate(text: str) -> float | None:
    if text == "auto":
        return None
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate < 1e6:
        raise click.UsageError(f"RATE is a number a second above 0, or auto; not {text!r}")
    return rate
