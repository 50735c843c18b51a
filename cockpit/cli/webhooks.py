"""cockpit webhooks: quiet before the import, no herd after it."""

import click

from cockpit.cli import webhook_drain, webhook_sequence, webhook_tank
from cockpit.cli.group import Group


@click.group("webhooks", cls=Group)
def webhooks_command() -> None:
    """Quiet before the import, and no thundering herd after it."""


for command in (*webhook_sequence.COMMANDS, webhook_tank.hold, *webhook_drain.COMMANDS):
    webhooks_command.add_command(command)
