"""cockpit doctor: what would stop a migration, looked for before it begins."""

import asyncio
from collections import Counter
from contextlib import aclosing

import click

from cockpit import __version__
from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import Command, json_option
from cockpit.clock import SystemClock
from cockpit.doctor.examination import About, examine
from cockpit.findings import Finding


@click.command("doctor", cls=Command)
@click.option("--source", metavar="NAME", help="The provider to check (default: cockpit.toml's).")
@json_option
@pass_cli
def doctor_command(cli: Cli, source: str | None, as_json: bool) -> int:
    """Check credentials, scopes, clock, limits, disk, state and terminal before a migration.

    It only reads, a few requests a side. Exit 1 when a check fails; a warning fails nothing.
    """
    made = asyncio.run(_examined(cli, source, quiet=as_json))
    levels = Counter(finding.level for _, finding in made)
    code = ExitCode.FAILED if levels["fail"] else ExitCode.DONE
    if as_json:
        checks = [{"about": about, **finding._asdict()} for about, finding in made]
        output.document({"version": __version__, "ok": not levels["fail"], "checks": checks, "exit": code})
    else:
        output.say(f"\n{levels['fail']} fail, {levels['warn']} warn, {levels['ok']} ok")
    return code


async def _examined(cli: Cli, named: str | None, *, quiet: bool) -> list[tuple[About, Finding]]:
    """All findings; each is printed as it is made, unless quiet."""
    settings = cli.settings()
    if named is not None and settings.provider not in (None, named):
        raise Failed(
            f"--source {named}, but cockpit.toml's [source] is {settings.provider}; "
            "name another file with --config",
            ExitCode.USAGE,
        )
    made: list[tuple[About, Finding]] = []
    examination = examine(settings, cli.state, named, cli.operator, SystemClock())
    async with aclosing(examination) as findings:
        async for about, finding in findings:
            made.append((about, finding))
            if not quiet:
                _show(about, finding)
    return made


def _show(about: About, finding: Finding) -> None:
    output.mark(finding.level, f"{finding.level:4}  {about:7}  {finding.check:11}  {finding.what}")
    if finding.level != "ok":
        output.say(f"        {finding.why}; {finding.next}")
