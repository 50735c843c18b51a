"""cockpit webhooks drain, discard, dead, redrive, pause, resume, throttle: what becomes of held events."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from cockpit.cli import jobs, output, work
from cockpit.cli.confirm import confirmed, yes_option
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Command, F, json_option
from cockpit.clock import millis
from cockpit.jobs import control
from cockpit.state.database import open_readonly, open_state
from cockpit.state.tank import TANK, arrivals, beside, counts, decisions, deliveries
from cockpit.webhooks.signatures import SCHEMES

if TYPE_CHECKING:
    from cockpit.jobs.drain.plan import Plan


@contextmanager
def _reading(cli: Cli) -> Iterator[sqlite3.Connection]:
    connection = open_readonly(beside(cli.state), kind=TANK)
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def _state(cli: Cli) -> Iterator[sqlite3.Connection | None]:
    """The state to look at; None where there is none yet."""
    if not cli.state.exists():
        yield None
        return
    with cli.reading() as connection:
        yield connection


@contextmanager
def _deciding(cli: Cli) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    """The tank, and the state for the audit trail."""
    with _reading(cli):
        pass  # a tank that is not there is said before anything is made
    tank, state = open_state(beside(cli.state), kind=TANK), open_state(cli.state, create=True)
    try:
        yield tank, state
    finally:
        tank.close()
        state.close()


def _source_option(function: F) -> F:
    """--source, for what may be about one of several."""
    return click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="NAME",
        help="Whose events; needed where there are several.",
    )(function)


def _sources(tank: sqlite3.Connection, named: tuple[str, ...]) -> tuple[str, ...]:
    """Those named, or the only one."""
    known = sorted(arrivals.schemes(tank))
    if unknown := [name for name in named if name not in known]:
        raise Failed(f"the tank has no source {unknown[0]}; it has: {', '.join(known)}", ExitCode.USAGE)
    if not named and len(known) > 1:
        raise Failed(f"whose events? name them by --source: {', '.join(known)}", ExitCode.USAGE)
    return named or tuple(known)


@click.command("drain", cls=Command, writes=True)
@click.option("--to", required=True, metavar="URL", help="The consumer's endpoint.")
@_source_option
@click.option(
    "--rate", type=click.FloatRange(0.01, 100_000), default=50.0, show_default=True, help="A second."
)
@click.option(
    "--ramp", type=click.FloatRange(0), default=60.0, show_default=True, help="Seconds from 1/s to that."
)
@click.option("--concurrency", type=click.IntRange(1, 500), default=16, show_default=True)
@click.option(
    "--tries", type=click.IntRange(1, 100), default=5, show_default=True, help="Then a dead letter."
)
@click.option(
    "--slow",
    type=click.FloatRange(0.01),
    default=2.0,
    show_default=True,
    help="Mean latency that slows down, s.",
)
@click.option(
    "--timeout", type=click.FloatRange(0.1), default=15.0, show_default=True, help="For an answer, s."
)
@click.option("--coalesce", is_flag=True, help="Leave out what newer events say, and what came and went.")
@click.option("--skip-stale", is_flag=True, help="Leave out what the import brought already.")
@click.option(
    "--sign",
    type=click.Choice(("original", *SCHEMES)),
    default="original",
    show_default=True,
    help="Anew, how.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be sent, and send nothing.")
@yes_option
@long_options
@pass_cli
def drain(
    cli: Cli,
    to: str,
    sources: tuple[str, ...],
    rate: float,
    ramp: float,
    concurrency: int,
    tries: int,
    slow: float,
    timeout: float,
    coalesce: bool,
    skip_stale: bool,
    sign: str,
    dry_run: bool,
    yes: bool,
    detach: bool,
    as_json: bool,
) -> int:
    """Send held events to a consumer: paced, in the order of each user, signed anew.

    An event may arrive twice after a crash, always with its own id. The same command goes on where it ended.
    """
    from cockpit.jobs.drain import job, plan
    from cockpit.jobs.drain.choices import Choices

    with _reading(cli) as tank:
        if why := plan.refusal(tank, to):
            raise Failed(f"--to: {why}", ExitCode.USAGE)
        sources = _sources(tank, sources)
        schemes = arrivals.schemes(tank)
        job.verifiers({name: schemes[name] for name in sources}, sign)
        with _state(cli) as state:
            made = plan.plan(tank, state, Choices(sources, coalesce, skip_stale))
    takes_s = plan.eta_s(made.to_send, rate, ramp)
    if dry_run and as_json:
        output.document({**_as_dict(made), "eta_s": takes_s})
        return ExitCode.DONE
    if as_json:
        output.event("plan", CLOCK.now(), **_as_dict(made))
    else:
        _show(made)
    if dry_run:
        output.say(f"at {rate:g}/s that takes {output.span(takes_s)}")
        return ExitCode.DONE
    confirmed(f"Send {made.to_send:,} events to {to}?", yes or detach or as_json)
    args = {
        "to": to,
        "rate": rate,
        "ramp_s": ramp,
        "concurrency": concurrency,
        "tries": tries,
        "slow_s": slow,
    }
    args |= {
        "sources": sources,
        "timeout_s": timeout,
        "coalesce": coalesce,
        "skip_stale": skip_stale,
        "sign": sign,
    }
    return work.start(cli, "drain", args, detach=detach, as_json=as_json)


def _as_dict(made: "Plan") -> dict[str, Any]:
    classes = [
        {"class": line.type, "held": line.held, **line.left_out, "to_send": line.to_send}
        for line in made.lines
    ]
    return {"classes": classes, "held": made.held, "to_send": made.to_send}


def _show(made: "Plan") -> None:
    columns = ("class", "held", *counts.LEFT_OUT, "to send")
    rows = [(line.type, line.held, *line.left_out.values(), line.to_send) for line in made.lines]
    output.table(columns, rows, right=" ".join(columns[1:-1]))
    output.say(
        f"{made.held:,} held, {made.to_send:,} to send; superseded and paired are left out by "
        f"--coalesce, stale by --skip-stale"
    )


@click.command("discard", cls=Command, writes=True)
@_source_option
@click.option(
    "--class", "classes", multiple=True, metavar="CLASS", help="Such as session.created; again for more."
)
@click.option("--all", "everything", is_flag=True, help="Whatever is held.")
@click.option("--reason", required=True, metavar="WHY", help="For the audit trail.")
@yes_option
@json_option
@pass_cli
def discard(
    cli: Cli,
    sources: tuple[str, ...],
    classes: tuple[str, ...],
    everything: bool,
    reason: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Decide that held events are not sent, by class; they stay in the file, marked discarded."""
    if everything == bool(classes):
        raise click.UsageError("name classes by --class, or say --all")
    with _deciding(cli) as (tank, state):
        sources = _sources(tank, sources)
        before = decisions.held(tank, sources)
        if unknown := [name for name in classes if name not in before]:
            raise Failed(
                f"no event of class {unknown[0]} was held; there are: {', '.join(before)}", ExitCode.USAGE
            )
        wanted = [*before] if everything else [*classes]
        confirmed(f"Discard {sum(before[type_] for type_ in wanted):,} events?", yes)
        now = millis(CLOCK.now())
        decisions.discard(tank, state, sources, wanted, operator=cli.operator, reason=reason, now=now)
        left = decisions.held(tank, sources)
    gone = {type_: n - left[type_] for type_, n in before.items() if n - left[type_]}
    if as_json:
        output.document({"discarded": gone, "held": sum(left.values())})
        return
    output.table(("class", "discarded"), gone.items(), right="discarded")
    output.say(f"{sum(gone.values()):,} discarded, {sum(left.values()):,} still held")


