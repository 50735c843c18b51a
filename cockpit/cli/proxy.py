"""cockpit proxy: the transparent proxy in front of customers' callbacks."""

import socket
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cockpit.cli import output
from cockpit.cli.context import Cli, pass_cli
from cockpit.cli.exits import ExitCode, Failed
from cockpit.cli.group import Group
from cockpit.cli.listening import bound

if TYPE_CHECKING:
    from pydantic import SecretStr

    from cockpit.proxy.config import Config, Starts
    from cockpit.proxy.server import Ports, Published
    from cockpit.rollout.snapshot import Key
    from cockpit.settings import ProxySettings, Settings

COPY = "rollout.last.json"
"""The last good routes, beside rollout.db."""


@click.group("proxy", cls=Group)
def proxy_command() -> None:
    """The callback of customers' IdPs, sent on to WorkOS or to the legacy handler."""


@proxy_command.command("serve")
@click.option("--listen", required=True, metavar="HOST:PORT", help="Where logins arrive; port 0: a free one.")
@click.option("--routes", "routes_from", metavar="FILE|URL", help="Published routes instead of rollout.db.")
@click.option("--accept-older", is_flag=True, help="Take published routes older than the last ones, once.")
@click.option("--name", help="This proxy's name in reports. Default: host name and port.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Written when the ports are open.")
@pass_cli
def serve(
    cli: Cli,
    listen: str,
    routes_from: str | None,
    accept_older: bool,
    name: str | None,
    ready_file: Path | None,
) -> int:
    """Serve until SIGTERM or Ctrl-C, which finish what is under way. See: cockpit help proxy."""
    from cockpit.clock import SystemClock
    from cockpit.proxy.flags import FlagsError
    from cockpit.proxy.server import Server
    from cockpit.rollout.snapshot import SnapshotRefused
    from cockpit.state import rollout

    settings = cli.settings()
    try:
        config = _config(settings, cli.state)
        ports = _ports(listen, settings.proxy)
        host, port = ports.public.getsockname()[:2]
        config = replace(config, name=name or f"{socket.gethostname()}:{port}")
        server = Server(
            config,
            rollout.beside(cli.state),
            ports,
            SystemClock(),
            published=_published(settings.proxy, routes_from, accept_older) if routes_from else None,
            flag_provider=None if settings.proxy.flags == "built-in" else settings.proxy.flags,
        )
    except (FlagsError, SnapshotRefused, ValueError) as error:
        raise Failed(f"[proxy] {error}", ExitCode.USAGE) from error
    output.say(
        f"serving {', '.join(sorted(config.hosts))} on {host}:{port}; legacy is {config.legacy.origin}"
    )
    return server.run(ready_file)


def _config(settings: "Settings", state: Path) -> "Config":
    from cockpit.proxy.config import Config, Legacy
    from cockpit.rollout.paths import Patterns

    said = settings.proxy
    hosts = said.hosts or settings.connections.hosts
    if not said.legacy_origin:
        raise Failed(
            "[proxy] legacy_origin: where is the legacy handler? Without one no login is safe", ExitCode.USAGE
        )
    if not hosts:
        raise Failed("[proxy] hosts: name the hosts that your customers' IdPs send to", ExitCode.USAGE)
    keys = [key.get_secret_value() for key in (said.cookie_key, said.cookie_key_previous) if key]
    if not said.cookie_key:
        raise Failed(
            "COCKPIT_COOKIE_KEY is not set; the same on all proxies, made by: openssl rand -hex 32",
            ExitCode.USAGE,
        )
    if min(map(len, keys)) < 32:
        raise Failed(
            "COCKPIT_COOKIE_KEY: fewer than 32 characters; make one: openssl rand -hex 32", ExitCode.USAGE
        )
    return Config(
        name="",
        hosts=frozenset(host.lower() for host in hosts),
        legacy=Legacy(
            said.legacy_origin,
            said.legacy_host,
            Path(said.legacy_ca) if said.legacy_ca else None,
            said.legacy_connect_s,
            said.legacy_answer_s,
        ),
        callbacks=Patterns(said.callbacks),
        cookie_keys=[key.encode() for key in keys],
        starts=_starts(settings),
        query_names=said.query,
        workos_hosts=frozenset(host.lower() for host in said.workos_hosts),
        replay_guard=said.replay_guard,
        observe=said.observe,
        scheme=said.public_scheme,
        trusted=frozenset(said.trusted),
        help_url=said.help_url,
        reading_s=said.reading_s,
        max_connections=said.max_connections,
        copy=state.with_name(COPY),
        copy_keys=_keys(said.cookie_key, said.cookie_key_previous),
    )


def _starts(settings: "Settings") -> "Starts | None":
    from cockpit.proxy.config import Starts
    from cockpit.rollout.paths import Patterns

    said = settings.proxy
    if not said.starts:
        return None
    client_id = settings.target.client_id
    if not client_id or not said.redirect_uri:
        raise Failed(
            "[proxy] starts needs redirect_uri, and the client id in WORKOS_CLIENT_ID", ExitCode.USAGE
        )
    authorize = said.authorize_url or f"{settings.target.base_url.rstrip('/')}/sso/authorize"
    return Starts(Patterns(said.starts), client_id, said.redirect_uri, authorize)


def _published(said: "ProxySettings", where: str, accept_older: bool) -> "Published":
    from cockpit.proxy.server import Published

    keys = _keys(said.snapshot_key, said.snapshot_key_previous)
    if not keys:
        raise Failed("--routes needs COCKPIT_SNAPSHOT_KEY: who may publish routes?", ExitCode.USAGE)
    token = said.snapshot_token.get_secret_value() if said.snapshot_token else None
    return Published(where, keys, token, accept_older)


def _keys(*secrets: "SecretStr | None") -> "list[Key]":
    from cockpit.rollout import snapshot

    return [snapshot.key(secret.get_secret_value()) for secret in secrets if secret]


def _ports(listen: str, said: "ProxySettings") -> "Ports":
    from cockpit.proxy import listeners
    from cockpit.proxy.server import Ports

    return Ports(
        listeners.passed() or bound(listen),
        bound(said.admin_listen) if said.admin_listen else None,
        bound(said.decision_listen) if said.decision_listen else None,
        tls_files(said),
    )


def tls_files(said: "ProxySettings") -> tuple[Path, Path] | None:
    """The certificate chain and key to serve with. Raises Failed where one is named without the other."""
    if bool(said.tls_certificate) != bool(said.tls_key):
        raise Failed("[proxy] tls_certificate and tls_key go together", ExitCode.USAGE)
    return (Path(said.tls_certificate), Path(said.tls_key)) if said.tls_certificate and said.tls_key else None
