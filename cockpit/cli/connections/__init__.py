"""cockpit connections: SSO connections read, checked, planned for, and handed over to WorkOS."""

import click

from cockpit.cli.connections import deciding, handing_over, portal, reading
from cockpit.cli.group import Group


@click.group("connections", cls=Group)
def connections_command() -> None:
    """Read the SSO connections, check them, plan their move, hand them over to WorkOS."""


for command in (
    *(reading.export, reading.check, reading.list_, reading.show),
    *(deciding.plan, deciding.override),
    *(handing_over.create, handing_over.csv_, handing_over.match, handing_over.mark),
    *(portal.invite, portal.links),
):
    connections_command.add_command(command)
