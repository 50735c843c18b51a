"""The exit codes that scripts rely on, and the one place that turns an exception into them."""

import sys
import traceback
from enum import IntEnum

import click

from cockpit.cli import output


class ExitCode(IntEnum):
    """What the end of a command means."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    FINDINGS = 3
    NOT_CLEAN = 4
    REFUSED = 5
    INTERRUPTED = 130


EXPECTED: dict[str, ExitCode] = {
    "cockpit.settings.SettingsError": ExitCode.USAGE,
    "cockpit.state.meta.BindingError": ExitCode.USAGE,
    "cockpit.package.PackageError": ExitCode.FAILED,
    "cockpit.state.database.StateError": ExitCode.FAILED,
    "cockpit.jobs.launch.JobRefused": ExitCode.FAILED,
    "cockpit.jobs.control.NotActive": ExitCode.FAILED,
    "cockpit.jobs.canary.NotACanary": ExitCode.FAILED,
    "cockpit.jobs.mailer.MailerFailed": ExitCode.FAILED,
    "cockpit.jobs.mailer.MailerSilent": ExitCode.FAILED,
    "cockpit.jobs.reset_one.NotSent": ExitCode.FAILED,
    "cockpit.jobs.connections.links.NoLink": ExitCode.FAILED,
    "cockpit.connections.handoff.reader.NotConnections": ExitCode.FAILED,
    "cockpit.state.rollout.routes.NotThere": ExitCode.FAILED,
    "cockpit.state.rollout.routes.MoveRefused": ExitCode.FAILED,
    "cockpit.jobs.rollout.ask.Silent": ExitCode.FAILED,
    "cockpit.rollout.flip.FlipRefused": ExitCode.FAILED,
    "cockpit.rollout.waves.WaveRefused": ExitCode.FAILED,
    "cockpit.jobs.rollout.flip.GatesClosed": ExitCode.REFUSED,
    "cockpit.workos.client.KeyRefused": ExitCode.FAILED,
    "cockpit.sources.base.SourceError": ExitCode.FAILED,
    "cockpit.transport.failures.TransportError": ExitCode.FAILED,
}
"""Failures that happen to a correct program, by name: naming them here imports none of their modules."""


class Failed(Exception):
    """A command ends with this code; the message is for a person."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code


def report(error: BaseException, *, verbose: bool) -> int:
    """Say on standard error what went wrong, in a line or two; returns the exit code."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.exceptions.NoArgsIsHelpError():
            error.show()
            return ExitCode.USAGE
        case click.UsageError():
            _line(error.format_message())
            if error.ctx is not None:
                click.echo(f"try: {error.ctx.command_path} --help", err=True)
            return ExitCode.USAGE
        case click.ClickException():
            _line(error.format_message())
            return ExitCode.FAILED
        case click.Abort() | KeyboardInterrupt():
            _line("interrupted")
            return ExitCode.INTERRUPTED
        case BrokenPipeError():
            sys.stderr.close()  # keeps Python from complaining about the pipe at exit
            return ExitCode.FAILED
        case Failed():
            _line(str(error))
            return error.code
    code = _expected(error)
    if code is None:
        _line(f"unexpected {type(error).__name__}: {error}")
        code = ExitCode.FAILED
        if not verbose:
            click.echo("run the command with -v to see where", err=True)
    else:
        _line(str(error))
    if verbose:
        click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
    return code


def _expected(error: BaseException) -> ExitCode | None:
    for kind in type(error).__mro__:
        if (code := EXPECTED.get(f"{kind.__module__}.{kind.__qualname__}")) is not None:
            return code
    return None


def _line(text: str) -> None:
    output.warn(f"cockpit: {text}")
