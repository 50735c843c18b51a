"""cockpit webhooks drain, discard, dead, redrive, pause, resume, throttle: what becomes of held events."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from cockpit.cli import jobs, output, work
from cockpit.cli.confirm import confirmed, yes_option
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Command, F, json_option
from cockpit.clock import millis
from cockpit.jobs import control
from cockpit.state import audit
from cockpit.state.database import open_readonly, open_state, transaction
from cockpit.state.tank import TANK, arrivals, beside, counts, deliveries
from cockpit.webhooks.signatures import SCHEMES

if TYPE_CHECKING:
    from cockpit.jobs.drain.choices import Choices


@contextmanager
def _reading(cli: Cli) -> Iterator[sqlite3.Connection]:
    connection = open_readonly(beside(cli.state), kind=TANK)
    try:
        yield connection
    finally:
        connection.close()


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
    from cockpit.jobs.drain import job
    from cockpit.jobs.drain.choices import Choices

    with _reading(cli) as tank:
        _refuse_address(tank, to)
        sources = _sources(tank, sources)
        schemes = arrivals.schemes(tank)
        job.verifiers({name: schemes[name] for name in sources}, sign)
        chosen = Choices(sources, coalesce, skip_stale)
        plan = _plan(cli, tank, chosen)
    if dry_run and as_json:
        output.document({**plan, "eta_s": _eta_s(plan["to_send"], rate, ramp)})
        return ExitCode.DONE
    if as_json:
        output.event("plan", CLOCK.now(), **plan)
    else:
        _show(plan)
    if dry_run:
        output.say(f"at {rate:g}/s that takes {output.span(_eta_s(plan['to_send'], rate, ramp))}")
        return ExitCode.DONE
    confirmed(f"Send {plan['to_send']:,} events to {to}?", yes or detach or as_json)
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


def _refuse_address(tank: sqlite3.Connection, to: str) -> None:
    address = urlsplit(to)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise Failed(f"--to is an http(s) URL, not {to!r}", ExitCode.USAGE)
    listens = [listen for (listen,) in tank.execute("select listen from sources").fetchall()]
    if f"{address.hostname}:{address.port}" in listens:
        raise Failed(f"{to} is the tank itself", ExitCode.USAGE)


def _plan(cli: Cli, tank: sqlite3.Connection, chosen: "Choices") -> dict[str, Any]:
    """What is held by class, and what each choice would leave out."""
    from cockpit.jobs.drain.choices import Choices, preview

    state = open_readonly(cli.state) if cli.state.exists() else None
    try:
        alone = preview(tank, state, Choices(chosen.sources, coalesce=True))
        alone += preview(tank, state, Choices(chosen.sources, skip_stale=True))
        left = preview(tank, state, chosen)
    finally:
        if state is not None:
            state.close()
    held: Counter[str] = Counter()
    for (source, type_), found in counts.by_class(tank).items():
        if source in chosen.sources:
            held[type_] += found.held + found.of("sending")
    gone: Counter[str] = Counter()
    for (type_, _), n in left.items():
        gone[type_] += n
    classes = [
        {
            "class": type_,
            "held": n,
            **{reason: alone[type_, reason] for reason in counts.LEFT_OUT},
            "to_send": n - gone[type_],
        }
        for type_, n in held.most_common()
        if n
    ]
    return {"classes": classes, "held": held.total(), "to_send": held.total() - gone.total()}


def _show(plan: dict[str, Any]) -> None:
    columns = ("class", "held", *counts.LEFT_OUT, "to send")
    rows = [tuple(line.values()) for line in plan["classes"]]
    output.table(columns, rows, right=" ".join(columns[1:-1]))
    output.say(
        f"{plan['held']:,} held, {plan['to_send']:,} to send; superseded and paired are left out by "
        f"--coalesce, stale by --skip-stale"
    )


def _eta_s(events: int, rate: float, ramp: float) -> float:
    """Seconds at that rate, its ramp included."""
    risen = rate * ramp / 2
    return (2 * events * ramp / rate) ** 0.5 if events < risen else ramp + (events - risen) / rate


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
        before = _by_type(tank, sources)
        if unknown := [name for name in classes if name not in before]:
            raise Failed(
                f"no event of class {unknown[0]} was held; there are: {', '.join(before)}", ExitCode.USAGE
            )
        wanted = {type_: n for type_, n in before.items() if everything or type_ in classes}
        confirmed(f"Discard {sum(wanted.values()):,} events?", yes)
        now = millis(CLOCK.now())
        with transaction(state):
            subject = ", ".join(classes) or "everything"
            audit.record(
                state, cli.operator, "webhooks.discard", subject, now, before=str(wanted), why=reason
            )
        after: int | None = 0
        while after is not None:
            with transaction(tank):
                _, after = deliveries.discard(tank, sources, [*wanted], after, now, reason)
        left = _by_type(tank, sources)
    gone = {type_: n - left[type_] for type_, n in before.items() if n - left[type_]}
    if as_json:
        output.document({"discarded": gone, "held": sum(left.values())})
        return
    output.table(("class", "discarded"), gone.items(), right="discarded")
    output.say(f"{sum(gone.values()):,} discarded, {sum(left.values()):,} still held")


def _by_type(tank: sqlite3.Connection, sources: tuple[str, ...]) -> dict[str, int]:
    held: Counter[str] = Counter()
    for (source, type_), found in counts.by_class(tank).items():
        if source in sources:
            held[type_] += found.held
    return dict(held)


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
        with transaction(tank):
            moved = deliveries.redrive(tank, ids or None)
        with transaction(state):
            subject = ", ".join(map(str, ids)) or "all"
            audit.record(
                state, cli.operator, "webhooks.redrive", subject, millis(CLOCK.now()), after=f"{moved} held"
            )
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
