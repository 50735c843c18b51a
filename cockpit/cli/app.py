"""The root command: global options, the table of commands, and what `cockpit` alone does."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from cockpit import __version__
from cockpit.cli import exits
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import LazyGroup

if TYPE_CHECKING:
    from cockpit.settings import WebhookSettings
    from cockpit.tui.given import Proofs

COMMANDS = {
    "init": ("init", "Write cockpit.toml with comments, and a .gitignore."),
    "doctor": ("doctor", "Credentials, scopes, clock, limits, disk, state, terminal."),
    "status": ("status", "Where everything stands."),
    "run": ("run", "The whole sequence: export, lint, import of every kind, diff."),
    "users": ("users", "Export, lint, import, compare and look at users."),
    "orgs": ("tenancy", "Organizations: export, import, list, show."),
    "roles": ("tenancy", "Roles and permissions: the same."),
    "memberships": ("tenancy", "Memberships: the same."),
    "factors": ("tenancy", "Authenticator apps: the same."),
    "passwords": ("passwords", "Join a file of hashes; who keeps the password; reset e-mails."),
    "connections": ("connections", "SSO connections: export, check, plan, hand over."),
    "package": ("package", "The migration package of WorkOS's own tool: write, validate, load."),
    "errors": ("errors", "Look at failures, retry them, ignore them with a reason."),
    "rules": ("rules", "Rules that fix whole groups of failures."),
    "report": ("report", "What moved, what failed, what was decided: Markdown for a change ticket."),
    "audit": ("audit", "Who did what, when and why."),
    "jobs": ("jobs", "Running and past jobs; the log of one."),
    "start": ("jobs", "Start a job by kind (export, lint, import, diff) or id."),
    "pause": ("jobs", "Take no new work; what is in flight is finished."),
    "resume": ("jobs", "Go on after a pause."),
    "stop": ("jobs", "Finish what is in flight and end; the same command goes on later."),
    "throttle": ("jobs", "Set a ceiling in writes a second, or `auto`."),
    "rollout": ("rollout", "The board, flips, waves, the kill switch, proof for the end of legacy."),
    "proxy": ("proxy", "The callback of customers' IdPs, sent on to WorkOS or to legacy."),
    "events": ("events", "WorkOS's events, as they arrive; sign-ins by connection."),
    "webhooks": ("webhooks", "Quiet before the import, and no thundering herd after it."),
    "state": ("state", "Copy the state file, or check it."),
    "target": ("target", "The target this state is bound to; `new` starts an empty journal."),
    "purge": ("purge", "Remove hashes and secrets from the state when done."),
    "sandbox": ("sandbox", "A loopback WorkOS and one source to rehearse with."),
    "demo": ("demo", "A whole migration against the sandbox."),
    "help": ("help", "Explain a topic."),
}


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="cockpit", message="%(prog)s %(version)s")
@pass_cli
@click.pass_context
def cockpit(ctx: click.Context, cli: Cli) -> None:
    """Move an application's users to WorkOS.

    Without a command, open the cockpit on the migration in this folder.
    """
    if ctx.invoked_subcommand is None:
        raise click.exceptions.Exit(open_cockpit(cli))


def open_cockpit(cli: Cli) -> int:
    """The full-screen cockpit; closing it stops no job."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Failed("the cockpit needs a terminal; without one use: cockpit status", ExitCode.USAGE)
    from cockpit.clock import SystemClock
    from cockpit.tui.app import run as run_tui
    from cockpit.tui.given import Given

    settings = cli.settings()
    passwords = settings.passwords
    mailer = passwords.mailer
    given = Given(
        source=settings.provider,
        batch_size=settings.imports.batch_size,
        without_hash=passwords.without_hash,
        mailer=mailer[0] if isinstance(mailer, tuple) else mailer,
        resets_per_min=passwords.resets_per_min,
        proxy_from=settings.connections.proxy_from,
        proofs=_proofs(settings.webhooks),
        rollout=settings.rollout,
    )
    return run_tui(
        cli.state,
        operator=cli.operator,
        clock=SystemClock(),
        read_only=cli.read_only,
        config=cli.config,
        given=given,
    )


def _proofs(told: "WebhookSettings") -> "Proofs":
    from cockpit.tui.given import Proofs
    from cockpit.webhooks.sequence import STEPS

    lives = {step: life for step in STEPS if (life := told.life_ms(step)) is not None}
    return Proofs(told.tank_url, told.write_token, told.settle_min, told.quiet_min, told.bake_days, lives)


def run(args: Sequence[str] | None = None) -> int:
    """Run a command line; returns the exit code. Nothing that is expected to happen shows a traceback."""
    cli = Cli()
    try:
        result = cockpit.main(
            args,
            prog_name="cockpit",
            obj=cli,
            standalone_mode=False,
            color=False if os.environ.get("NO_COLOR") else None,
        )
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:
        return exits.report(error, verbose=cli.verbose)
    return result if isinstance(result, int) else ExitCode.DONE
