"""cockpit errors fix, undo, decisions, claim: what reviewers do beside retry and ignore."""

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import Command, json_option
from cockpit.cli.selection import decide, selection
from cockpit.clock import SystemClock, millis
from cockpit.rules.fixes import ABOUT, ACTIONS, made
from cockpit.state import decisions, reviewers
from cockpit.state.database import transaction
from cockpit.state.error_filter import Filter
from cockpit.state.reviewers import Scope

if TYPE_CHECKING:
    from cockpit.rules.fixes import Rule
    from cockpit.state.fix import Edit, Merge
    from cockpit.state.overlays import Subject

CLOCK = SystemClock()


@click.command("fix", cls=Command, writes=True)
@click.argument("ids", type=int, nargs=-1, metavar="[ID]...")
@click.option("--set", "sets", multiple=True, metavar="FIELD=VALUE", help="Send this instead.")
@click.option("--unset", multiple=True, metavar="FIELD", help="Leave the field out.")
@click.option("--revert", multiple=True, metavar="FIELD", help="Send what the source says again.")
@click.option("--rule", "action", type=click.Choice(ACTIONS), help="Fix the whole --group so.")
@click.option("--field", default="", metavar="FIELD", help="The rule's field, such as metadata.plan.")
@click.option("--value", default="", metavar="TEXT", help="The rule's value.")
@click.option("--match", default="", metavar="TEXT", help="Replace only this.")
@click.option("--dry-run", is_flag=True, help="Show what would change; save nothing.")
@click.option(
    "--merge",
    type=click.Choice(("adopt", "link", "skip")),
    help="A conflict: that user is ours, or memberships go to it, or leave ours behind.",
)
@click.option("--reset", is_flag=True, help="Put the user on the list of passwords reset.")
@json_option
@pass_cli
@selection
def fix(
    cli: Cli,
    chosen: Filter,
    ids: tuple[int, ...],
    sets: tuple[str, ...],
    unset: tuple[str, ...],
    revert: tuple[str, ...],
    action: str | None,
    field: str,
    value: str,
    match: str,
    dry_run: bool,
    merge: "Merge | None",
    reset: bool,
    as_json: bool,
) -> int:
    """Edit the records of errors, apply a rule to a group, settle conflicts, or mark users for a reset.

    Raw records never change: edits are laid over them, and the target's rules are checked. What is well
    then is ready; nothing is sent by this. cockpit errors undo takes it back until it is sent.
    """
    ways = [bool(sets or unset or revert), action is not None, merge is not None, reset]
    if sum(ways) != 1:
        raise click.UsageError("one of: --set/--unset/--revert, --rule, --merge, --reset")
    if action is not None:
        if ids or chosen.fingerprint is None:
            raise click.UsageError("--rule goes with --group FINGERPRINT")
        return _fix_group(cli, _rule(chosen.fingerprint, action, field, value, match), dry_run, as_json)
    if not (ids or chosen.narrows):
        raise click.UsageError("which errors? name ids, --group or --class")
    if sets or unset or revert:
        return _edit(cli, ids, chosen, sets, unset, revert, dry_run, as_json)
    if dry_run:
        raise click.UsageError("--dry-run goes with --rule or --set")
    if merge is not None:
        _merge(cli, ids, chosen, merge)
    else:
        _reset(cli, ids, chosen)
    return ExitCode.DONE


def _rule(cause: str, action: str, field: str, value: str, match: str) -> "Rule":
    try:
        return made(cause, action, field, value, match)
    except ValueError as error:
        raise Failed(str(error), ExitCode.USAGE) from None


def _fix_group(cli: Cli, rule: "Rule", dry_run: bool, as_json: bool) -> int:
    from cockpit.jobs import fix as carried
    from cockpit.jobs import rule as rules
    from cockpit.state import preview

    with cli.reading() as connection:
        found = preview.preview(connection, rule)
    if not as_json:
        output.say(f"{rule}: changes {found.changed:,} of {found.total:,}; {ABOUT[rule.action]}")
        for example in found.examples:
            for name, (before, after) in example.changed.items():
                output.say(f"  error {example.error}: {name}: {before!r} -> {after!r}")
        for broken, count in found.left.items():
            output.say(f"  {count:,} still break: {broken}")
        if found.closed:
            output.say(f"  {found.closed:,} can't be mapped again")
    if not found.changed:
        raise Failed("the rule changes nothing in this group; nothing was saved", ExitCode.FINDINGS)
    if dry_run:
        if as_json:
            output.document(asdict(found))
        return ExitCode.DONE
    settings = cli.settings()
    applied = rules.apply_rule(
        cli.state, rule, operator=cli.operator, batch_size=settings.imports.batch_size, clock=CLOCK
    )
    linted = carried.lint_now(cli.state, settings, operator=cli.operator, clock=CLOCK)
    if as_json:
        output.document(asdict(found) | applied._asdict() | {"linted": linted})
    else:
        output.say(
            f"rule {applied.rule} stands: {applied.fixed:,} of {applied.looked:,} fixed{_when(linted)}"
        )
    return ExitCode.DONE


