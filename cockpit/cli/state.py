"""cockpit state: a copy while jobs run, and a check of integrity and accounting."""

from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode
from cockpit.cli.group import Group, json_option
from cockpit.state import backup as copies
from cockpit.state import check as checks
from cockpit.state import files


@click.group("state", cls=Group)
def state_command() -> None:
    """Copy the state file and those beside it, or check them."""


@state_command.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@pass_cli
def backup(cli: Cli, file: Path) -> None:
    """Write a consistent copy of the state to FILE, while jobs run; FILE holds hashes (0600).

    rollout.db and webhooks.db, where they are there, are copied beside it, under names that begin as FILE's.
    """
    for copy, size in copies.backup(cli.state, file).items():
        output.say(f"{copy}: {size:,} bytes")


@state_command.command("check")
@json_option
@pass_cli
def check(cli: Cli, as_json: bool) -> int:
    """Integrity of the state and the files beside it, and whether every sum adds up. Exit 1 when not."""
    with cli.reading() as connection:
        problems = checks.check(connection)
    problems += checks.beside(cli.state)
    if as_json:
        output.document({"ok": not problems, "problems": [problem._asdict() for problem in problems]})
    elif not problems:
        names = [cli.state, *(path for path, _ in files.beside(cli.state))]
        output.mark("ok", f"{', '.join(map(str, names))}: whole, and every sum adds up")
    else:
        for problem in problems:
            output.mark("fail", f"{problem.check}: {problem.detail}")
        output.warn("keep a copy of each file as it is; restore those made with: cockpit state backup FILE")
    return ExitCode.FAILED if problems else ExitCode.DONE
