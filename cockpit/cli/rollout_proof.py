"""cockpit rollout approve, checklist, tick, audit, decommission: who agreed, what proves it, what was."""

from dataclasses import asdict
from pathlib import Path

import click

from cockpit.cli import output, rollout_print
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK
from cockpit.cli.group import Command, json_option
from cockpit.clock import millis
from cockpit.rollout.checklist import TICKS

_MARKS = {True: "ok", False: "fail", None: "warn"}


@click.command("approve", cls=Command, writes=True)
@click.argument("key", metavar="[ID]", required=False)
@click.option("--wave", "name", metavar="WAVE", help="A wave instead of one connection.")
@pass_cli
def approve(cli: Cli, key: str | None, name: str | None) -> None:
    """Agree, as a second person (--operator), that somebody flips a connection or starts a wave, once."""
    from cockpit.jobs.rollout import approve as approving
    from cockpit.jobs.rollout.waves import subject
    from cockpit.state.rollout import routes, waves

    if (key is None) == (name is None):
        raise click.UsageError("name an ID, or a --wave")
    rules = cli.settings().rollout
    with cli.board() as (_, rollout):
        about = subject(waves.get(rollout, name).name) if name else routes.named(rollout, str(key))
        until = approving.approve(rollout, [about], cli.operator, rules, millis(CLOCK.now()))
    output.say(f"{about}: approved by {cli.operator} until {output.local(until)}")


@click.command("checklist", cls=Command)
@click.argument("key", metavar="ID")
@json_option
@pass_cli
def checklist(cli: Cli, key: str, as_json: bool) -> int:
    """Whether a connection's logins work at WorkOS: event, session, webhook, what a person saw."""
    from cockpit.jobs.rollout import checklist as checking
    from cockpit.state.rollout import routes

    settings = cli.settings()
    with cli.board() as (state, rollout):
        ident = routes.named(rollout, key)
        found = checking.read(cli.state, state, rollout, ident, settings, CLOCK)
    if as_json:
        output.document([item._asdict() for item in found])
    else:
        for item in found:
            output.mark(_MARKS[item.done], f"{item.what.ljust(10)} {item.found}")
            if item.todo:
                output.say(f"    {item.todo.replace('ID', ident)}")
    return ExitCode.DONE if all(item.done for item in found) else ExitCode.FINDINGS


@click.command("tick", cls=Command, writes=True)
@click.argument("key", metavar="ID")
@click.argument("what", metavar="WHAT", type=click.Choice(TICKS))
@click.option("--note", metavar="TEXT", help="What you saw.")
@pass_cli
def tick(cli: Cli, key: str, what: str, note: str | None) -> None:
    """Record that you saw a point of the checklist with your own eyes; audited."""
    from cockpit.state.database import transaction
    from cockpit.state.rollout import routes, ticks

    with cli.board() as (_, rollout), transaction(rollout):
        ident = routes.named(rollout, key)
        ticks.tick(rollout, ident, what, cli.operator, millis(CLOCK.now()), note)
    output.say(f"{ident}: {what} seen by {cli.operator}")


@click.command("audit", cls=Command)
@click.argument("key", metavar="[ID]", required=False)
@click.option("--verify", is_flag=True, help="Check the chain: exit 1 where an entry was changed or is gone.")
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Newest entries.")
@json_option
@pass_cli
def audit(cli: Cli, key: str | None, verify: bool, limit: int, as_json: bool) -> None:
    """Who did what, when and why, newest first (of one connection); each entry vouches for the one before."""
    from cockpit.state.database import open_readonly
    from cockpit.state.rollout import ROLLOUT, beside, routes
    from cockpit.state.rollout import audit as trail

    rollout = open_readonly(beside(cli.state), kind=ROLLOUT)
    try:
        wrong = trail.broken(rollout) if verify else None
        found = trail.tail(rollout, limit, routes.named(rollout, key) if key else None)
    finally:
        rollout.close()
    if wrong is not None:
        raise Failed(f"entry {wrong} of the audit trail is not what was written, or one before it is gone")
    if as_json:
        output.document([asdict(entry) | {"at": rollout_print.moment(entry.at)} for entry in found])
        return
    if verify:
        output.say(f"the chain is whole; its newest digest is {found[0].digest if found else '-'}")
        return
    output.table(
        ("at", "who", "what", "on", "before", "after", "why"),
        [
            (
                *(output.local(entry.at), entry.operator, entry.action, entry.subject),
                *(entry.before, entry.after, entry.why),
            )
            for entry in found
        ],
    )


@click.command("decommission", cls=Command)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="[FILE]")
@json_option
@pass_cli
def decommission(cli: Cli, file: Path | None, as_json: bool) -> int:
    """Whether the legacy handler may go, as Markdown to FILE or printed: exit 0 if so, 3 if not yet."""
    from cockpit.jobs.rollout import decommission as proving
    from cockpit.rollout.decommission import render

    rules = cli.settings().rollout
    with cli.board() as (_, rollout):
        proof = proving.read(rollout, rules, millis(CLOCK.now()))
    if as_json:
        times = {name: rollout_print.moment(getattr(proof, name)) for name in ("since", "counted_from", "at")}
        output.document(proof._asdict() | times | {"standings": [asdict(one) for one in proof.standings]})
    elif file is None:
        click.echo(render(proof), nl=False)
    else:
        try:
            file.write_text(render(proof), encoding="utf-8")
        except OSError as error:
            raise Failed(f"{file}: {error.strerror}") from error
        output.say(f"{file} written: {proof.verdict}")
    return ExitCode.DONE if proof.verdict == "ready" else ExitCode.FINDINGS
