"""What people decide: the strategy, and verdicts against the check."""

import sqlite3
from dataclasses import asdict

import click

from cockpit.cli import output
from cockpit.cli.connections.facts import number_of
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.follow import CLOCK
from cockpit.cli.group import Command, json_option
from cockpit.clock import millis
from cockpit.connections.plan import STRATEGIES, Plan, Strategy
from cockpit.connections.plan import plan as make_plan
from cockpit.connections.rules import VERDICTS, Verdict
from cockpit.state import audit, connections, meta
from cockpit.state.database import transaction


@click.command("plan", cls=Command)
@click.option("--choose", type=click.Choice(STRATEGIES), help="Decide, where the two counts disagree.")
@click.option("--reason", "why", metavar="WHY", help="Why; kept in the audit trail.")
@json_option
@pass_cli
def plan(cli: Cli, choose: Strategy | None, why: str | None, as_json: bool) -> None:
    """Admin Portal per customer, or a transparent proxy: both counts, what they say, what either costs."""
    if choose is not None:
        cli.refuse_if_read_only()
        _choose(cli, choose, why)
    with cli.reading() as connection:
        made, unchecked = _plan(cli, connection), connections.unchecked(connection)
    if as_json:
        facts = asdict(made) | {"agree": made.agree, "strategy": made.strategy, "unchecked": unchecked}
        output.document(facts)
        return
    output.say(f"all: {made.total:,} connections, which says {made.by_count}")
    output.say(f"transparent-capable: {made.capable:,}, which says {made.decided} (from {made.proxy_from})")
    output.table(
        ("strategy", "customers to ask", "move by themselves", "to decide", "blocked"),
        [(c.strategy, c.customers, c.moved, c.decisions, c.blocked) for c in made.costs],
        right="blocked",
    )
    for cost in made.costs:
        for task in cost.tasks:
            output.say(f"{cost.strategy}: {task}")
    if made.strategy is None:
        output.say("the counts disagree; decide: cockpit connections plan --choose portal|transparent")
    else:
        output.say(f"in force: {made.strategy}{' (chosen)' if made.chosen else ''}")
    if unchecked:
        output.say(f"{unchecked:,} are not checked yet: cockpit connections check")


def _plan(cli: Cli, connection: sqlite3.Connection) -> Plan:
    from cockpit.jobs.connections.create import chosen

    verdicts = connections.verdicts(connection)
    return make_plan(verdicts, cli.settings().connections.proxy_from, chosen(connection))


def _choose(cli: Cli, strategy: Strategy, why: str | None) -> None:
    from cockpit.jobs.connections.create import STRATEGY

    if not why:
        raise click.UsageError("--choose needs a --reason")
    with cli.writing() as connection, transaction(connection):
        made = _plan(cli, connection)
        meta.put(connection, STRATEGY, strategy)
        audit.record(
            connection,
            cli.operator,
            "connections.plan",
            f"{made.capable} of {made.total} capable",
            millis(CLOCK.now()),
            before=made.strategy,
            after=strategy,
            why=why,
        )


@click.command("override", cls=Command, writes=True)
@click.argument("key", metavar="ID")
@click.option("--verdict", type=click.Choice(VERDICTS), help="What becomes of it, against the check.")
@click.option("--organization", metavar="ID", help="Which of several organizations it goes to.")
@click.option("--withdraw", is_flag=True, help="Go by the check again.")
@click.option("--reason", "why", metavar="WHY", required=True, help="Why; kept in the audit trail.")
@pass_cli
def override(
    cli: Cli, key: str, verdict: Verdict | None, organization: str | None, withdraw: bool, why: str
) -> None:
    """Decide about a connection yourself; audited."""
    if withdraw == (verdict is not None or organization is not None):
        raise click.UsageError("name a --verdict or an --organization, or --withdraw")
    with cli.writing() as connection, transaction(connection):
        number, now = number_of(connection, key), millis(CLOCK.now())
        if withdraw:
            connections.withdraw(connection, number, why, cli.operator, now)
        else:
            connections.override(connection, number, verdict, organization, why, cli.operator, now)
        row = connections.rows(connection, [number])[0]
    output.say(
        f"{row.name or row.source_id}: {row.verdict or 'unchecked'}, for {row.organization or 'its own'}"
    )
