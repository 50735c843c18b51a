"""cockpit package: the migration package of WorkOS's own tool, out of the state and into it."""

import sys
from collections.abc import Callable
from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Group, json_option
from cockpit.cli.where import FOLDER
from cockpit.cli.work import start

EVERY = 5.0
"""Seconds between two lines of progress where there is no terminal."""


@click.group("package", cls=Group)
def package_command() -> None:
    """Write, check and load a migration package, to move between this tool and WorkOS's own."""


@package_command.command("write")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--template", type=click.Choice(("2.5.0", "2.6")), default="2.5.0", help="Whose headers (2.5.0)."
)
@click.option("--include-secrets", is_flag=True, help="Write TOTP secrets, too; the manifest says so.")
@json_option
@pass_cli
def write(cli: Cli, folder: Path, template: str, include_secrets: bool, as_json: bool) -> None:
    """Write everything that is exported and linted to DIR, which must not exist or be empty.

    users.csv holds password hashes, as in the packages of WorkOS's tool: every file is readable by you alone.
    TOTP secrets stay out without --include-secrets, secrets of SSO connections in any case. The state is only
    read.
    """
    from cockpit.package import write as writing
    from cockpit.package.headers import TEMPLATES
    from cockpit.state.rollout import moved

    source = cli.binding().source
    chosen = next(one for one in TEMPLATES if one == template)
    with cli.reading() as connection:
        if source is None:
            raise Failed("this state has no users yet; start with: cockpit users export --source NAME")
        options = writing.Options(chosen, include_secrets, output.iso(CLOCK.now()), moved.read(cli.state))
        report = writing.write(connection, folder, source, options, _progress())
    if as_json:
        told = {"users": report.users, "hashes": report.hashes, "secrets": report.secrets}
        output.document({"dir": str(folder), **told, "files": report.counts, "left": report.left})
        return
    counts = report.counts
    output.say(
        f"{folder}: {report.users:,} users ({report.hashes:,} with a password hash), "
        f"{counts['organizations']:,} organizations, {counts['memberships']:,} memberships, "
        f"{counts['roleDefinitions']:,} roles, {report.secrets:,} TOTP secrets, "
        f"{counts['samlConnections'] + counts['oidcConnections']:,} SSO connections"
    )
    for reason, n in report.left.items():
        output.say(f"{n:,} left out: {reason}")
    output.say(f"next: cockpit package validate {folder}")


def _progress() -> Callable[[int, int], None]:
    live, due = sys.stderr.isatty(), CLOCK.monotonic() + EVERY

    def show(done: int, total: int) -> None:
        nonlocal due
        if live:
            click.echo(f"\r\x1b[K{done:,} of {total:,} users written" * (done < total), err=True, nl=False)
        elif CLOCK.monotonic() >= due:
            due += EVERY
            output.warn(f"{done:,} of {total:,} users written")

    return show


@package_command.command("validate")
@click.argument("folder", metavar="DIR", type=FOLDER)
@json_option
@pass_cli
def validate(cli: Cli, folder: Path, as_json: bool) -> int:
    """Check manifest, headers, counts, every row and what rows refer to. Exit 3 where something is wrong."""
    from cockpit.package import validate as judging

    findings = judging.validate(folder)
    errors, warnings = findings.total("error"), findings.total("warning")
    if as_json:
        output.document(
            {
                "valid": not errors,
                "errors": errors,
                "warnings": warnings,
                "findings": [finding._asdict() for finding in findings],
                "not_shown": [{"code": code, "file": file, "count": n} for code, file, n in findings.more()],
            }
        )
    else:
        for finding in findings:
            where = finding.file if finding.line is None else f"{finding.file}:{finding.line}"
            output.mark(
                "fail" if finding.severity == "error" else "warn",
                f"{where}: {finding.message} ({finding.code})",
            )
        for code, file, n in findings.more():
            output.say(f"and {n:,} more in {file}: {code}")
        if errors or warnings:
            output.say(f"{errors:,} errors, {warnings:,} warnings")
        else:
            output.mark("ok", f"{folder} is a migration package; next: cockpit package load {folder}")
    return ExitCode.FINDINGS if errors or warnings else ExitCode.DONE


@package_command.command("load", writes=True)
@click.argument("folder", metavar="DIR", type=FOLDER)
@long_options
@pass_cli
def load(cli: Cli, folder: Path, detach: bool, as_json: bool) -> int:
    """Export from DIR: everything in it goes into the state, whose source it is from then on.

    The same command resumes. Nothing is sent to WorkOS.
    """
    args = {"source": "package", "told": {"dir": str(folder.resolve())}}
    return start(cli, "export", args, detach=detach, as_json=as_json)
