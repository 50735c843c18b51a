"""cockpit events: WorkOS's events as they arrive, kept in the state."""

import json
import signal
import sqlite3
import threading
from types import FrameType
from typing import Any

import click

from cockpit.cli import output, work
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, POLL_S, long_options
from cockpit.cli.group import Command
from cockpit.jobs import lock
from cockpit.state import events, jobs
from cockpit.state.events import EventRow

SHOWN = 20
"""Events that are shown to begin with."""


@click.command("events", cls=Command)
@click.option("--follow", is_flag=True, help="Go on until Ctrl-C.")
@long_options
@pass_cli
def events_command(cli: Cli, follow: bool, detach: bool, as_json: bool) -> int:
    """WorkOS's events of sign-ins by SSO and of connections: what is new, oldest first.

    They are kept in the state with the place in the log, so that none is missed or comes twice, whatever
    happens between two calls. Where a job follows them already, this only shows what it keeps.
    """
    tail = _Tail()
    with cli.reading() as connection:
        if not detach:
            tail.begin(connection, as_json)
        followed = _is_followed(cli, connection)
    if followed and not detach:
        return _watch(cli, tail, follow, as_json)
    cli.refuse_if_read_only()
    args = {"once": not (follow or detach)}
    return work.start(cli, "events", args, detach=detach, as_json=as_json, meanwhile=tail.more)


class _Tail:
    """Prints events in the order of their arrival, each once."""

    def __init__(self) -> None:
        self._last = 0

    def begin(self, connection: sqlite3.Connection, as_json: bool) -> None:
        """The newest ones of earlier runs for a person; a program gets what is new only."""
        self._last = events.newest(connection)
        if not as_json:
            known = events.ids(connection)[:SHOWN]
            for row in events.rows(connection, known[::-1]):
                _show(row, as_json)

    def more(self, connection: sqlite3.Connection, as_json: bool) -> None:
        """What came since."""
        while found := events.after(connection, self._last):
            for row in found:
                _show(row, as_json)
            self._last = found[-1].id


def _watch(cli: Cli, tail: _Tail, follow: bool, as_json: bool) -> int:
    """Show what another process keeps."""
    ended = threading.Event()

    def interrupted(number: int, frame: FrameType | None) -> None:
        ended.set()

    signal.signal(signal.SIGINT, interrupted)
    with cli.reading() as connection:
        tail.more(connection, as_json)
        while follow and not ended.wait(POLL_S):
            tail.more(connection, as_json)
            if not _is_followed(cli, connection):
                raise Failed("the job that followed the events has ended; the same command goes on")
    return ExitCode.DONE


def _is_followed(cli: Cli, connection: sqlite3.Connection) -> bool:
    job = jobs.latest(connection, "events")
    starting = job is not None and lock.liveness(cli.state, job, CLOCK) != "dead"
    return starting or lock.is_held(cli.state, "events")  # the watch of the rollout follows them too


def _show(row: EventRow, as_json: bool) -> None:
    body = json.loads(row.body)
    if as_json:
        output.event(
            "event",
            CLOCK.now(),
            **{"id": row.event, "name": row.name, "at": output.iso(row.at / 1000)},
            connection=row.connection,
            organization=row.organization,
            data=output.masked(json.dumps(body["data"])),
        )
        return
    parts = [output.local(row.at), row.name.ljust(28), row.connection or "-", *_about(body.get("data") or {})]
    output.say("  ".join(parts))


def _about(data: dict[str, Any]) -> list[str]:
    """Who signed in and why not, or which connection it is."""
    error = data.get("error") or {}
    found = (data.get("email"), data.get("name"), error.get("code"))
    return [str(text) for text in found if text]
