"""cockpit rollout: who answers the logins of which connection, moved one by one and in waves."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from cockpit.cli import output, rollout_print, rollout_publish
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Group, json_option
from cockpit.cli.rollout_print import GLYPHS
from cockpit.cli.rollout_proof import approve, audit, checklist, decommission, tick
from cockpit.cli.rollout_watch import ask_first, watch_it
from cockpit.cli.rollout_waves import wave_group
from cockpit.cli.work import start
from cockpit.clock import millis

if TYPE_CHECKING:
    from cockpit.jobs.rollout.overview import Overview

COLUMNS = ("id", "organization", "column", "stage", "users", "days", "wave", "ok", "failed", "verdict", "why")
"""Of the board; days: until the IdP's certificate ends."""


@click.group("rollout", cls=Group)
def rollout_command() -> None:
    """Move the logins of connections to WorkOS, one by one or in waves, and back at once."""


@rollout_command.command("status")
@json_option
@pass_cli
def status(cli: Cli, as_json: bool) -> None:
    """Where the rollout stands: columns, waves, open flips, proxies, and whether anybody watches."""
    from cockpit.jobs import lock

    found = _overview(cli)
    watched = lock.is_held(cli.state, "rollout")
    if as_json:
        output.document(
            {
                "columns": dict(found.columns),
                "share": found.share,
                "flips": [rollout_print.flip_facts(each) for each in found.open_flips],
                "waves": [rollout_print.wave_facts(each) for each in found.waves],
                "proxies": rollout_print.proxies_facts(found.confirmation),
                "closed": found.closed,
                "watched": watched,
            }
        )
        return
    there = ", ".join(f"{n:,} {GLYPHS[column]} {column}" for column, n in found.columns.items() if n)
    pairs: dict[str, object] = {"connections": there or "none: cockpit connections export"}
    pairs["traffic"] = f"{found.share:.0%} of users sign in at WorkOS"
    for each in found.waves:
        pairs[f"wave {each.wave.name}"] = rollout_print.wave_in_words(each)
    for flip in found.open_flips:
        pairs[flip.connection] = ", ".join(filter(None, (flip.stage, flip.detail)))
    pairs["flips"] = found.closed or "allowed now"
    pairs["proxies"] = str(found.confirmation)
    pairs["watched"] = "yes" if watched else "no: cockpit rollout watch"
    output.fields(pairs)


@rollout_command.command("board")
@json_option
@pass_cli
def board(cli: Cli, as_json: bool) -> None:
    """Every connection: whose logins go where, how they fare, and what happened last."""
    found = _overview(cli)
    if as_json:
        output.document([rollout_print.line_facts(line) for line in found.lines])
        return
    output.table(
        (
            "id",
            "organization",
            "column",
            "stage",
            "users",
            "cert days",
            "wave",
            "ok",
            "failed",
            "verdict",
            "why",
        ),
        [
            (
                *(line.connection, line.row.described.route.organization),
                f"{GLYPHS[line.column]} {line.column}",
                line.flip.stage if line.flip else None,
                *(line.row.described.users, line.certificate_days, line.wave),
                *rollout_print.counted(line),
                rollout_print.because(line),
            )
            for line in found.lines
        ],
        right="users days ok failed",
    )


@rollout_command.command("flip", writes=True)
@click.argument("key", metavar="ID")
@click.option("--override", metavar="WHY", help="Pass over the gates that are closed; audited with WHY.")
@click.option("--arm", is_flag=True, help="Only arm it; the watch flips it once it may.")
@json_option
@pass_cli
def flip(cli: Cli, key: str, override: str | None, arm: bool, as_json: bool) -> None:
    """Send the logins of one connection to WorkOS, from the next request on.

    Refused (exit 5) while a gate is closed. Real sign-ins then make it live; the watch takes it back by
    itself when they fail.
    """
    from cockpit.jobs.rollout import flip as flipping
    from cockpit.state.rollout import routes

    settings = cli.settings()
    with cli.board() as (_, rollout):
        ident = routes.named(rollout, key)
    silent = ask_first(cli, settings, [ident])
    with cli.board() as (state, rollout):
        now = millis(CLOCK.now())
        rules = settings.rollout
        made = flipping.flip(state, rollout, ident, cli.operator, rules, now, override=override, later=arm)
        told = rollout_print.confirmed(rollout)
        if made.stage == "flipping" and not told.waiting:
            made = flipping.confirm(rollout, made)
    unwatched = watch_it(cli, settings)
    if as_json:
        proxies = {"proxies": rollout_print.proxies_facts(told)}
        output.document(rollout_print.flip_facts(made) | proxies | {"watched": unwatched is None})
        return
    output.say(f"{ident}: {made.stage}")
    if not arm:
        rollout_print.say_proxies(told)
        output.say(f"back at once: cockpit rollout kill {ident}")
    for warning in filter(None, (silent, unwatched)):
        output.warn(warning)


