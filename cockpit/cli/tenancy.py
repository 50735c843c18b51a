"""cockpit orgs, roles, memberships, factors: what moves beside users, each by the same verbs."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.gates import gate_options
from cockpit.cli.group import Group, json_option
from cockpit.cli.where import source_options
from cockpit.cli.work import start
from cockpit.state import resources
from cockpit.state.resources import ResourceRow
from cockpit.terms import OP_STATES, Kind, OpState

CHUNK = 500


def _noun(name: str, kinds: Sequence[Kind], what: str) -> click.Group:
    """The group of one noun: export, import, list, show."""

    @click.group(name, cls=Group, help=f"Export, import and look at {what}.")
    def group() -> None: ...

    @group.command("export", writes=True, help=f"Read every one of the source's {what} into the state file.")
    @source_options
    @long_options
    @pass_cli
    def export(cli: Cli, named: Mapping[str, Any], detach: bool, as_json: bool) -> int:
        args = {**named, "kinds": list(kinds)}
        return start(cli, "export", args, detach=detach, as_json=as_json)

    @group.command(
        "import", writes=True, help=f"Create in WorkOS all {what} that are ready. The same command resumes."
    )
    @click.option("--source", metavar="NAME", help="Must be the state's source.")
    @click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Send at most N.")
    @gate_options
    @long_options
    @pass_cli
    def import_(
        cli: Cli,
        source: str | None,
        limit: int | None,
        live_source: bool,
        override: str | None,
        detach: bool,
        as_json: bool,
    ) -> int:
        args = {"source": source, "limit": limit, "kinds": list(kinds)}
        args |= {"live_source": live_source, "override": override}
        return start(cli, "import", args, detach=detach, as_json=as_json)

    @group.command("list", help=f"The {what}, in the order they were read.")
    @click.option("--state", "in_state", type=click.Choice(OP_STATES), help="Only those in this state.")
    @click.option("--search", default="", metavar="TEXT", help="Text in name, id or the user's e-mail.")
    @json_option
    @pass_cli
    def list_(cli: Cli, in_state: OpState | None, search: str, as_json: bool) -> None:
        with cli.reading() as connection:
            rows = [row for kind in kinds for row in _rows(connection, kind, in_state, search)]
        if as_json:
            output.document([asdict(row) for row in rows])
            return
        output.table(
            ("kind", "id", "name", "user", "organization", "state", "target id"),
            [
                (row.kind, row.source_id, row.name, row.user, row.organization, row.state, row.target_id)
                for row in rows
            ],
        )

    @group.command("show", help="One of them: the source's record, the request made of it, where it stands.")
    @click.argument("ident", metavar="ID")
    @json_option
    @pass_cli
    def show(cli: Cli, ident: str, as_json: bool) -> None:
        with cli.reading() as connection:
            number = resources.find(connection, kinds, ident)
            record = resources.show(connection, number) if number is not None else None
        if record is None:
            raise Failed(f"no {name} {ident!r} in this state; search with: cockpit {name} list --search TEXT")
        facts = asdict(record.row) | {"attempts": record.attempts}
        findings = [
            {"rule": told.rule, "severity": told.severity, "detail": told.detail} for told in record.findings
        ]
        if as_json:
            payload = {"source": output.masked(record.source), "request": output.masked(record.request)}
            output.document(facts | {"findings": findings} | payload)
            return
        output.fields({key.replace("_", " "): value for key, value in facts.items() if key != "id"})
        for finding in findings:
            output.say(f"{finding['severity']}: {finding['rule']}: {finding['detail']}")
        output.block("source record", output.pretty(record.source))
        output.block("request", output.pretty(record.request))

    return group


def _rows(
    connection: sqlite3.Connection, kind: Kind, state: OpState | None, search: str
) -> Iterator[ResourceRow]:
    found = resources.ids(connection, kind, state=state, search=search)
    for first in range(0, len(found), CHUNK):
        yield from resources.rows(connection, found[first : first + CHUNK])


orgs_command = _noun("orgs", ("organization",), "organizations")
roles_command = _noun("roles", ("permission", "role"), "roles and permissions")
memberships_command = _noun("memberships", ("membership",), "memberships")
factors_command = _noun("factors", ("factor",), "authenticator apps (TOTP)")


@factors_command.command("load", writes=True)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@pass_cli
def load(cli: Cli, file: Path, as_json: bool) -> None:
    """Join FILE of secrets, as the vendor sends it, to the exported users: by id, then by e-mail."""
    from cockpit.jobs import factors

    with cli.reading():
        pass
    report = factors.load(cli.state, cli.settings(), file, operator=cli.operator, clock=CLOCK)
    if as_json:
        output.document(asdict(report))
        return
    output.say(
        f"{report.matched:,} apps joined, {report.replaced:,} of them in place of another; "
        f"{report.unmatched_file:,} lines have no user here, {report.unmatched_users:,} users have no line"
    )
    for reason, count in report.refused.items():
        output.say(f"{count:,} refused: {reason}")
