"""cockpit webhooks: quiet before the import, no herd after it."""

import click

from cockpit.cli import webhook_sequence, webhook_tank
from cockpit.cli.group import Group


@click.group("webhooks", cls=Group)
def webhooks_command() -> None:
    """Quiet before the import, and no thundering herd after it."""


webhooks_command.add_command(webhook_tank.hold)
webhooks_command.add_command(webhook_sequence.status)
webhooks_command.add_command(webhook_sequence.next_)
webhooks_command.add_command(webhook_sequence.attest)
webhooks_command.add_command(webhook_sequence.flow)
