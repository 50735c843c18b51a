"""cockpit status: where everything stands."""

import signal
import sys
import threading
import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cockpit import __version__
from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.group import Command, json_option
from cockpit.cli.progress import describe, job_fields
from cockpit.clock import millis
from cockpit.terms import PLURALS

if TYPE_CHECKING:
    from cockpit.state.summary import Summary
    from cockpit.state.tank.tap import Totals

WATCH_S = 1.0


@click.command("status", cls=Command)
@json_option
@click.option("--watch", is_flag=True, help="Again every second, until Ctrl-C.")
@pass_cli
def status_command(cli: Cli, as_json: bool, watch: bool) -> None:
    """Where everything stands.

    With --json one document, whose keys are stable; with --watch and --json one line a second.
    """
    if not watch:
        summary, totals = _read(cli)
        output.document(as_dict(summary, totals)) if as_json else show(summary, totals)
        return
    ended = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    while not ended.is_set():
        summary, totals = _read(cli)
        if as_json:
            output.event("status", time.time(), **as_dict(summary, totals))
        else:
            if sys.stdout.isatty():
                click.clear()
            show(summary, totals)
        ended.wait(WATCH_S)


def _read(cli: Cli) -> "tuple[Summary, Totals | None]":
    from cockpit.state import summary
    from cockpit.state.database import StateError
    from cockpit.state.rollout import moved
    from cockpit.state.tank import tap

    try:
        columns = moved.read(cli.state)
    except StateError as error:
        output.warn(f"the rollout board is left out: {error}")
        columns = {}
    with cli.reading() as connection:
        found = summary.read(connection, columns)
    try:
        return found, tap.totals(cli.state)
    except StateError as error:
        output.warn(f"the holding tank is left out: {error}")
        return found, None


def as_dict(summary: "Summary", totals: "Totals | None") -> dict[str, Any]:
    """The stable keys of `cockpit status --json`; `totals` are the holding tank's."""
    diff = summary.diff
    counts = ("missing", "drifted", "changed", "deleted", "extra", "accepted")
    return {
        "version": __version__,
        "source": summary.binding.source,
        "target": summary.binding.target,
        "users": {"exported": summary.exported, **summary.users},
        **{PLURALS[kind]: dict(states) for kind, states in summary.others.items()},
        "records": {"read": summary.read, "merged": summary.merged, "held": summary.held},
        "holds": dict(summary.held_back),
        "pages": {
            "done": summary.pages,
            "complete": _complete(summary),
            "outcome": summary.export.outcome if summary.export else None,
        },
        "batches": {
            "total": summary.batches,
            "done": summary.batches_done,
            "failed": summary.batches_failed,
        },
        "errors": {"open": summary.open_errors, **summary.errors},
        "passwords": asdict(summary.passwords),
        "diff": {
            **{name: getattr(diff, name) if diff else None for name in counts},
            "clean": diff is not None and diff.clean,
            "at": output.iso(diff.finished_at / 1000) if diff and diff.finished_at else None,
        },
        "connections": {"total": sum(summary.connections.values()), **summary.connections},
        "events": {
            "cursor": summary.events.cursor if summary.events else None,
            "lag_s": _lag_s(summary),
        },
        "webhooks": {
            "step": _step(summary),
            **{
                name: getattr(totals, name) if totals else 0
                for name in ("held", "drained", "discarded", "dead")
            },
        },
        "jobs": [job_fields(job) for job in summary.jobs],
    }


def _step(summary: "Summary") -> str:
    """The first step of the sequence of webhooks that is not passed."""
    from cockpit.webhooks import sequence

    return sequence.current(sequence.standings(summary.webhooks, millis(time.time()))) or "done"


def _lag_s(summary: "Summary") -> float | None:
    """How old the newest is that is known of the target's events."""
    if summary.events is None:
        return None
    return round(max(0.0, time.time() - summary.events.seen_until / 1000), 1)


def _complete(summary: "Summary") -> bool:
    return summary.export is not None and summary.export.complete_at is not None


def show(summary: "Summary", totals: "Totals | None" = None) -> None:
    """The same for a person."""
    users, passwords, diff = summary.users, summary.passwords, summary.diff
    arrived = users["imported"] + users["adopted"]
    output.say(f"{summary.binding.source or 'no source yet'} → {summary.binding.target or 'no target yet'}")
    output.say()
    pairs: dict[str, object] = {}
    state = summary.export.standing if summary.export else "not begun"
    pairs["export"] = (
        f"{state}, {summary.pages:,} pages, {summary.read:,} records read, "
        f"{summary.merged:,} merged, {summary.held:,} held"
    )
    parts = [f"{count:,} {name}" for name, count in users.items() if count]
    pairs["users"] = f"{summary.exported:,}: {', '.join(parts)}" if parts else "none yet"
    if summary.held_back:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in summary.held_back.items())
        pairs["held back"] = f"{sum(summary.held_back.values()):,} of them skipped by policy: {reasons}"
    pairs["import"] = (
        f"{arrived:,} of {summary.exported:,} arrived, "
        f"{summary.batches_done:,} of {summary.batches:,} batches done"
    )
    for kind, states in summary.others.items():
        if total := sum(states.values()):
            there = ", ".join(f"{count:,} {name}" for name, count in states.items() if count)
            pairs[PLURALS[kind]] = f"{total:,}: {there}"
    if summary.mapped:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in passwords.by_type.items())
        pairs["passwords"] = (
            f"{passwords.carried:,} kept{f' ({kinds})' if kinds else ''}, {passwords.unsupported:,} without "
            f"their hash, {passwords.absent:,} had none"
        )
    parts = [f"{count:,} {klass}" for klass, count in summary.errors.items() if count]
    pairs["errors"] = f"{summary.open_errors:,} open ({', '.join(parts)})" if parts else "none open"
    if diff is None:
        pairs["diff"] = "not made yet"
    elif diff.clean:
        pairs["diff"] = (
            f"clean at {output.local(diff.finished_at)}, {diff.accepted:,} accepted, {diff.extra:,} extra"
        )
    else:
        pairs["diff"] = (
            f"{diff.missing:,} missing, {diff.drifted:,} drifted, {diff.changed:,} changed, "
            f"{diff.deleted:,} deleted at {output.local(diff.finished_at)}"
        )
    if total := sum(summary.connections.values()):
        there = ", ".join(f"{count:,} {column}" for column, count in summary.connections.items() if count)
        pairs["connections"] = f"{total:,}: {there}"
    if (lag := _lag_s(summary)) is not None:
        pairs["events"] = f"followed until {output.span(lag)} ago"
    if summary.webhooks:
        pairs["webhooks"] = f"next step: {_step(summary)}"
    if totals is not None:
        pairs["tank"] = ", ".join(f"{n:,} {name}" for name, n in totals._asdict().items())
    output.fields(pairs)
    if summary.jobs:
        output.say()
        for job in summary.jobs:
            output.say(f"job {job.id}  {describe(job)}")
