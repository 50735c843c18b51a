"""cockpit users: export, lint, import, diff, and looking at them."""

import asyncio
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.gates import gate_options
from cockpit.cli.group import Group, json_option
from cockpit.cli.where import source_options
from cockpit.cli.work import bound_source, start
from cockpit.rules.lint import RULES
from cockpit.state import diffs, users
from cockpit.state import lint as findings
from cockpit.state.diffs import FindingRow
from cockpit.state.users import UserRow
from cockpit.terms import OP_STATES, OpState

CHUNK = 500
SHOWN = 20
"""Findings of a diff that are printed for a person."""


@click.group("users", cls=Group)
def users_command() -> None:
    """Export, lint, import, compare and look at users."""


@users_command.command("export", writes=True)
@source_options
@long_options
@pass_cli
def export(cli: Cli, named: Mapping[str, Any], detach: bool, as_json: bool) -> int:
    """Read every user of the source into the state file. Nothing is sent to WorkOS.

    The same command resumes at the last page that was written.
    """
    return start(cli, "export", {**named, "kinds": ["user"]}, detach=detach, as_json=as_json)


@users_command.command("lint", writes=True)
@long_options
@pass_cli
def lint(cli: Cli, detach: bool, as_json: bool) -> int:
    """Check every user against the target's rules before anything is sent; hold back whom [mapping] holds.

    Ends with the rules that have something to say, and of how many users; users list --rule shows them.
    """
    return start(cli, "lint", {}, detach=detach, as_json=as_json, details=_rules)


def _rules(connection: sqlite3.Connection, as_json: bool) -> None:
    counts = findings.counts(connection)
    if as_json:
        for count in counts:
            output.event("rule", CLOCK.now(), **asdict(count), title=_title(count.rule))
    elif counts:
        output.table(
            ("severity", "users", "rule", "finding"),
            [(count.severity, count.users, count.rule, _title(count.rule)) for count in counts],
            right="users",
        )


def _title(rule: str) -> str:
    return RULES[rule].title if rule in RULES else rule


@users_command.command("import")
@click.option("--source", metavar="NAME", help="Must be the state's source.")
@click.option("--dry-run", is_flag=True, help="Say how many requests it takes, and how long at least.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send at most N users.")
@click.option(
    "--only",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path),
    metavar="FILE",
    help="Send just the users of an errors.jsonl.",
)
@gate_options
@long_options
@pass_cli
def import_(
    cli: Cli,
    source: str | None,
    dry_run: bool,
    limit: int | None,
    only: Path | None,
    live_source: bool,
    override: str | None,
    detach: bool,
    as_json: bool,
) -> int:
    """Create in WorkOS every user that is ready. The same command resumes; nobody is created twice."""
    if dry_run:
        _dry_run(cli, source, as_json)
        return ExitCode.DONE
    cli.refuse_if_read_only()
    args = {
        "source": source,
        "kinds": ["user"],
        "limit": limit,
        "only": str(only) if only else None,
        "live_source": live_source,
        "override": override,
    }
    return start(cli, "import", args, detach=detach, as_json=as_json)


def _dry_run(cli: Cli, source: str | None, as_json: bool) -> None:
    from cockpit.jobs import plan
    from cockpit.jobs.lint import holding

    bound_source(cli, source)
    settings = cli.settings()
    planned = plan.dry_run(cli.state, settings.target, holding(settings))
    if as_json:
        output.document(asdict(planned))
        return
    least = "no limit set" if planned.seconds is None else f"at least {output.span(planned.seconds)}"
    output.say(f"{planned.users:,} users to send in {planned.writes:,} writes: {least}")
    output.say(f"{planned.carried:,} keep their password; {planned.unlinted:,} are not linted yet")
    for reason, count in planned.held.items():
        output.say(f"{count:,} held back: {reason}")
    for reason, count in planned.without_hash.items():
        output.say(f"{count:,} had a password whose hash can't be had: {reason}")


@users_command.command("canary", writes=True)
@click.option("--user", "key", required=True, metavar="ID|EMAIL", help="Who goes ahead.")
@json_option
@pass_cli
def canary_(cli: Cli, key: str, as_json: bool) -> int:
    """Import one user, then sign in at WorkOS with their password, typed here or read from standard input.

    A bulk import of firebase-scrypt hashes waits for this.
    """
    from cockpit.jobs import canary

    settings = cli.settings()
    chosen = canary.choose(cli.state, key)
    if not chosen.arrived:
        start(cli, "import", {"users": [chosen.subject]})
        chosen = canary.choose(cli.state, key)
        if not chosen.arrived:
            raise Failed(f"{key} did not arrive; see: cockpit errors list")
    why = asyncio.run(canary.signs_in(settings, chosen, _password(chosen.email), CLOCK))
    if why is not None:
        raise Failed(
            f"{chosen.email} can't sign in with that password ({why}); if it is the right one, hashes of "
            f"type {chosen.password_type} do not survive as they were sent: see cockpit help passwords"
        )
    canary.sang(cli.state, settings, chosen, operator=cli.operator, clock=CLOCK)
    if as_json:
        output.document({"email": chosen.email, "type": chosen.password_type, "signs_in": True})
    else:
        output.mark(
            "ok", f"{chosen.email} signs in: passwords of type {chosen.password_type} outlive the move"
        )
    return ExitCode.DONE


