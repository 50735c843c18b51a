"""cockpit sandbox: the loopback stand-ins, in the foreground."""

from pathlib import Path

import click

from cockpit.cli.group import Group
from cockpit.sandbox import standins
from cockpit.sandbox.config import FaultLevel, Limits, RateWindow, SandboxConfig, address

DEFAULT = SandboxConfig()


@click.group("sandbox", cls=Group)
def sandbox_command() -> None:
    """A loopback WorkOS and one source to rehearse with."""


@sandbox_command.command("serve")
@click.option("--port", type=click.IntRange(0, 65535), default=DEFAULT.port, help="0 (default): a free one.")
@click.option("--source", type=click.Choice((*standins.names(), standins.NONE)), default=DEFAULT.source)
@click.option("--users", type=click.IntRange(min=0), default=DEFAULT.users, show_default=True)
@click.option("--organizations", type=click.IntRange(min=0), help="Default: one for each 100 users.")
@click.option("--connections", type=click.IntRange(min=0), default=DEFAULT.connections, show_default=True)
@click.option("--seed", type=int, default=DEFAULT.seed, show_default=True)
@click.option("--faults", type=click.Choice(("none", "some", "many")), default=DEFAULT.faults)
@click.option("--limits", type=click.Choice(("published", "off")), default=DEFAULT.limits)
@click.option("--rate-window", type=click.Choice(("fixed", "sliding")), default=DEFAULT.rate_window)
@click.option("--public-url", metavar="URL", help="Where browsers reach WorkOS, behind a TLS terminator.")
@click.option("--idp-address", type=address, metavar="IP:PORT", help="Where all customers' IdPs are reached.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written when the port is open.")
@click.option("--exit-when-idle", type=float, metavar="SECONDS", help="End after that long unused.")
def serve(
    port: int,
    source: str,
    users: int,
    organizations: int | None,
    connections: int,
    seed: int,
    faults: FaultLevel,
    limits: Limits,
    rate_window: RateWindow,
    public_url: str | None,
    idp_address: tuple[str, int] | None,
    ready_file: Path | None,
    exit_when_idle: float | None,
) -> int:
    """Serve a strict WorkOS and one source on 127.0.0.1 until Ctrl-C; nothing is kept."""
    from cockpit.sandbox.server import run

    return run(
        SandboxConfig(
            port=port,
            source=source,
            users=users,
            organizations=organizations,
            connections=connections,
            seed=seed,
            faults=faults,
            limits=limits,
            rate_window=rate_window,
            public_url=public_url,
            idp_address=idp_address,
            ready_file=ready_file,
            exit_when_idle=exit_when_idle,
        )
    )


@sandbox_command.command("webhooks")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 (default): a free one.")
def webhooks(port: int) -> None:
    """Serve a sender and a consumer of webhooks on 127.0.0.1 until Ctrl-C.

    POST /hook is the consumer; /_sandbox/consumer and /_sandbox/sender steer both and tell what they saw.
    """
    import asyncio

    from cockpit.sandbox.webhooks.server import serve

    asyncio.run(serve(port, click.echo))
