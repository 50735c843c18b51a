"""cockpit errors export and import: failures as JSON Lines, out to an editor and back."""

from dataclasses import asdict
from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode
from cockpit.cli.group import Command, json_option
from cockpit.cli.selection import selection
from cockpit.clock import SystemClock, millis
from cockpit.state.error_filter import Filter

CLOCK = SystemClock()
SHOWN = 20
"""Refused lines that are printed for a person."""


@click.command("export", cls=Command)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--reveal", is_flag=True, help="With secrets; the audit trail keeps that you did.")
@pass_cli
@selection
def export(cli: Cli, chosen: Filter, file: Path, reveal: bool) -> None:
    """Write open errors, or those chosen, to FILE (0600): source payload, request and response of each.

    Edit a request, or set "decision" to {"do": "ignore", "reason": "..."}, {"do": "retry"}, adopt, link, skip
    or reset, and take it over with: cockpit errors import FILE. users import --only FILE sends just these.
    """
    from cockpit.jobs import errorfile
    from cockpit.state import audit
    from cockpit.state.database import transaction

    if reveal:
        cli.refuse_if_read_only()
        with cli.writing() as connection, transaction(connection):
            audit.record(connection, cli.operator, "errors.reveal", file.name, millis(CLOCK.now()))
    written = errorfile.write(cli.state, file, chosen, reveal=reveal)
    output.say(f"{written:,} errors in {file}{', with their secrets' if reveal else ''}")


@click.command("import", cls=Command, writes=True)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@pass_cli
def import_(cli: Cli, file: Path, as_json: bool) -> int:
    """Take over what was edited in FILE: requests that differ, and decisions. Nothing is sent by this."""
    from cockpit.jobs import error_import
    from cockpit.jobs import fix as carried

    settings = cli.settings()
    report = error_import.take_over(
        file, cli.state, operator=cli.operator, batch_size=settings.imports.batch_size, clock=CLOCK
    )
    if report.edited:
        carried.lint_now(cli.state, settings, operator=cli.operator, clock=CLOCK)
    if as_json:
        output.document(asdict(report))
    else:
        output.say(f"{report.edited:,} edited, {report.decided:,} decided, {report.unchanged:,} as they were")
        for number, why in report.refused[:SHOWN]:
            output.say(f"line {number}: {why}")
        if len(report.refused) > SHOWN:
            output.say(f"and {len(report.refused) - SHOWN:,} more lines refused: with --json")
    return ExitCode.FINDINGS if report.refused else ExitCode.DONE
