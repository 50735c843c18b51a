"""cockpit rollout wave: connections moved in groups, the least risk first."""

import click

from cockpit.cli import output, rollout_print
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.follow import CLOCK
from cockpit.cli.group import Group, json_option
from cockpit.cli.rollout_watch import ask_first, watch_it
from cockpit.clock import millis
from cockpit.rollout.waves import Act
from cockpit.words import counted

reason_option = click.option("--reason", "why", metavar="WHY", help="Why; kept in the audit trail.")


@click.group("wave", cls=Group)
def wave_group() -> None:
    """Waves: the canary, then 5, 25 and 100 % of the connections, by name and in order of risk."""


@wave_group.command("list")
@json_option
@pass_cli
def list_(cli: Cli, as_json: bool) -> None:
    """The waves, how far each is, and their connections."""
    from cockpit.jobs.rollout import overview
    from cockpit.state.rollout import waves

    with cli.board() as (_, rollout):
        now = millis(CLOCK.now())
        found = [overview.wave_line(rollout, wave, now) for wave in waves.listed(rollout)]
    if as_json:
        output.document([rollout_print.wave_facts(line) for line in found])
        return
    if not found:
        output.say("no waves yet; lay them out with: cockpit rollout wave plan")
    for line in found:
        bake = output.span(line.wave.bake_s)
        output.say(f"{line.wave.name}: {rollout_print.wave_in_words(line)}; bakes for {bake}")
        for member in line.members:
            stage = f", {member.stage}" if member.stage else ""
            output.say(
                f"    {member.connection}  {rollout_print.GLYPHS[member.column]} {member.column}{stage}"
            )


@wave_group.command("plan", writes=True)
@json_option
@pass_cli
def plan(cli: Cli, as_json: bool) -> None:
    """Divide the connections that may move among the waves; what is done stays, the rest is laid out anew."""
    from cockpit.jobs.rollout import waves as planning
    from cockpit.state.rollout import waves

    rules = cli.settings().rollout
    with cli.board() as (state, rollout):
        now = millis(CLOCK.now())
        risks = {each.connection: each for each in planning.ranking(state, rollout, now)}
        planning.plan(state, rollout, rules, cli.operator, now)
        divided = {
            wave.name: [member.connection for member in waves.members(rollout, wave.name)]
            for wave in waves.listed(rollout)
        }
    if as_json:
        told = {ident: {"risk": each.risk, "reasons": each.reasons} for ident, each in risks.items()}
        output.document({"waves": divided, "risks": told})
        return
    output.table(
        ("wave", "id", "risk", "because of"),
        [
            (name, ident, risks[ident].risk if ident in risks else None, _reasons(risks.get(ident)))
            for name, idents in divided.items()
            for ident in idents
        ],
        right="risk",
    )
    output.say("change it with: cockpit rollout wave move ID WAVE, or wave drop ID")


def _reasons(ranked: object) -> str:
    return ", ".join(getattr(ranked, "reasons", ("at WorkOS already",)))


@wave_group.command("move", writes=True)
@click.argument("key", metavar="ID")
@click.argument("name", metavar="WAVE")
@pass_cli
def move(cli: Cli, key: str, name: str) -> None:
    """Put a connection into another wave that has not started."""
    from cockpit.state.database import transaction
    from cockpit.state.rollout import routes, waves
    from cockpit.state.rollout.audit import Actor

    with cli.board() as (_, rollout), transaction(rollout):
        ident, wave = routes.named(rollout, key), waves.get(rollout, name)
        before = waves.reassign(rollout, ident, wave.name, Actor(cli.operator), millis(CLOCK.now()))
    output.say(f"{ident}: wave {wave.name}, before {before or 'none'}")


@wave_group.command("drop", writes=True)
@click.argument("key", metavar="ID")
@pass_cli
def drop(cli: Cli, key: str) -> None:
    """Leave a connection out of the waves."""
    from cockpit.state.database import transaction
    from cockpit.state.rollout import routes, waves
    from cockpit.state.rollout.audit import Actor

    with cli.board() as (_, rollout), transaction(rollout):
        ident = routes.named(rollout, key)
        waves.drop(rollout, ident, Actor(cli.operator), millis(CLOCK.now()))
    output.say(f"{ident}: in no wave")


@wave_group.command("start", writes=True)
@click.argument("name", metavar="WAVE")
@click.option("--override", metavar="WHY", help="Pass over the gates that are closed; audited with WHY.")
@pass_cli
def start(cli: Cli, name: str, override: str | None) -> None:
    """Arm the connections of a wave; the watch flips them one by one, and judges them."""
    from cockpit.jobs.rollout import waves as starting
    from cockpit.state.rollout import waves

    settings = cli.settings()
    with cli.board() as (_, rollout):
        wave = waves.get(rollout, name)
        members = [member.connection for member in waves.members(rollout, wave.name)]
    silent = ask_first(cli, settings, members)
    with cli.board() as (state, rollout):
        armed = starting.start(
            state, rollout, wave.name, settings.rollout, cli.operator, millis(CLOCK.now()), override=override
        )
    unwatched = watch_it(cli, settings)
    output.say(f"wave {wave.name}: running, {len(armed)} of {len(members)} armed")
    for warning in filter(None, (silent, unwatched)):
        output.warn(warning)


@wave_group.command("hold", writes=True)
@click.argument("name", metavar="WAVE")
@reason_option
@pass_cli
def hold(cli: Cli, name: str, why: str | None) -> None:
    """Let no more of a wave go; what is at WorkOS stays there."""
    _act(cli, name, "hold", why)


@wave_group.command("resume", writes=True)
@click.argument("name", metavar="WAVE")
@reason_option
@pass_cli
def resume(cli: Cli, name: str, why: str | None) -> None:
    """Let a wave go on that was held, or that a rule halted."""
    _act(cli, name, "resume", why)
    if (unwatched := watch_it(cli, cli.settings())) is not None:
        output.warn(unwatched)


def _act(cli: Cli, name: str, doing: Act, why: str | None) -> None:
    from cockpit.state.database import transaction
    from cockpit.state.rollout import waves
    from cockpit.state.rollout.audit import Actor

    with cli.board() as (_, rollout), transaction(rollout):
        wave = waves.get(rollout, name)
        state = waves.act(rollout, wave.name, doing, Actor(cli.operator), millis(CLOCK.now()), why)
    output.say(f"wave {wave.name}: {state}")


@wave_group.command("abort", writes=True)
@click.argument("name", metavar="WAVE")
@reason_option
@pass_cli
def abort(cli: Cli, name: str, why: str | None) -> None:
    """Take a wave back with every connection that it flipped; they are held until released."""
    from cockpit.jobs.rollout import waves as taking

    with cli.board() as (_, rollout):
        back = taking.abort(rollout, name, cli.operator, millis(CLOCK.now()), why)
        told = rollout_print.confirmed(rollout)
    output.say(f"wave {name}: aborted, {counted(len(back), 'connection')} back to legacy")
    rollout_print.say_proxies(told)
