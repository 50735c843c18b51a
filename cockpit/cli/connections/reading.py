"""Connections read, checked and looked at."""

import sqlite3
from dataclasses import asdict
from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.connections.facts import FILE, days_left, finding_facts, number_of, row_facts
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Command, json_option
from cockpit.cli.work import start
from cockpit.connections.rules import VERDICTS, Verdict
from cockpit.state import connections
from cockpit.state.connections import HANDOFFS, Handoff


@click.command("export", cls=Command, writes=True)
@click.option("--source", metavar="NAME", help="The provider to read (default: cockpit.toml's).")
@click.option("--csv", "file", type=FILE, metavar="FILE", help="Those of a self-built system instead.")
@long_options
@pass_cli
def export(cli: Cli, source: str | None, file: Path | None, detach: bool, as_json: bool) -> int:
    """Read every connection into the state; from the provider, or from FILE by its column names."""
    if file is None:
        args = {"source": source, "kinds": ["connection"]}
        return start(cli, "export", args, detach=detach, as_json=as_json)
    if source is not None:
        raise click.UsageError("--source and --csv exclude each other")
    from cockpit.jobs.connections import from_csv

    report = from_csv.load(cli.state, file, operator=cli.operator, clock=CLOCK)
    if as_json:
        output.document({**asdict(report), "refused": [each._asdict() for each in report.refused]})
    else:
        output.say(f"{report.read:,} connections read, {report.new:,} of them new")
        for each in report.refused:
            output.say(f"line {each.line} left out: {each.why}")
        output.say("next: cockpit connections check")
    return ExitCode.FINDINGS if report.refused else ExitCode.DONE


@click.command("check", cls=Command, writes=True)
@click.option("--offline", is_flag=True, help="Don't fetch metadata and discovery documents.")
@long_options
@pass_cli
def check(cli: Cli, offline: bool, detach: bool, as_json: bool) -> int:
    """Hold every connection against the rules, and sort them: transparent, review, portal, stop."""
    return start(cli, "check", {"offline": offline}, detach=detach, as_json=as_json, details=_findings)


def _findings(connection: sqlite3.Connection, as_json: bool) -> None:
    for row in connections.rows(connection, connections.ids(connection)):
        for found in connections.findings(connection, row.id):
            told = {"connection": row.source_id, "title": row.name, **finding_facts(found)}
            if as_json:
                output.event("finding", CLOCK.now(), **told)
            elif found.severity == "error":
                output.say(f"{row.name or row.source_id}: {told['what']} ({found.field}: {found.detail})")
                output.say(f"    {told['todo']}")


@click.command("list", cls=Command)
@click.option("--verdict", type=click.Choice(VERDICTS), help="Only those of this verdict.")
@click.option("--handoff", type=click.Choice(HANDOFFS), help="Only those so far handed over.")
@json_option
@pass_cli
def list_(cli: Cli, verdict: Verdict | None, handoff: Handoff | None, as_json: bool) -> None:
    """The connections, in the order they were read."""
    with cli.reading() as connection:
        found = connections.ids(connection, verdict=verdict, handoff=handoff)
        rows = connections.rows(connection, found)
    if as_json:
        output.document([row_facts(row) for row in rows])
        return
    output.table(
        ("id", "name", "protocol", "organization", "days left", "verdict", "hand-over", "why"),
        [
            (
                *(row.source_id, row.name, row.protocol, row.organization, days_left(row.certificate_until)),
                f"{row.verdict or 'unchecked'}{' (override)' if row.overridden else ''}",
                row.target_state or row.handoff,
                row.handoff_why or row.reasons,
            )
            for row in rows
        ],
        right="days",
    )


@click.command("show", cls=Command)
@click.argument("key", metavar="ID")
@json_option
@pass_cli
def show(cli: Cli, key: str, as_json: bool) -> None:
    """One connection: every field, what the check found, the source's record. Secrets are masked."""
    with cli.reading() as connection:
        record = connections.show(connection, number_of(connection, key))
    assert record is not None, "it was just found"
    facts = row_facts(record.row) | {
        "override_why": record.override_why,
        "override_organization": record.override_organization,
        "invited_to": record.invited_to,
    }
    if as_json:
        payload = {"record": output.masked(record.record), "source": output.masked(record.source)}
        output.document(facts | {"findings": [finding_facts(found) for found in record.findings]} | payload)
        return
    output.fields({name.replace("_", " "): value for name, value in facts.items() if name != "id"})
    for found in record.findings:
        told = finding_facts(found)
        output.say(f"{found.severity}: {told['what']} ({found.field}: {found.detail})")
        output.say(f"    {told['todo']}")
    output.block("record", output.pretty(record.record))
    output.block("source record", output.pretty(record.source))
