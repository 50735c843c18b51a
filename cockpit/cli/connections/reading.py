"""cockpit connections: SSO connections read, checked, planned for, and handed over to WorkOS."""

import asyncio
import csv
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Group, json_option
from cockpit.cli.work import need_key, start
from cockpit.clock import millis
from cockpit.connections.handoff.headers import TEMPLATES, Template
from cockpit.connections.plan import STRATEGIES, Plan, Strategy
from cockpit.connections.plan import plan as make_plan
from cockpit.connections.rules import RULES, VERDICTS, Verdict
from cockpit.state import audit, connections, meta
from cockpit.state.connections import HANDOFFS, ConnectionRow, Handoff
from cockpit.state.database import transaction

DAY_MS = 86_400_000
FILE = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)
OUT = click.Path(dir_okay=False, path_type=Path)
template_option = click.option(
    "--template", type=click.Choice(TEMPLATES), default="R3", show_default=True, help="Headers of the CSV."
)


@click.group("connections", cls=Group)
def connections_command() -> None:
    """Read the SSO connections, check them, plan their move, hand them over to WorkOS."""


@connections_command.command("export", writes=True)
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


@connections_command.command("check", writes=True)
@click.option("--offline", is_flag=True, help="Don't fetch metadata and discovery documents.")
@long_options
@pass_cli
def check(cli: Cli, offline: bool, detach: bool, as_json: bool) -> int:
    """Hold every connection against the rules, and sort them: transparent, review, portal, stop."""
    return start(cli, "check", {"offline": offline}, detach=detach, as_json=as_json, details=_findings)


def _findings(connection: sqlite3.Connection, as_json: bool) -> None:
    for row in connections.rows(connection, connections.ids(connection)):
        for found in connections.findings(connection, row.id):
            told = {"connection": row.source_id, "title": row.name, **_told(found)}
            if as_json:
                output.event("finding", CLOCK.now(), **told)
            elif found.severity == "error":
                output.say(f"{row.name or row.source_id}: {told['what']} ({found.field}: {found.detail})")
                output.say(f"    {told['todo']}")


def _told(found: Any) -> dict[str, str]:
    rule = RULES[found.rule]
    return {**found._asdict(), "what": rule.title, "todo": rule.todo}


@connections_command.command("plan")
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


@connections_command.command("list")
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
        output.document([_facts(row) for row in rows])
        return
    output.table(
        ("id", "name", "protocol", "organization", "days left", "verdict", "hand-over", "why"),
        [
            (
                *(row.source_id, row.name, row.protocol, row.organization, _days(row.certificate_until)),
                f"{row.verdict or 'unchecked'}{' (override)' if row.overridden else ''}",
                row.target_state or row.handoff,
                row.handoff_why or row.reasons,
            )
            for row in rows
        ],
        right="days",
    )


def _facts(row: ConnectionRow) -> dict[str, Any]:
    return asdict(row) | {"certificate_days": _days(row.certificate_until)}


def _days(until: int | None) -> int | None:
    return None if until is None else (until - millis(CLOCK.now())) // DAY_MS


@connections_command.command("show")
@click.argument("key", metavar="ID")
@json_option
@pass_cli
def show(cli: Cli, key: str, as_json: bool) -> None:
    """One connection: every field, what the check found, the source's record. Secrets are masked."""
    with cli.reading() as connection:
        record = connections.show(connection, _number(connection, key))
    assert record is not None, "it was just found"
    facts = _facts(record.row) | {
        "override_why": record.override_why,
        "override_organization": record.override_organization,
        "invited_to": record.invited_to,
    }
    if as_json:
        payload = {"record": output.masked(record.record), "source": output.masked(record.source)}
        output.document(facts | {"findings": [_told(found) for found in record.findings]} | payload)
        return
    output.fields({name.replace("_", " "): value for name, value in facts.items() if name != "id"})
    for found in record.findings:
        told = _told(found)
        output.say(f"{found.severity}: {told['what']} ({found.field}: {found.detail})")
        output.say(f"    {told['todo']}")
    output.block("record", output.pretty(record.record))
    output.block("source record", output.pretty(record.source))


@connections_command.command("override", writes=True)
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
        number, now = _number(connection, key), millis(CLOCK.now())
        if withdraw:
            connections.withdraw(connection, number, why, cli.operator, now)
        else:
            connections.override(connection, number, verdict, organization, why, cli.operator, now)
        row = connections.rows(connection, [number])[0]
    output.say(
        f"{row.name or row.source_id}: {row.verdict or 'unchecked'}, for {row.organization or 'its own'}"
    )


@connections_command.command("create", writes=True)
@click.argument("keys", metavar="[ID]...", nargs=-1)
@click.option("--override", "why", metavar="WHY", help="Go past the plan; audited with WHY.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("handoff"),
    help="Where the CSV goes if WorkOS has no connections API here (./handoff).",
)
@template_option
@long_options
@pass_cli
def create(
    cli: Cli,
    keys: tuple[str, ...],
    why: str | None,
    folder: Path,
    template: Template,
    detach: bool,
    as_json: bool,
) -> int:
    """Create at WorkOS whatever moves transparently, with organization and domains; the same resumes."""
    args: dict[str, Any] = {"override": why, "folder": str(folder.resolve()), "template": template}
    if keys:
        with cli.reading() as connection:
            args["connections"] = [_number(connection, key) for key in keys]
    return start(cli, "create", args, detach=detach, as_json=as_json)


