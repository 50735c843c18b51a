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
    """Remove hashes, remembered secrets, raw records and bodies of webhooks when the migration is done.

    Journal, errors and audit stay. Users that were not sent can't be sent from this state any more, nor can
    dead letters. Refused while webhooks are held that nobody has decided about.
    """
    from cockpit.jobs import purge

    with cli.reading():
        pass
    confirmed(
        f"remove every hash, secret, raw record and webhook's body from {cli.state} and beside it?", yes
    )
    done = purge.purge(cli.state, operator=cli.operator, clock=SystemClock())
    output.say(f"purged: the hashes of {done.hashes:,} users, remembered secrets and raw records are gone")
    if done.bodies is not None:
        output.say(f"purged: the bodies of {done.bodies:,} webhooks are gone; what became of each stays")
