"""The options that go past the gates before the target is written to."""

import click

from cockpit.cli.group import F


def gate_options(function: F) -> F:
    """--live-source and --override; both are audited."""
    function = click.option(
        "--override", metavar="WHY", help="Pass over the gates that are closed; audited with WHY."
    )(function)
    return click.option("--live-source", is_flag=True, help="Users go on signing up at the source; audited.")(
        function
    )
