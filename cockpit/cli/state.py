"""cockpit state: a copy while jobs run, and a check of integrity and accounting."""

from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode
from cockpit.cli.group import Group, json_option
from cockpit.state import check as checks


@click.group("state", cls=Group)
def state_command() -> None:
    """Copy the state file, or check it."""


@state_command.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_cli
def backup(cli: Cli, file: Path) -> None:
    """Write a consistent copy of the state to FILE, while jobs run; FILE holds hashes (0600)."""
    size = checks.backup(cli.state, file)
    output.say(f"{file}: {size:,} bytes")


@state_command.command("check")
@json_option
@pass_cli
def check(cli: Cli, as_json: bool) -> int:
    """Integrity of the file, and whether every sum adds up. Exit 1 when something is wrong."""
    with cli.reading() as connection:
        problems = checks.check(connection)
    if as_json:
        output.document({"ok": not problems, "problems": [problem._asdict() for problem in problems]})
    elif not problems:
        output.mark("ok", f"{cli.state} is whole and its sums add up")
    else:
        for problem in problems:
            output.mark("fail", f"{problem.check}: {problem.detail}")
        output.warn("keep a copy of this file; restore one made with: cockpit state backup FILE")
    return ExitCode.FAILED if problems else ExitCode.DONE
