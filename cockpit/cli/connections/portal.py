"""Customers who set their connection up anew in the Admin Portal."""

import asyncio
import csv
from dataclasses import asdict
from pathlib import Path

import click

from cockpit.cli import output
from cockpit.cli.connections.facts import FILE, number_of
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Command, json_option
from cockpit.cli.work import need_key, start
from cockpit.clock import millis


@click.command("invite", cls=Command, writes=True)
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
        invitations = [(number_of(connection, str(ident)), address) for ident, address in pairs]
    args = {"invitations": invitations, "again": again}
    return start(cli, "invite", args, detach=detach, as_json=as_json)


def _contacts(file: Path) -> list[tuple[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = [(row.get("id") or "", row.get("email") or "") for row in csv.DictReader(opened)]
    if not rows or any(not ident or "@" not in email for ident, email in rows):
        raise Failed(f"{file}: every row needs an id and an email, under these columns", ExitCode.USAGE)
    return rows


@click.command("links", cls=Command, writes=True)
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
