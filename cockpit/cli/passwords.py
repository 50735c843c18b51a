"""cockpit passwords: who keeps the password, and what is decided for those who don't."""

from dataclasses import asdict
from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import Group, json_option
from cockpit.clock import SystemClock, millis
from cockpit.state import password_plan, users
from cockpit.state.password_plan import CHOICES, Choice


@click.group("passwords", cls=Group)
def passwords_command() -> None:
    """Join a vendor's hashes; decide for users whose password can't go along."""


@passwords_command.command("load", writes=True)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@pass_cli
def load(cli: Cli, file: Path, as_json: bool) -> None:
    """Join FILE, as the provider's support sends it, to the exported users: by id, then by e-mail."""
    from cockpit.jobs import passwords

    with cli.reading():
        pass
    report = passwords.load(cli.state, cli.settings(), file, operator=cli.operator, clock=SystemClock())
    if as_json:
        output.document(asdict(report))
        return
    output.say(
        f"{report.matched:,} hashes joined, {report.replaced:,} of them in place of another; "
        f"{report.unmatched_file:,} lines have no user here, {report.unmatched_users:,} users have no line"
    )
    for reason, count in report.refused.items():
        output.say(f"{count:,} refused: {reason}")


@passwords_command.command("plan")
@click.option("--group", "key", metavar="KEY", help="The group to choose for.")
@click.option("--choose", type=click.Choice(CHOICES), help="What happens to its users.")
@click.option("--reason", "why", metavar="WHY", help="Why; kept in the audit trail.")
@json_option
@pass_cli
def plan(cli: Cli, key: str | None, choose: Choice | None, why: str | None, as_json: bool) -> None:
    """Who keeps the password, by type, and who does not, by reason: a group each.

    Choose for a group with --group KEY --choose: silent (they choose a new password at the next login),
    email (they are sent a reset e-mail by cockpit passwords reset), or hold (they are not imported).
    """
    if (key is None) != (choose is None):
        raise click.UsageError("--group and --choose go together")
    if key is not None and choose is not None:
        cli.refuse_if_read_only()
        _choose(cli, key, choose, why)
    policy = cli.settings().passwords.without_hash
    with cli.reading() as connection:
        standings = users.passwords_by(connection)
        groups = password_plan.groups(connection, policy)
    kept = {kind: n for state, kind, _, n in standings if state == "carried"}
    absent = sum(n for state, _, _, n in standings if state == "absent")
    if as_json:
        output.document({"carried": kept, "absent": absent, "groups": [group._asdict() for group in groups]})
        return
    if not standings:
        output.say("nobody is mapped yet; next: cockpit users lint")
        return
    output.table(
        ("password", "users", "type or reason", "group", "choice"),
        [
            *(("kept", f"{n:,}", kind, "", "") for kind, n in kept.items()),
            *(("lost", f"{group.users:,}", group.reason, group.key, group.choice) for group in groups),
            *([("none", f"{absent:,}", "signs in without a password", "", "")] if absent else []),
        ],
        right="users",
    )
    if any(group.choice == "ask" for group in groups):
        output.say("decide with: cockpit passwords plan --group KEY --choose silent|email|hold")


def _choose(cli: Cli, key: str, choice: Choice, why: str | None) -> None:
    from cockpit.state.database import transaction

    policy = cli.settings().passwords.without_hash
    with cli.writing() as connection, transaction(connection):
        known = {group.key: group for group in password_plan.groups(connection, policy)}
        if key not in known:
            raise Failed(f"no group {key!r}; see the column group of: cockpit passwords plan", ExitCode.USAGE)
        now = millis(SystemClock().now())
        password_plan.choose(connection, known[key], choice, cli.operator, now, why)
