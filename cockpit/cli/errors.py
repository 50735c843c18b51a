"""cockpit errors: causes, the records of a cause, one record; retry and ignore."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import Failed
from cockpit.cli.group import F, Group, json_option
from cockpit.clock import SystemClock, millis
from cockpit.state import errors, resolve
from cockpit.state.database import transaction
from cockpit.state.errors import ErrorRecord
from cockpit.terms import ERROR_CLASSES, ErrorClass

READ_CHUNK = 500
CHUNK = 2000
"""Errors resolved in one transaction, so that a running job never waits long for its turn."""


def _selection(function: F) -> F:
    function = click.option(
        "--class", "klass", type=click.Choice(ERROR_CLASSES), help="Only errors of this class."
    )(function)
    return click.option("--group", "fingerprint", metavar="FINGERPRINT", help="Only errors of this cause.")(
        function
    )


@click.group("errors", cls=Group)
def errors_command() -> None:
    """Look at failures, retry them, ignore them with a reason."""


@errors_command.command("list")
@_selection
@json_option
@pass_cli
def list_(cli: Cli, fingerprint: str | None, klass: ErrorClass | None, as_json: bool) -> None:
    """Open failures by cause, the largest first; with --group or --class the records themselves."""
    with cli.reading() as connection:
        if fingerprint is None and klass is None:
            _print_groups(errors.groups(connection), as_json)
            return
        found = errors.ids(connection, fingerprint=fingerprint, klass=klass)
        rows = [
            row
            for first in range(0, len(found), READ_CHUNK)
            for row in errors.rows(connection, found[first : first + READ_CHUNK])
        ]
    if as_json:
        output.document([_renamed(asdict(row)) for row in rows])
        return
    output.table(
        ("id", "class", "external id", "email", "status", "code", "cause", "attempts"),
        [
            (row.id, row.klass, row.external_id, row.email, row.status, row.code, row.title, row.attempts)
            for row in rows
        ],
        right="id status attempts",
    )


def _print_groups(groups: list[errors.Group], as_json: bool) -> None:
    if as_json:
        output.document([_renamed(asdict(group)) for group in groups])
        return
    if not groups:
        output.say("no open errors")
        return
    output.table(
        ("open", "class", "cause", "code", "status", "fingerprint", "example"),
        [
            (group.open, group.klass, group.title, group.code, group.status, group.fingerprint, group.example)
            for group in groups
        ],
        right="open status example",
    )
    output.say()
    output.say("cockpit errors list --group FINGERPRINT, cockpit errors show EXAMPLE")


@errors_command.command("show")
@click.argument("error", type=int, metavar="ID")
@json_option
@pass_cli
def show(cli: Cli, error: int, as_json: bool) -> None:
    """One failure: the source's record, the request as sent and the response. Secrets are masked."""
    with cli.reading() as connection:
        record = errors.show(connection, error)
    if record is None:
        raise Failed(f"no error {error} in this state; see: cockpit errors list")
    if as_json:
        output.document(_masked(record))
        return
    facts = _masked(record)
    for name in ("source", "request", "body"):
        del facts[name]
    facts["at"] = output.local(record.at)
    facts["resolved_at"] = output.local(record.resolved_at)
    output.fields({name.replace("_", " "): value for name, value in facts.items() if value is not None})
    output.block("source record", output.pretty(record.source))
    output.block("request", output.pretty(record.request))
    output.block("response", output.pretty(record.body))


@errors_command.command("retry", writes=True)
@click.argument("ids", type=int, nargs=-1, metavar="[ID]...")
@_selection
@pass_cli
def retry(cli: Cli, ids: tuple[int, ...], fingerprint: str | None, klass: ErrorClass | None) -> None:
    """Make failed users ready again: by id, by cause, by class, or all that are open.

    Nothing is sent by this; the next import sends them.
    """
    batch_size = cli.settings().imports.batch_size

    def retried(connection: Any, part: Sequence[int], now: int) -> int:
        return resolve.retry(connection, part, operator=cli.operator, batch_size=batch_size, now=now)

    moved = _resolve(cli, ids, fingerprint, klass, retried)
    output.say(f"{moved:,} ready again; next: cockpit users import")


@errors_command.command("ignore", writes=True)
@click.argument("ids", type=int, nargs=-1, metavar="[ID]...")
@_selection
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the audit trail.")
@pass_cli
def ignore(
    cli: Cli, ids: tuple[int, ...], fingerprint: str | None, klass: ErrorClass | None, reason: str
) -> None:
    """Leave failed users behind, with a reason: by id, by cause or by class. The diff accepts them."""
    if not (ids or fingerprint or klass):
        raise click.UsageError("which errors? name ids, --group or --class")
    if not reason.strip():
        raise click.UsageError("--reason is empty")
    batch_size = cli.settings().imports.batch_size

    def ignored(connection: Any, part: Sequence[int], now: int) -> int:
        return resolve.ignore(
            connection, part, operator=cli.operator, reason=reason, batch_size=batch_size, now=now
        )

    moved = _resolve(cli, ids, fingerprint, klass, ignored)
    output.say(f"{moved:,} ignored: {reason}")


def _resolve(
    cli: Cli,
    ids: Sequence[int],
    fingerprint: str | None,
    klass: ErrorClass | None,
    decide: Callable[[Any, Sequence[int], int], int],
) -> int:
    clock = SystemClock()
    moved = 0
    with cli.writing() as connection:
        wanted = list(ids)
        if fingerprint or klass or not ids:
            wanted += errors.ids(connection, fingerprint=fingerprint, klass=klass)
        for first in range(0, len(wanted), CHUNK):
            with transaction(connection):
                moved += decide(connection, wanted[first : first + CHUNK], millis(clock.now()))
    if not moved:
        raise Failed("none of these errors is open; see: cockpit errors list")
    return moved


def _masked(record: ErrorRecord) -> dict[str, Any]:
    payload = {name: output.masked(getattr(record, name)) for name in ("source", "request", "body")}
    return _renamed(asdict(record)) | payload


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    return {("class" if name == "klass" else name): value for name, value in fields.items()}
