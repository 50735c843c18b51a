"""cockpit passwords: who keeps the password, and what is decided for those who don't."""

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.confirm import confirmed, yes_option
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Group, json_option
from cockpit.cli.work import start
from cockpit.clock import millis
from cockpit.rules.lint import SECOND_FACTOR_LOST
from cockpit.state import lint, password_plan, resets, users
from cockpit.state.password_plan import CHOICES, Choice

MOMENT = click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"))
"""A day is its beginning: who changed the password on it counts as later."""


@click.group("passwords", cls=Group)
def passwords_command() -> None:
    """Join a vendor's hashes; decide for users whose password can't go along, and write to them."""


@passwords_command.command("load", writes=True)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--dated",
    type=MOMENT,
    metavar="DATE",
    help="When FILE was made, UTC (default: its time on this disk); whoever changed the password since "
    "does not get the hash.",
)
@json_option
@pass_cli
def load(cli: Cli, file: Path, dated: datetime | None, as_json: bool) -> None:
    """Join FILE, as the provider's support sends it, to the exported users: by id, then by e-mail."""
    from cockpit.jobs import passwords

    with cli.reading():
        pass
    at = None if dated is None else millis(dated.replace(tzinfo=UTC).timestamp())
    report = passwords.load(cli.state, cli.settings(), file, operator=cli.operator, clock=CLOCK, dated=at)
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
    """Who keeps the password, by type, and who does not, by reason: a group each; and second factors lost.

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
        factors = lint.by_field(connection, SECOND_FACTOR_LOST)
    kept = {kind: n for state, kind, _, n in standings if state == "carried"}
    absent = sum(n for state, _, _, n in standings if state == "absent")
    if as_json:
        output.document(
            {
                "carried": kept,
                "absent": absent,
                "groups": [group._asdict() for group in groups],
                "second_factors_lost": dict(factors),
            }
        )
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
    if factors:
        lost = ", ".join(f"{n:,} {name}" for name, n in factors)
        output.say(f"second factors that stay behind: {lost}")
        output.say(f"who: cockpit users list --rule {SECOND_FACTOR_LOST}")
    if any(group.choice == "ask" for group in groups):
        output.say("decide with: cockpit passwords plan --group KEY --choose silent|email|hold")


def _choose(cli: Cli, key: str, choice: Choice, why: str | None) -> None:
    from cockpit.state.database import transaction

    policy = cli.settings().passwords.without_hash
    with cli.writing() as connection, transaction(connection):
        known = {group.key: group for group in password_plan.groups(connection, policy)}
        if key not in known:
            raise Failed(f"no group {key!r}; see the column group of: cockpit passwords plan", ExitCode.USAGE)
        now = millis(CLOCK.now())
        password_plan.choose(connection, known[key], choice, cli.operator, now, why)


@passwords_command.command("reset")
@click.option("--dry-run", is_flag=True, help="Say who would be written to; send nothing.")
@click.option("--user", "key", metavar="ID|EMAIL", help="Write to this one user now, to see what arrives.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Write to at most N users.")
@click.option("--again", is_flag=True, help="Also to those whose e-mail failed, or may have gone out.")
@yes_option
@long_options
@pass_cli
def reset(
    cli: Cli,
    dry_run: bool,
    key: str | None,
    limit: int | None,
    again: bool,
    yes: bool,
    detach: bool,
    as_json: bool,
) -> int:
    """Send reset e-mails to the groups for which `email` was chosen, once they are at WorkOS.

    One after another, each once: the same command goes on with the rest. Try it with --user first; who sends
    is then named in [passwords] mailer.
    """
    if dry_run:
        _show_standings(_standings(cli), as_json)
        return ExitCode.DONE
    cli.refuse_if_read_only()
    if key is not None:
        _write_to_one(cli, key, yes, as_json)
        return ExitCode.DONE
    standings = _standings(cli)
    count = sum(group.waiting + (group.failed + group.unknown if again else 0) for group in standings)
    count = min(count, limit or count)
    if count:
        confirmed(f"send {count:,} reset e-mails? An e-mail can't be taken back", yes)
    return start(cli, "reset", {"limit": limit, "again": again}, detach=detach, as_json=as_json)


def _standings(cli: Cli) -> list[resets.Standing]:
    policy = cli.settings().passwords.without_hash
    with cli.reading() as connection:
        return resets.standings(connection, policy)


def _show_standings(standings: list[resets.Standing], as_json: bool) -> None:
    if as_json:
        output.document([group._asdict() for group in standings])
        return
    if not standings:
        output.say("nobody is to be written to; choose with: passwords plan --group KEY --choose email")
        return
    output.table(
        ("waiting", "sent", "failed", "in doubt", "reason"),
        [
            (f"{group.waiting:,}", f"{group.sent:,}", f"{group.failed:,}", f"{group.unknown:,}", group.reason)
            for group in standings
        ],
        right="waiting",
    )


def _write_to_one(cli: Cli, key: str, yes: bool, as_json: bool) -> None:
    from cockpit.jobs import reset_one

    settings = cli.settings()
    email = reset_one.address(cli.state, key)
    confirmed(f"send a reset e-mail to {email}?", yes)
    sender = asyncio.run(reset_one.send(settings, email, CLOCK))
    reset_one.tried(cli.state, email, sender, operator=cli.operator, clock=CLOCK)
    if as_json:
        output.document({"email": email, "sender": sender})
        return
    output.say(f"asked for a reset of {email}; sent by {sender}. The link is good for an hour.")
    if settings.passwords.mailer is None:
        output.say('if it arrives, set [passwords] mailer = "workos"; else a command of yours that sends it')
