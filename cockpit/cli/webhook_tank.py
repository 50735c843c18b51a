"""cockpit webhooks hold: the tank in the foreground, for a service manager to keep up."""

import os

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import Command
from cockpit.cli.listening import bound
from cockpit.clock import SystemClock

CLOCK = SystemClock()


@click.command("hold", cls=Command, writes=True)
@click.option(
    "--listen", default="127.0.0.1:8788", show_default=True, metavar="HOST:PORT", help="Port 0: a free one."
)
@click.option(
    "--source",
    "texts",
    multiple=True,
    required=True,
    metavar="NAME[=SCHEME]",
    help="Who sends, and how it signs: standard (Svix), workos, token or none. May be given again.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines.")
@pass_cli
def hold(cli: Cli, listen: str, texts: tuple[str, ...], as_json: bool) -> int:
    """Take webhooks, check their signatures, keep them, and say 200 once they are safe on the disk.

    The secret of source NAME is in NAME_WEBHOOK_SECRET (several, divided by commas). Each source has the path
    /NAME; a single one has every path. Serve it to the internet behind something that ends TLS.
    """
    from cockpit import settings
    from cockpit.jobs import lock
    from cockpit.state.tank import beside
    from cockpit.webhooks import serve, sources

    try:
        verifiers = {source.name: source.verifier(settings.variable) for source in sources.parse(texts)}
    except sources.BadSource as error:
        raise Failed(str(error), ExitCode.USAGE) from None
    file = beside(cli.state)

    def announce(where: str) -> None:
        paths = {name: f"http://{where}/{name}" for name in verifiers}
        if as_json:
            output.event("listening", CLOCK.now(), listen=where, pid=os.getpid(), urls=paths)
        for name, verifier in verifiers.items():
            if not as_json:
                output.say(f"{name} ({verifier.scheme}): {paths[name]}")
            if verifier.scheme == "none":
                output.warn(f"cockpit: nobody checks who sends as {name}")

    listener = bound(listen)
    try:
        with lock.held(file, "tank"):
            serve.run(file, listener, verifiers, CLOCK, announce)
    except lock.LockHeld:
        raise Failed(f"another tank fills {file} already") from None
    finally:
        listener.close()
    return ExitCode.DONE
