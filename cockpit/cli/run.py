"""cockpit run: the whole migration by one command."""

from collections.abc import Mapping
from typing import Any

import click

from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.follow import long_options
from cockpit.cli.gates import gate_options
from cockpit.cli.group import Command
from cockpit.cli.where import source_options
from cockpit.cli.work import start


@click.command("run", cls=Command, writes=True)
@source_options
@gate_options
@long_options
@pass_cli
def run_command(
    cli: Cli,
    named: Mapping[str, Any],
    live_source: bool,
    override: str | None,
    detach: bool,
    as_json: bool,
) -> int:
    """Export every kind, lint, import every kind in order, compare.

    The same command resumes at any point. It exits 4 when the diff is not clean, 3 when records failed.
    """
    args = {**named, "live_source": live_source, "override": override}
    return start(cli, "run", args, detach=detach, as_json=as_json)