@connections_command.command("csv")
@click.option("--saml", type=OUT, required=True, metavar="FILE", help="Where the SAML connections go.")
@click.option("--oidc", type=OUT, required=True, metavar="FILE", help="Where the OIDC connections go.")
@click.option("--secrets", type=OUT, metavar="FILE", help="Client secrets and keys, for your eyes (0600).")
@template_option
@json_option
@pass_cli
def csv_(cli: Cli, saml: Path, oidc: Path, secrets: Path | None, template: Template, as_json: bool) -> None:
    """Write what moves transparently as WorkOS's CSV; beside it proxy routes, custom attributes and notes.

    No secret is in any of these files but the one of --secrets.
    """
    cli.refuse_if_read_only()
    from cockpit.jobs.connections import outgoing

    with cli.writing() as connection, transaction(connection):
        now = millis(CLOCK.now())
        try:
            written = outgoing.write(connection, saml, oidc, template, now, secrets)
        except OSError as error:
            raise Failed(f"{error.filename}: {error.strerror}") from error
        if secrets is not None:
            audit.record(connection, cli.operator, "connections.secrets", secrets.name, now)
        counted = connections.verdicts(connection)
    if as_json:
        output.document({"files": [str(path) for path in written], "verdicts": dict(counted)})
        return
    for path in written:
        output.say(str(path))
    others = sum(counted.values()) - counted["transparent"]
    output.say(f"{counted['transparent']:,} connections written; {others:,} are in the routes and notes only")


@connections_command.command("invite", writes=True)
@click.argument("key", metavar="[ID]", required=False)
@click.option("--email", metavar="ADDRESS", help="The customer's IT contact.")
@click.option("--contacts", type=FILE, metavar="FILE", help="A CSV with the columns id and email.")
@click.option("--again", is_flag=True, help="Also where an invitation went out before.")
@long_options
@pass_cli
def invite(
    cli: Cli,
    key: str | None,
    email: str | None,
    contacts: Path | None,
    again: bool,
    detach: bool,
    as_json: bool,
) -> int:
    """Have WorkOS invite IT contacts to set their connection up anew in the Admin Portal."""
    if contacts is None and (key is None or email is None):
        raise click.UsageError("name an ID and its --email, or a file of --contacts")
    pairs = [(key, email)] if contacts is None else _contacts(contacts)
    with cli.reading() as connection:
        invitations = [(_number(connection, str(ident)), address) for ident, address in pairs]
    args = {"invitations": invitations, "again": again}
    return start(cli, "invite", args, detach=detach, as_json=as_json)


def _contacts(file: Path) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = [(row.get("id") or "", row.get("email") or "") for row in csv.DictReader(opened)]
    if not rows or any(not ident or "@" not in email for ident, email in rows):
        raise Failed(f"{file}: every row needs an id and an email, under these columns", ExitCode.USAGE)
    return rows


@connections_command.command("links", writes=True)
@click.argument("keys", metavar="ID...", nargs=-1, required=True)
@json_option
@pass_cli
def links(cli: Cli, keys: tuple[str, ...], as_json: bool) -> None:
    """Links to the Admin Portal, made now and good for five minutes; not to be sent by e-mail."""
    from cockpit.jobs.connections import links as making

    settings = cli.settings()
    need_key(settings)
    made = [
        asyncio.run(making.make(cli.state, settings, key, operator=cli.operator, clock=CLOCK)) for key in keys
    ]
    if as_json:
        output.document([asdict(link) | {"expires_at": output.iso(link.expires_at)} for link in made])
        return
    for link in made:
        left = max(0, round(link.expires_at - CLOCK.now()))
        output.say(f"{link.organization}: {link.url}")
        output.say(f"    good for {left} s, until {output.local(millis(link.expires_at))}")


@connections_command.command("match", writes=True)
@click.option("--results", type=FILE, metavar="FILE", help="WorkOS's results file instead of its list.")
@long_options
@pass_cli
def match(cli: Cli, results: Path | None, detach: bool, as_json: bool) -> int:
    """Pair connections with what exists at WorkOS: by external id, else the only one of the organization."""
    args = {"results": str(results) if results else None}
    return start(cli, "match", args, detach=detach, as_json=as_json)


@connections_command.command("mark", writes=True)
@click.argument("key", metavar="ID")
@click.argument("reached", metavar="STATE", type=click.Choice(HANDOFFS))
@click.option("--reason", "why", metavar="WHY", help="Why; needed for flagged.")
@click.option("--workos-id", metavar="CONN", help="Its id at WorkOS.")
@click.option("--callback", metavar="URL", help="Its callback endpoint at WorkOS.")
@pass_cli
def mark(
    cli: Cli, key: str, reached: Handoff, why: str | None, workos_id: str | None, callback: str | None
) -> None:
    """Note by hand how far the hand-over of a connection is; audited."""
    if reached == "flagged" and not why:
        raise click.UsageError("flagged needs a --reason")
    if callback is not None and (workos_id is None or not callback.startswith("https://")):
        raise click.UsageError("--callback is an https address and goes with --workos-id")
    with cli.writing() as connection, transaction(connection):
        number, now = _number(connection, key), millis(CLOCK.now())
        before = connections.rows(connection, [number])[0]
        connections.hand_over(connection, number, reached, now, why)
        if workos_id is not None:
            connections.pair(connection, number, workos_id, None, callback)
        audit.record(
            connection,
            cli.operator,
            "connections.mark",
            before.source_id,
            now,
            before=before.handoff,
            after=reached,
            why=why,
        )
    output.say(f"{before.name or before.source_id}: {reached}")


def _number(connection: sqlite3.Connection, key: str) -> int:
    found = connections.find(connection, key)
    if found is None:
        raise Failed(f"no connection {key!r}, or several of that name; see: cockpit connections list")
    return found
