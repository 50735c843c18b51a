"""cockpit rollout: who answers the logins of which connection, moved one by one and in waves."""

import click

from cockpit.cli import rollout_publish
from cockpit.cli.group import Group


@click.group("rollout", cls=Group)
def rollout_command() -> None:
    """Move the logins of connections to WorkOS, one by one or in waves, and back at once."""


rollout_command.add_command(rollout_publish.serve_command)
rollout_command.add_command(rollout_publish.export_command)
