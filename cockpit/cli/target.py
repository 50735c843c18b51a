"""cockpit target: what the state is bound to, and a new beginning over the same export."""

import click

from cockpit.cli import output
from cockpit.cli.confirm import confirmed, yes_option
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.group import Group, json_option
from cockpit.clock import SystemClock


@click.group("target", cls=Group, invoke_without_command=True)
@json_option
@pass_cli
@click.pass_context
def target_command(ctx: click.Context, cli: Cli, as_json: bool) -> None:
    """The target this state is bound to: its address and, after #, the fingerprint of its key."""
    if ctx.invoked_subcommand is not None:
        return
    with cli.reading():
        bound = cli.binding().target
    if as_json:
        output.document({"target": bound})
    else:
        output.say(bound or "not bound yet; the first import binds it")


@target_command.command("new", writes=True)
@yes_option
@pass_cli
def new(cli: Cli, yes: bool) -> None:
    """Start an empty journal for another target; export, mapping and rules stay.

    That is how a rehearsal becomes the real run. What was created at the old target stays there.
    """
    from cockpit.jobs import target

    with cli.reading():
        bound = cli.binding().target
    confirmed(f"forget everything that was sent to {bound or 'the target'}?", yes)
    users = target.new(cli.state, operator=cli.operator, clock=SystemClock())
    output.say(f"{users:,} users are ready for a new target; next: cockpit users import")