@click.command("dead", cls=Command)
@json_option
@pass_cli
def dead(cli: Cli, as_json: bool) -> None:
    """Dead letters: events that the consumer did not take, and why."""
    with _reading(cli) as tank:
        found = deliveries.dead(tank)
        total = counts.total(tank).of("dead")
    columns = ("id", "source", "event", "class", "key", "attempts", "status", "reason", "at")
    rows = [
        (row.id, row.source, row.event, row.type, row.key, row.attempts, row.status, row.reason)
        for row in found
    ]
    if as_json:
        output.document(
            [
                dict(zip(columns, (*row, output.iso(one.at / 1000)), strict=True))
                for row, one in zip(rows, found, strict=True)
            ]
        )
        return
    output.table(
        columns,
        [(*row, output.local(one.at)) for row, one in zip(rows, found, strict=True)],
        right="id attempts status",
    )
    if total > len(found):
        output.say(f"the first {len(found):,} of {total:,}")


@click.command("redrive", cls=Command, writes=True)
@click.argument("ids", nargs=-1, type=int, metavar="[ID]...")
@pass_cli
def redrive(cli: Cli, ids: tuple[int, ...]) -> None:
    """Hold dead letters again (all, or those named), in their place; the next drain sends them.

    A drain that is at work takes them up, too. Later events of the same user may have arrived before.
    """
    with _deciding(cli) as (tank, state):
        moved = decisions.redrive(tank, state, ids or None, operator=cli.operator, now=millis(CLOCK.now()))
    output.say(f"{moved:,} held again; send them with: cockpit webhooks drain --to URL")


@click.command("pause", cls=Command, writes=True)
@pass_cli
def pause(cli: Cli) -> None:
    """Send nothing new; what is in flight is finished, the drain stays."""
    jobs.steer(cli, "drain", "pause", control.pause)


@click.command("resume", cls=Command, writes=True)
@pass_cli
def resume(cli: Cli) -> None:
    """Go on after a pause."""
    jobs.steer(cli, "drain", "run", control.resume)


@click.command("throttle", cls=Command, writes=True)
@click.argument("rate", metavar="RATE|auto")
@pass_cli
def throttle(cli: Cli, rate: str) -> None:
    """At most RATE events a second from now on; `auto` goes back to the drain's own --rate."""
    jobs.throttle(cli, "drain", rate)


COMMANDS = (drain, discard, dead, redrive, pause, resume, throttle)
