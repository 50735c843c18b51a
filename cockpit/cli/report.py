"""cockpit report: the migration as Markdown."""

import time
from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import Failed
from cockpit.cli.group import Command


@click.command("report", cls=Command)
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="[FILE]")
@pass_cli
def report_command(cli: Cli, file: Path | None) -> None:
    """Write a Markdown report to FILE, else print it, ready to attach to a change ticket.

    What moved by kind, what failed by cause, what was decided by whom, how long it took, rates, the diff.
    """
    from cockpit import report
    from cockpit.state import history

    with cli.reading() as connection:
        text = report.render(history.read(connection), time.time())
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from error
    output.say(f"{file} written")
