"""Which errors a command is about: the options that they share, as a Filter of the state."""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from cockpit.cli.context import Cli
from cockpit.cli.exits import Failed
from cockpit.cli.group import F
from cockpit.clock import SystemClock, millis
from cockpit.state import errors
from cockpit.state.database import transaction
from cockpit.state.error_filter import Filter
from cockpit.terms import ERROR_CLASSES, KINDS

if TYPE_CHECKING:
    from cockpit.terms import ErrorClass, Kind

CHUNK = 2000
"""Errors resolved in one transaction, so that a running job never waits long for its turn."""

TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"])

_OPTIONS: tuple[Callable[[F], F], ...] = (
    click.option("--group", "fingerprint", metavar="FINGERPRINT", help="Only errors of this cause."),
    click.option("--class", "klass", type=click.Choice(ERROR_CLASSES), help="Only errors of this class."),
    click.option("--kind", type=click.Choice(KINDS), help="Only errors of this kind of record."),
    click.option("--batch", type=click.IntRange(min=0), metavar="N", help="Only users of this batch."),
    click.option("--org", "organization", metavar="ID|NAME", help="Only what belongs to this organization."),
    click.option("--connection", metavar="NAME", help="Only users of this connection at the source."),
    click.option("--since", type=TIME, help="Only errors since this local time."),
    click.option("--until", type=TIME, help="Only errors before it."),
    click.option("--reviewer", metavar="NAME", help="Only what this person is on."),
    click.option("--search", default="", metavar="TEXT", help="Text in e-mail, id, name or message."),
)


def selection(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a selection; the command is given `cli` and `chosen`, a Filter of open errors."""

    @wraps(function)
    def command(
        cli: Cli,
        /,
        *args: Any,
        fingerprint: str | None,
        klass: "ErrorClass | None",
        kind: "Kind | None",
        batch: int | None,
        organization: str | None,
        connection: str | None,
        since: datetime | None,
        until: datetime | None,
        reviewer: str | None,
        search: str,
        **kwargs: Any,
    ) -> Any:
        chosen = Filter(
            fingerprint=fingerprint,
            klass=klass,
            kind=kind,
            batch=batch,
            organization=organization,
            connection=connection,
            since=_stored(since),
            until=_stored(until),
            reviewer=reviewer,
            search=search,
            now=millis(SystemClock().now()),
            batch_size=100 if batch is None else cli.settings().imports.batch_size,
        )
        return function(cli, *args, chosen=chosen, **kwargs)

    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def decide(
    cli: Cli,
    ids: Sequence[int],
    chosen: Filter,
    decision: Callable[[sqlite3.Connection, Sequence[int], int], int],
) -> int:
    """Decide about the errors named, or else about all that are meant, in chunks; returns how many.

    Raises Failed when none of them is open.
    """
    clock = SystemClock()
    moved = 0
    with cli.writing() as connection:
        wanted = list(ids)
        if chosen.narrows or not ids:
            wanted += errors.ids(connection, chosen)
        for first in range(0, len(wanted), CHUNK):
            with transaction(connection):
                moved += decision(connection, wanted[first : first + CHUNK], millis(clock.now()))
    if not moved:
        raise Failed("none of these errors is open; see: cockpit errors list")
    return moved


def _stored(at: datetime | None) -> int | None:
    return None if at is None else millis(at.timestamp())
