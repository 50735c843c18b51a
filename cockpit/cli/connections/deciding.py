"""What people decide: the strategy, and verdicts against the check."""

from dataclasses import asdict

import click

from cockpit.cli import output
from cockpit.cli.connections.facts import number_of
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.follow import CLOCK
from cockpit.cli.group import Command, json_option
from cockpit.clock import millis
from cockpit.connections.plan import STRATEGIES, Strategy
from cockpit.connections.rules import VERDICTS, Verdict
from cockpit.state import connection_decisions, connections
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
        if not why:
            raise click.UsageError("--choose needs a --reason")
        with cli.writing() as connection, transaction(connection):
            proxy_from, now = cli.settings().connections.proxy_from, millis(CLOCK.now())
            connection_decisions.choose(connection, choose, proxy_from, why, cli.operator, now)
    with cli.reading() as connection:
        made = connection_decisions.planned(connection, cli.settings().connections.proxy_from)
        unchecked = connections.unchecked(connection)
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
            connection_decisions.withdraw(connection, number, why, cli.operator, now)
        else:
            connection_decisions.override(connection, number, verdict, organization, why, cli.operator, now)
        row = connections.rows(connection, [number])[0]
    output.say(
        f"{row.name or row.source_id}: {row.verdict or 'unchecked'}, for {row.organization or 'its own'}"
    )
