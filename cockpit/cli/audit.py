"""cockpit audit: who did what, when, on which host, why."""

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.group import Command, json_option


@click.command("audit", cls=Command)
@click.argument("words", metavar="[WORD]...", nargs=-1)
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="Newest actions.")
@json_option
@pass_cli
def audit_command(cli: Cli, words: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Who did what, when, on which host and why, newest first.

    Words narrow it, as in the cockpit: action:import, by:ana, on:job, why:spam, any text; ! before one means
    not. What was done to routes and waves is in: cockpit rollout audit
    """
    from dataclasses import asdict

    from cockpit.state import audit, browse, logs

    with cli.reading() as connection:
        wanted = browse.ids(connection, logs.actions(), " ".join(words))[:limit]
        found = audit.rows(connection, wanted)
    if as_json:
        output.document([asdict(row) | {"at": output.iso(row.at / 1000)} for row in found])
        return
    output.table(
        ("at", "who", "what", "on", "before", "after", "why"),
        [
            (output.local(row.at), row.operator, row.action, row.subject, row.before, row.after, row.why)
            for row in found
        ],
    )
