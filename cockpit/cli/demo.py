"""cockpit demo: a whole migration against the sandbox, with a person at the cockpit or without."""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from cockpit.cli import app, output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, run_job
from cockpit.cli.group import Command
from cockpit.cli.status import show
from cockpit.demo import folder
from cockpit.demo.folder import Choice, Demo, FolderRefused
from cockpit.demo.headless import Headless, NotClean
from cockpit.demo.sandbox import SandboxFailed
from cockpit.sandbox import standins
from cockpit.state import summary
from cockpit.state.jobs import JobKind

TOUR = """
{users:,} users are exported and their password hashes joined; nothing was sent yet.

  3 then s   start the import, p pauses, [ and ] make it slower and faster
  4          errors by cause: Enter opens a record, r retries it, i ignores it with a reason
  q          leave in mid-import: it goes on; the same command brings you back
  5 then s   the diff, once no error is open
"""


@click.command("demo", cls=Command, writes=True)
@click.option("--source", type=click.Choice(standins.names()), default="auth0", show_default=True)
@click.option("--users", type=click.IntRange(min=1), default=5000, show_default=True)
@click.option("--connections", type=click.IntRange(min=0), default=24, show_default=True, help="By SSO.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed, the same people.")
@click.option("--faults", type=click.Choice(("none", "some", "many")), default="some", show_default=True)
@click.option("--headless", is_flag=True, help="Without the cockpit, to a clean diff.")
@click.option(
    "--dir",
    "where",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo"),
    help="Its folder (./demo).",
)
@pass_cli
def demo_command(
    cli: Cli, source: str, users: int, connections: int, seed: int, faults: str, headless: bool, where: Path
) -> int:
    """A whole migration against the sandbox.

    With a terminal it opens the cockpit on exported users; the same command comes back to it. With
    --headless, or without a terminal, it goes to a clean diff by itself and exits 0.
    """
    alone = headless or not (sys.stdin.isatty() and sys.stdout.isatty())
    pace = folder.UNWATCHED if alone else folder.WATCHED
    try:
        choice = Choice(standins.playing(source, os.environ), users, seed, faults, connections)
        demo = folder.enter(where, choice, pace)
        folder.settle_environment(demo)
        here = replace(cli, state=demo.state, config=demo.config)
        work = Headless(demo, here.settings(), CLOCK, cli.operator, _Runner(here), output.say)
        if alone:
            work.run()
            _print_summary(here, work)
            return ExitCode.DONE
        return _with_a_person(here, demo, work)
    except FolderRefused as error:
        raise Failed(str(error), ExitCode.USAGE) from error
    except (SandboxFailed, NotClean) as error:
        raise Failed(str(error)) from error


class _Runner:
    """Runs a job in the foreground; an interruption ends the demo."""

    def __init__(self, cli: Cli) -> None:
        self._cli = cli

    def __call__(self, kind: JobKind, args: Mapping[str, Any]) -> int:
        code = run_job(self._cli, kind, args)
        if code == ExitCode.INTERRUPTED:
            raise click.exceptions.Exit(code)
        return code


def _with_a_person(cli: Cli, demo: Demo, work: Headless) -> int:
    if not _exported(cli):
        output.say(
            f"a sandbox with {demo.choice.users:,} users of {demo.choice.source} runs at {demo.sandbox.url}"
        )
        work.export()
        click.echo(TOUR.format(users=demo.choice.users))
        click.pause("press a key to open the cockpit")
    code = app.open_cockpit(cli)
    output.say(f"With the demo's credentials: cockpit demo --dir {demo.folder} {demo.choice.options}")
    return code


def _exported(cli: Cli) -> bool:
    if not cli.state.exists():
        return False
    with cli.reading() as connection:
        export = summary.read(connection).export
    return export is not None and export.complete_at is not None


def _print_summary(cli: Cli, work: Headless) -> None:
    with cli.reading() as connection:
        read = summary.read(connection)
    output.say()
    show(read)
    output.say()
    for how, count in work.cured.items():
        output.say(f"{count:,} errors {how}")
    output.mark("ok", f"the diff is clean; look around with: cockpit --state {cli.state}")