def _edit(
    cli: Cli,
    ids: Sequence[int],
    chosen: Filter,
    sets: Sequence[str],
    unset: Sequence[str],
    revert: Sequence[str],
    dry_run: bool,
    as_json: bool,
) -> int:
    from cockpit.jobs import fix as carried
    from cockpit.state import errors
    from cockpit.state import fix as state_fix

    told: list[dict[str, Any]] = []
    now = millis(CLOCK.now())
    try:
        with cli.writing() as connection, transaction(connection):
            for error in list(ids) or errors.ids(connection, chosen):
                subject = _subject(connection, error)
                edit = _read(subject, sets, unset, revert)
                if dry_run:
                    found = state_fix.checked(subject, edit.values)
                else:
                    found = state_fix.edit(connection, error, edit, operator=cli.operator, now=now)
                told.append({"error": error, "findings": [f._asdict() for f in found.findings]})
    except (state_fix.NotFixable, ValueError) as refusal:
        raise Failed(str(refusal)) from None
    linted = dry_run or carried.lint_now(cli.state, cli.settings(), operator=cli.operator, clock=CLOCK)
    blocked = [one for one in told if any(f["severity"] == "error" for f in one["findings"])]
    if as_json:
        output.document({"edited": told, "saved": not dry_run, "linted": linted})
    else:
        for one in told:
            for finding in one["findings"]:
                output.say(f"error {one['error']}: {finding['severity']}: {finding['detail']}")
        output.say("nothing was saved" if dry_run else f"{len(told):,} edited{_when(linted)}")
    return ExitCode.FINDINGS if blocked else ExitCode.DONE


def _read(subject: "Subject", sets: Sequence[str], unset: Sequence[str], revert: Sequence[str]) -> "Edit":
    """What is to be set on a record, by its kind. Raises ValueError."""
    from cockpit.rules import fields
    from cockpit.state.fix import Edit

    values: dict[str, Any] = dict.fromkeys(unset)
    for pair in sets:
        name, equals, text = pair.partition("=")
        if not equals:
            raise ValueError(f"--set {pair}: write FIELD=VALUE")
        values[name] = fields.read(subject.kind, name, text)
    return Edit(values, revert)


def _subject(connection: sqlite3.Connection, error: int) -> "Subject":
    from cockpit.state import overlays

    subject = overlays.subject(connection, error)
    if subject is None:
        raise ValueError(f"there is no error {error} with a record to edit; see: cockpit errors list")
    return subject


def _merge(cli: Cli, ids: Sequence[int], chosen: Filter, choice: "Merge") -> None:
    from cockpit.state import fix as state_fix

    batch_size = cli.settings().imports.batch_size

    def merged(connection: sqlite3.Connection, part: Sequence[int], now: int) -> int:
        return state_fix.merge(
            connection, part, choice, operator=cli.operator, batch_size=batch_size, now=now
        )

    try:
        moved = decide(cli, ids, chosen, merged)
    except state_fix.NotFixable as error:
        raise Failed(str(error)) from None
    if choice == "skip":
        output.say(f"{moved:,} left behind")
    else:
        output.say(f"{moved:,} ready; the next import {choice}s them: cockpit users import")


def _reset(cli: Cli, ids: Sequence[int], chosen: Filter) -> None:
    from cockpit.state import fix as state_fix

    def marked(connection: sqlite3.Connection, part: Sequence[int], now: int) -> int:
        return state_fix.mark_for_reset(connection, part, operator=cli.operator, now=now)

    moved = decide(cli, ids, chosen, marked)
    output.say(f"{moved:,} marked; they are written to by cockpit passwords reset once they have arrived")


def _when(linted: bool) -> str:
    return "; next: cockpit users import" if linted else "; the lint that is at work comes to it"


@click.command("undo", cls=Command, writes=True)
@click.argument("decision", type=int, required=False, metavar="[DECISION]")
@pass_cli
def undo(cli: Cli, decision: int | None) -> None:
    """Take back a decision, else your last one; what was sent since stays as it is."""
    from cockpit.jobs import fix as carried

    settings = cli.settings()
    with cli.writing() as connection, transaction(connection):
        if decision is None:
            if (newest := decisions.last(connection, cli.operator)) is None:
                raise Failed(f"{cli.operator} has decided nothing that could be undone")
            decision = newest.id
        try:
            undone = decisions.undo(
                connection,
                decision,
                operator=cli.operator,
                batch_size=settings.imports.batch_size,
                now=millis(CLOCK.now()),
            )
        except decisions.NotUndone as error:
            raise Failed(str(error)) from None
    carried.lint_now(cli.state, settings, operator=cli.operator, clock=CLOCK)
    late = f"; {undone.too_late:,} were sent since and stay" if undone.too_late else ""
    output.say(f"decision {decision} undone: {undone.restored:,} records as before{late}")


@click.command("decisions", cls=Command)
@json_option
@pass_cli
def decisions_(cli: Cli, as_json: bool) -> None:
    """What was decided about errors, by whom; the newest first."""
    with cli.reading() as connection:
        found = decisions.listed(connection)
    if as_json:
        output.document([asdict(decision) for decision in found])
        return
    output.table(
        ("id", "at", "operator", "decision", "about", "why", "undone by"),
        [(d.id, output.local(d.at), d.operator, d.action, d.subject, d.why, d.undone_by) for d in found],
        right="id",
    )


@click.command("claim", cls=Command, writes=True)
@click.argument("error", type=int, required=False, metavar="[ID]")
@click.option("--group", "fingerprint", metavar="FINGERPRINT", help="The whole group.")
@click.option("--release", is_flag=True, help="You are not on it any more.")
@pass_cli
def claim(cli: Cli, error: int | None, fingerprint: str | None, release: bool) -> None:
    """Say that you are on a group or a record, for colleagues to see; it ends by itself after 15 minutes."""
    if (error is None) == (fingerprint is None):
        raise click.UsageError("name an error, or --group FINGERPRINT")
    scope: Scope = "error" if error is not None else "group"
    key = str(error) if error is not None else str(fingerprint)
    with cli.writing() as connection, transaction(connection):
        if release:
            reviewers.release(connection, scope, key, cli.operator)
            return
        other = reviewers.take(connection, scope, key, cli.operator, millis(CLOCK.now()))
    if other is not None:
        raise Failed(f"{other.operator} on {other.host} is on it since {output.local(other.at)}")
