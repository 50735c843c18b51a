"""cockpit errors: causes, the records of a cause, one record; and what is decided about them."""

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from cockpit.cli import error_files, fixing, output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import Failed
from cockpit.cli.group import Group, json_option
from cockpit.cli.selection import decide, selection
from cockpit.rules import advice
from cockpit.state import errors, resolve, reviewers
from cockpit.state.error_filter import Filter
from cockpit.state.errors import ErrorRecord
from cockpit.state.reviewers import Review

READ_CHUNK = 500


@click.group("errors", cls=Group)
def errors_command() -> None:
    """Look at failures, fix them, retry them, ignore them with a reason."""


@errors_command.command("list")
@click.option("--groups", is_flag=True, help="Causes, counted by the other options; not the records.")
@json_option
@pass_cli
@selection
def list_(cli: Cli, chosen: Filter, groups: bool, as_json: bool) -> None:
    """Open failures by cause, the largest first; with any other option the records themselves."""
    with cli.reading() as connection:
        if groups or not chosen.narrows:
            _print_groups(
                errors.groups(connection, chosen=chosen), reviewers.alive(connection, chosen.now), as_json
            )
            return
        found = errors.ids(connection, chosen)
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


def _print_groups(groups: list[errors.Group], reviews: list[Review], as_json: bool) -> None:
    on = {review.key: review.operator for review in reviews if review.scope == "group"}
    all_open = sum(group.open for group in groups) or 1
    told = [
        {
            "share": round(group.open / all_open, 4),
            "todo": (found := advice.of(group.fingerprint, group.klass, group.code)).todo,
            "actions": list(found.actions),
            "reviewer": on.get(group.fingerprint),
        }
        for group in groups
    ]
    if as_json:
        output.document([_renamed(asdict(group)) | more for group, more in zip(groups, told, strict=True)])
        return
    if not groups:
        output.say("no open errors")
        return
    output.table(
        ("open", "share", "class", "cause", "code", "status", "fingerprint", "example", "on it"),
        [
            (
                *(group.open, f"{more['share']:.1%}", group.klass, group.title, group.code, group.status),
                *(group.fingerprint, group.example, more["reviewer"]),
            )
            for group, more in zip(groups, told, strict=True)
        ],
        right="open share status example",
    )
    output.say()
    for group, more in zip(groups, told, strict=True):
        output.say(f"{group.fingerprint}: {more['todo']}")
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
    facts["todo"] = advice.of(record.fingerprint, record.klass, record.code).todo
    output.fields({name.replace("_", " "): value for name, value in facts.items() if value is not None})
    output.block("source record", output.pretty(record.source))
    output.block("request", output.pretty(record.request))
    output.block("response", output.pretty(record.body))


@errors_command.command("retry", writes=True)
@click.argument("ids", type=int, nargs=-1, metavar="[ID]...")
@pass_cli
@selection
def retry(cli: Cli, chosen: Filter, ids: tuple[int, ...]) -> None:
    """Make failed records ready again: by id, by cause, by class, or all that are open.

    Nothing is sent by this; the next import sends them.
    """
    batch_size = cli.settings().imports.batch_size

    def retried(connection: sqlite3.Connection, part: Sequence[int], now: int) -> int:
        return resolve.retry(connection, part, operator=cli.operator, batch_size=batch_size, now=now)

    moved = decide(cli, ids, chosen, retried)
    output.say(f"{moved:,} ready again; next: cockpit users import")


@errors_command.command("ignore", writes=True)
@click.argument("ids", type=int, nargs=-1, metavar="[ID]...")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stays in the audit trail.")
@pass_cli
@selection
def ignore(cli: Cli, chosen: Filter, ids: tuple[int, ...], reason: str) -> None:
    """Leave failed records behind, with a reason: by id, by cause or by class. The diff accepts them."""
    if not (ids or chosen.narrows):
        raise click.UsageError("which errors? name ids, --group or --class")
    if not reason.strip():
        raise click.UsageError("--reason is empty")
    batch_size = cli.settings().imports.batch_size

    def ignored(connection: sqlite3.Connection, part: Sequence[int], now: int) -> int:
        return resolve.ignore(
            connection, part, operator=cli.operator, reason=reason, batch_size=batch_size, now=now
        )

    moved = decide(cli, ids, chosen, ignored)
    output.say(f"{moved:,} ignored: {reason}")


for command in (
    fixing.fix,
    fixing.undo,
    fixing.decisions_,
    fixing.claim,
    error_files.export,
    error_files.import_,
):
    errors_command.add_command(command)


def _masked(record: ErrorRecord) -> dict[str, Any]:
    payload = {name: output.masked(getattr(record, name)) for name in ("source", "request", "body")}
    return _renamed(asdict(record)) | payload


def _renamed(fields: dict[str, Any]) -> dict[str, Any]:
    return {("class" if name == "klass" else name): value for name, value in fields.items()}