def _password(email: str) -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt(f"password of {email}", hide_input=True, err=True)
        return typed
    return sys.stdin.readline().rstrip("\n")


@users_command.command("diff", writes=True)
@click.option("--source", metavar="NAME", help="Must be the state's source.")
@long_options
@pass_cli
def diff(cli: Cli, source: str | None, detach: bool, as_json: bool) -> int:
    """Page both sides again: missing, drifted, extra; changed and deleted at the source since the export."""
    return start(cli, "diff", {"source": source}, detach=detach, as_json=as_json, details=_findings)


@users_command.command("sync", writes=True)
@click.option("--source", metavar="NAME", help="Must be the state's source.")
@click.option("--max-rounds", type=click.IntRange(min=1), metavar="N", help="Give up after N rounds (3).")
@gate_options
@long_options
@pass_cli
def sync(
    cli: Cli,
    source: str | None,
    max_rounds: int | None,
    live_source: bool,
    override: str | None,
    detach: bool,
    as_json: bool,
) -> int:
    """Export again, send what is new and what changed at the source, compare; until the diff is clean.

    Organizations and memberships go along. Nothing is deleted at WorkOS. Run it every few minutes before a
    cutover.
    """
    args = {"source": source, "max_rounds": max_rounds, "live_source": live_source, "override": override}
    return start(cli, "sync", args, detach=detach, as_json=as_json, details=_findings)


def _findings(connection: sqlite3.Connection, as_json: bool) -> None:
    latest = diffs.latest(connection)
    if latest is None:
        return
    found = diffs.ids(connection, latest.id)
    shown = found if as_json else found[:SHOWN]
    rows = [
        row
        for first in range(0, len(shown), CHUNK)
        for row in diffs.rows(connection, shown[first : first + CHUNK])
    ]
    if as_json:
        for row in rows:
            fields = asdict(row)
            del fields["id"], fields["subject"]
            output.event("finding", CLOCK.now(), **fields)
    elif rows:
        output.table(
            ("finding", "external id", "email", "target id", "what"),
            [(row.kind, row.external_id, row.email, row.target_id, _what(row)) for row in rows],
        )
        if len(found) > SHOWN:
            output.say(f"and {len(found) - SHOWN:,} more: with --json, or in the cockpit's pane 5")


def _what(row: FindingRow) -> str:
    if "why" in row.fields:
        return str(row.fields["why"])
    return ", ".join(row.fields)


@users_command.command("list")
@click.option("--state", "in_state", type=click.Choice(OP_STATES), help="Only users in this state.")
@click.option("--search", default="", metavar="TEXT", help="Text in e-mail, id or name.")
@click.option("--rule", metavar="RULE", help="Only users of whom this rule of lint has something to say.")
@json_option
@pass_cli
def list_(cli: Cli, in_state: OpState | None, search: str, rule: str | None, as_json: bool) -> None:
    """The users, in the order they were read. With --rule, what it says of each."""
    if rule is not None and rule not in RULES:
        raise Failed(f"no rule {rule!r}; there are: {', '.join(sorted(RULES))}", ExitCode.USAGE)
    with cli.reading() as connection:
        found = users.ids(connection, state=in_state, search=search, rule=rule)
        rows = list(_rows(connection, found))
        told = findings.details(connection, rule, found) if rule is not None else None
    if as_json:
        more = [{"finding": told.get(row.id)} if told is not None else {} for row in rows]
        output.document([asdict(row) | also for row, also in zip(rows, more, strict=True)])
    elif told is not None:
        output.table(
            ("external id", "email", "state", "finding"),
            [(row.external_id, row.email, _state(row), told.get(row.id)) for row in rows],
        )
    else:
        output.table(
            ("external id", "email", "name", "connection", "state", "password", "target id"),
            [
                (
                    *(row.external_id, row.email, row.name, row.connection, _state(row)),
                    *(row.password_type or row.password, row.target_id),
                )
                for row in rows
            ],
        )


def _state(row: UserRow) -> str:
    return f"{row.state} ({row.held})" if row.held else row.state


def _rows(connection: sqlite3.Connection, found: list[int]) -> Iterator[UserRow]:
    for first in range(0, len(found), CHUNK):
        yield from users.rows(connection, found[first : first + CHUNK])


@users_command.command("show")
@click.argument("user", metavar="ID|EMAIL")
@json_option
@pass_cli
def show(cli: Cli, user: str, as_json: bool) -> None:
    """One user: the source's record, the request made of it, and where it stands. Secrets are masked."""
    with cli.reading() as connection:
        number = users.find(connection, user)
        record = users.show(connection, number) if number is not None else None
    if record is None:
        raise Failed(f"no user {user!r} in this state; search with: cockpit users list --search TEXT")
    row = record.row
    facts: dict[str, Any] = asdict(row) | {
        "password_reason": record.password_reason,
        "attempts": record.attempts,
    }
    if as_json:
        payload = {"source": output.masked(record.source), "request": output.masked(record.request)}
        output.document(facts | {"findings": [told._asdict() for told in record.findings]} | payload)
        return
    output.fields({name.replace("_", " "): value for name, value in facts.items() if name != "id"})
    for told in record.findings:
        output.say(f"{told.severity}: {told.rule}: {told.detail}")
    output.block("source record", output.pretty(record.source))
    output.block("request", output.pretty(record.request))