@rollout_command.command("cancel", writes=True)
@click.argument("key", metavar="ID")
@pass_cli
def cancel(cli: Cli, key: str) -> None:
    """Take back a flip that is armed or under way: kill by its milder name."""
    from cockpit.jobs.rollout import flip as flipping
    from cockpit.state.rollout import routes

    with cli.board() as (_, rollout):
        ident = routes.named(rollout, key)
        ended = flipping.cancel(rollout, ident, cli.operator, millis(CLOCK.now()))
    output.say(f"{ident}: {ended.stage}")


@rollout_command.command("kill", writes=True)
@click.argument("keys", metavar="[ID]...", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Every connection; flips are disarmed, waves halt.")
@click.option("--hard", is_flag=True, help="Logins under way at WorkOS end in legacy too.")
@click.option("--reason", "why", metavar="WHY", help="Why; kept in the audit trail.")
@json_option
@pass_cli
def kill(
    cli: Cli, keys: tuple[str, ...], everything: bool, hard: bool, why: str | None, as_json: bool
) -> None:
    """Logins back to legacy on the next request; no question asked, and nothing undoes it but a person.

    Only rollout.db is needed: cockpit.db may be locked, damaged or gone.
    """
    from cockpit.jobs.rollout import kill as killing
    from cockpit.state.database import open_state
    from cockpit.state.rollout import ROLLOUT, beside

    if everything == bool(keys):
        raise click.UsageError("name connections, or --all")
    if everything:
        killed = killing.kill_all(cli.state, operator=cli.operator, clock=CLOCK, why=why, hard=hard)
    else:
        killed = killing.kill(cli.state, keys, operator=cli.operator, clock=CLOCK, why=why, hard=hard)
    rollout = open_state(beside(cli.state), kind=ROLLOUT)
    try:
        told = rollout_print.confirmed(rollout)
    finally:
        rollout.close()
    if as_json:
        output.document(asdict(killed) | {"proxies": rollout_print.proxies_facts(told)})
        return
    output.say(killed.words(keys, hard=hard))
    rollout_print.say_proxies(told)


@rollout_command.command("release", writes=True)
@click.argument("keys", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", "why", metavar="WHY", required=True, help="Why; kept in the audit trail.")
@pass_cli
def release(cli: Cli, keys: tuple[str, ...], why: str) -> None:
    """Let held connections take part again; their logins stay at legacy until somebody flips them."""
    from cockpit.jobs.rollout import flip as flipping
    from cockpit.state.rollout import routes

    with cli.board() as (_, rollout):
        idents = [routes.named(rollout, key) for key in keys]
        flipping.release(rollout, idents, cli.operator, millis(CLOCK.now()), why)
    for ident in idents:
        output.say(f"{ident}: legacy; flip it with: cockpit rollout flip {ident}")


@rollout_command.command("ask", writes=True)
@click.argument("keys", metavar="[ID]...", nargs=-1)
@pass_cli
def ask(cli: Cli, keys: tuple[str, ...]) -> None:
    """Ask WorkOS how connections stand there: those named, else all. The watch does so by itself."""
    from cockpit.jobs.rollout import ask as asking
    from cockpit.state.rollout import routes, targets

    settings = cli.settings()
    with cli.board() as (_, rollout):
        wanted = [routes.named(rollout, key) for key in keys] or [
            row.described.route.connection
            for row in routes.board(rollout)
            if row.described.route.target_id is not None
        ]
    asking.keep(cli.state, settings, wanted, CLOCK)
    with cli.board() as (_, rollout):
        for ident in wanted:
            told = targets.of(rollout, ident)
            assert told is not None, "it was just asked about"
            missing = f"; not verified: {', '.join(told.unverified)}" if told.unverified else ""
            output.say(f"{ident}: {told.state or 'not there'}{missing}")


@rollout_command.command("watch", writes=True)
@click.option("--once", is_flag=True, help="Until nothing more is to be done just now.")
@long_options
@pass_cli
def watch(cli: Cli, once: bool, detach: bool, as_json: bool) -> int:
    """Follow WorkOS's events, prove canaries, take back what fails, flip what is armed; until stopped.

    Flips and waves start it by themselves.
    """
    return start(cli, "rollout", {"once": once}, detach=detach, as_json=as_json)


def _overview(cli: Cli) -> "Overview":
    from cockpit.jobs.rollout import overview

    with cli.board() as (state, rollout):
        return overview.read(state, rollout, cli.settings().rollout, millis(CLOCK.now()))


PUBLISHING = (
    rollout_publish.deliver_command,
    rollout_publish.serve_command,
    rollout_publish.export_command,
)
for command in (wave_group, approve, checklist, tick, audit, decommission, *PUBLISHING):
    rollout_command.add_command(command)
