"""cockpit passwords: hashes that come apart from the records."""

from dataclasses import asdict
from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.group import Group, json_option
from cockpit.clock import SystemClock


@click.group("passwords", cls=Group)
def passwords_command() -> None:
    """Join a vendor's file of password hashes."""


@passwords_command.command("load", writes=True)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@pass_cli
def load(cli: Cli, file: Path, as_json: bool) -> None:
    """Join FILE, as the provider's support sends it, to the exported users: by id, then by e-mail."""
    from cockpit.jobs import passwords

    with cli.reading():
        pass
    report = passwords.load(cli.state, cli.settings(), file, operator=cli.operator, clock=SystemClock())
    if as_json:
        output.document(asdict(report))
        return
    output.say(
        f"{report.matched:,} hashes joined, {report.replaced:,} of them in place of another; "
        f"{report.unmatched_file:,} lines have no user here, {report.unmatched_users:,} users have no line"
    )
    for reason, count in report.refused.items():
        output.say(f"{count:,} refused: {reason}")
