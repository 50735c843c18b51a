"""cockpit rollout deliver, serve and export: how browsers go on, and the routes for other hosts and edges."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import Command

if TYPE_CHECKING:
    from cockpit.proxy.listeners import Listener
    from cockpit.rollout.export import Format
    from cockpit.rollout.route import Delivery

FORMATS = ("haproxy-map", "nginx-map", "flagd", "json")


@click.command("serve", cls=Command)
@click.option("--listen", required=True, metavar="HOST:PORT", help="Where proxies ask; port 0: a free one.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written when the port is open.")
@pass_cli
def serve_command(cli: Cli, listen: str, ready_file: Path | None) -> int:
    """Publish signed routes for `cockpit proxy serve --routes URL` on other hosts, until Ctrl-C."""
    import uvloop

    from cockpit.cli.listening import bound
    from cockpit.cli.proxy import tls_files
    from cockpit.clock import SystemClock
    from cockpit.proxy import listeners
    from cockpit.proxy.publisher import PATH, Publisher
    from cockpit.proxy.store import Store
    from cockpit.rollout import snapshot
    from cockpit.state import rollout

    said = cli.settings().proxy
    if said.snapshot_key is None:
        raise Failed("COCKPIT_SNAPSHOT_KEY is not set: what should routes be signed with?", ExitCode.USAGE)
    token = said.snapshot_token.get_secret_value() if said.snapshot_token else None
    store = Store(rollout.beside(cli.state), SystemClock())
    store.look()
    if store.fault:
        raise Failed(store.fault)
    try:
        key = snapshot.key(said.snapshot_key.get_secret_value())
        publisher = Publisher(store, key, token, SystemClock())
    except snapshot.SnapshotRefused as error:
        raise Failed(f"COCKPIT_SNAPSHOT_KEY: {error}", ExitCode.USAGE) from error
    port = bound(listen)
    host, number = port.getsockname()[:2]
    tls = tls_files(said)
    output.say(f"publishing at {'https' if tls else 'http'}://{host}:{number}{PATH}")
    listener = listeners.internal(publisher, tls)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _end, listener)
        following = asyncio.create_task(publisher.follow())
        if ready_file is not None:
            ready_file.write_text(f"{port.getsockname()[1]}\n")
        await listener.serve(sockets=[port])
        following.cancel()

    uvloop.run(main())
    return ExitCode.DONE


def _end(listener: "Listener") -> None:
    listener.should_exit = True


@click.command("export", cls=Command)
@click.option("--format", "form", type=click.Choice(FORMATS), required=True, help="For which edge.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), required=False)
@pass_cli
def export_command(cli: Cli, form: "Format", file: Path | None) -> None:
    """Write the routes for an edge that decides itself, to FILE or to standard output.

    Such an edge knows no logins under way: see cockpit help proxy.
    """
    from cockpit.rollout import export
    from cockpit.state import rollout
    from cockpit.state.database import open_readonly
    from cockpit.state.rollout import ROLLOUT, routes

    connection = open_readonly(rollout.beside(cli.state), kind=ROLLOUT)
    try:
        table = routes.table(connection)
    finally:
        connection.close()
    text = export.write(form, table, cli.settings().proxy.workos_hosts)
    if file is None:
        click.echo(text, nl=False)
        return
    try:
        new = file.with_name(f"{file.name}.new")
        new.write_text(text, encoding="utf-8")
        new.replace(file)
    except OSError as error:
        raise Failed(f"{file}: {error.strerror}") from error
    output.say(f"{file} written, routes {table.version}")


@click.command("deliver", cls=Command, writes=True)
@click.argument("key", metavar="ID")
@click.argument("how", type=click.Choice(("redirect", "form")))
@pass_cli
def deliver_command(cli: Cli, key: str, how: "Delivery") -> None:
    """How a connection's browsers go on to WorkOS: by a 307, or by a form that posts itself.

    `form` is for an IdP whose page forbids redirects of its form.
    """
    from contextlib import closing

    from cockpit.clock import SystemClock, millis
    from cockpit.state.database import open_state, transaction
    from cockpit.state.rollout import ROLLOUT, beside, routes
    from cockpit.state.rollout.audit import Actor

    with closing(open_state(beside(cli.state), kind=ROLLOUT)) as rollout, transaction(rollout):
        ident = routes.named(rollout, key)
        routes.deliver_by(rollout, ident, how, Actor(cli.operator), millis(SystemClock().now()))
    output.say(f"{ident}: {how}")
