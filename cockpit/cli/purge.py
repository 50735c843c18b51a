"""cockpit purge: no hash and no secret stays in the state when the migration is done."""

import click

from cockpit.cli import output
from cockpit.cli.confirm import confirmed, yes_option
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.group import Command
from cockpit.clock import SystemClock


@click.command("purge", cls=Command, writes=True)
@yes_option
@pass_cli
def purge_command(cli: Cli, yes: bool) -> None:
    """Remove hashes, remembered secrets and raw records from the state when the migration is done.

    Journal, errors and audit stay. Users that were not sent can't be sent from this state any more.
    """
    from cockpit.jobs import purge

    with cli.reading():
        pass
    confirmed(f"remove every hash, secret and raw record from {cli.state}?", yes)
    hashes = purge.purge(cli.state, operator=cli.operator, clock=SystemClock())
    output.say(f"purged: the hashes of {hashes:,} users, remembered secrets and raw records are gone")
