"""cockpit rules: fix rules in force, put in force, taken back, written for cockpit.toml."""

from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import Group, json_option
from cockpit.clock import SystemClock, millis
from cockpit.rules.fixes import ACTIONS, made
from cockpit.rules.toml import rule_tables
from cockpit.state import fixrules
from cockpit.state.database import transaction

CLOCK = SystemClock()


@click.group("rules", cls=Group)
def rules_command() -> None:
    """Rules that fix every record which fails for a cause, now and later."""


@rules_command.command("list")
@json_option
@pass_cli
def list_(cli: Cli, as_json: bool) -> None:
    """The rules in force, in the order they are applied."""
    with cli.reading() as connection:
        found = fixrules.standing(connection)
    if as_json:
        output.document(
            [
                {"id": rule.id, **rule.rule._asdict(), "operator": rule.operator, "at": rule.at}
                | {"marked": rule.marked}
                for rule in found
            ]
        )
        return
    if not found:
        output.say("no rules; make one with: cockpit errors fix --group FINGERPRINT --rule ACTION")
        return
    output.table(
        ("id", "cause", "rule", "fixes", "by", "since"),
        [
            (rule.id, rule.rule.cause, str(rule.rule), rule.marked, rule.operator, output.local(rule.at))
            for rule in found
        ],
        right="id fixes",
    )


@rules_command.command("add", writes=True)
@click.argument("action", type=click.Choice(ACTIONS), metavar="ACTION")
@click.option("--cause", required=True, metavar="FINGERPRINT", help="The group that it fixes.")
@click.option("--field", default="", metavar="FIELD", help="Such as email, metadata.plan or metadata.*")
@click.option("--value", default="", metavar="TEXT", help="A length, a path, a reason or a new value.")
@click.option("--match", default="", metavar="TEXT", help="Replace only this.")
@pass_cli
def add(cli: Cli, action: str, cause: str, field: str, value: str, match: str) -> None:
    """Put a rule in force before its cause was met; the next lint applies it.

    For a group that is there: cockpit errors fix --group FINGERPRINT --rule ACTION shows first what it does.
    """
    from cockpit.state import fix

    try:
        rule = made(cause, action, field, value, match)
    except ValueError as error:
        raise Failed(str(error), ExitCode.USAGE) from None
    with cli.writing() as connection, transaction(connection):
        number = fix.add_rule(connection, rule, operator=cli.operator, now=millis(CLOCK.now()))
    output.say(f"rule {number} stands: {rule}; next: cockpit users lint")


@rules_command.command("remove", writes=True)
@click.argument("number", type=int, metavar="ID")
@pass_cli
def remove(cli: Cli, number: int) -> None:
    """Take a rule back, and what it did to records that were not sent yet."""
    from cockpit.jobs import fix as carried
    from cockpit.state import decisions, fix

    settings = cli.settings()
    with cli.writing() as connection, transaction(connection):
        try:
            restored = fix.remove_rule(
                connection,
                number,
                operator=cli.operator,
                batch_size=settings.imports.batch_size,
                now=millis(CLOCK.now()),
            )
        except (fix.NotFixable, decisions.NotUndone) as error:
            raise Failed(str(error)) from None
    carried.lint_now(cli.state, settings, operator=cli.operator, clock=CLOCK)
    output.say(f"rule {number} removed; {restored:,} records are as before")


@rules_command.command("export")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path), metavar="[FILE]")
@pass_cli
def export(cli: Cli, file: Path | None) -> None:
    """Print the rules as [[rules]] of cockpit.toml, or add them to FILE: the next state applies them."""
    with cli.reading() as connection:
        text = rule_tables(rule.rule for rule in fixrules.standing(connection))
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        with file.open("a", encoding="utf-8") as settings:
            settings.write(("\n" if settings.tell() else "") + text)
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from error
    output.say(f"{file}: {text.count('[[rules]]'):,} rules added")
