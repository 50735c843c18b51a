"""cockpit rollout: who answers the logins of which connection, moved one by one and in waves."""

import click

from cockpit.cli.group import Group


@click.group("rollout", cls=Group)
def rollout_command() -> None:
    """Move the logins of connections to WorkOS, one by one or in waves, and back at once."""
