"""Connections handed over to WorkOS by its API or as CSV, and how far that is."""

from pathlib import Path
from typing import Any

import click

from cockpit.cli import output
from cockpit.cli.connections.facts import FILE, number_of
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import Failed
from cockpit.cli.follow import CLOCK, long_options
from cockpit.cli.group import Command, json_option
from cockpit.cli.work import start
from cockpit.clock import millis
from cockpit.connections.handoff.headers import TEMPLATES, Template
from cockpit.state import audit, connection_decisions, connections
from cockpit.state.connections import HANDOFFS, Handoff
from cockpit.state.database import transaction

OUT = click.Path(dir_okay=False, path_type=Path)
template_option = click.option(
    "--template", type=click.Choice(TEMPLATES), default="R3", show_default=True, help="Headers of the CSV."
)


@click.command("create", cls=Command, writes=True)
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
            args["connections"] = [number_of(connection, key) for key in keys]
    return start(cli, "create", args, detach=detach, as_json=as_json)


@click.command("csv", cls=Command)
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
    from cockpit.state.rollout import moved

    with cli.writing() as connection, transaction(connection):
        now = millis(CLOCK.now())
        try:
            written = outgoing.write(connection, saml, oidc, template, now, moved.read(cli.state), secrets)
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


@click.command("match", cls=Command, writes=True)
@click.option("--results", type=FILE, metavar="FILE", help="WorkOS's results file instead of its list.")
@long_options
@pass_cli
def match(cli: Cli, results: Path | None, detach: bool, as_json: bool) -> int:
    """Pair connections with what exists at WorkOS: by external id, else the only one of the organization."""
    args = {"results": str(results) if results else None}
    return start(cli, "match", args, detach=detach, as_json=as_json)


@click.command("mark", cls=Command, writes=True)
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
    target = (workos_id, callback) if workos_id is not None else None
    with cli.writing() as connection, transaction(connection):
        number, now = number_of(connection, key), millis(CLOCK.now())
        connection_decisions.mark(connection, number, reached, why, cli.operator, now, target=target)
        row = connections.rows(connection, [number])[0]
    output.say(f"{row.name or row.source_id}: {reached}")
