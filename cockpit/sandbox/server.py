"""One process, one port, 127.0.0.1 only."""

import asyncio
import json
import os
import signal
from collections.abc import Callable

from aiohttp import web

from cockpit.sandbox import standins
from cockpit.sandbox.clock import Clock
from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.control import Control
from cockpit.sandbox.gate import gate
from cockpit.sandbox.idps import Idps
from cockpit.sandbox.tenancy import Tenancy
from cockpit.sandbox.workos.connections import Connections
from cockpit.sandbox.workos.events import Events
from cockpit.sandbox.workos.factors import Factors
from cockpit.sandbox.workos.inspection import Inspection
from cockpit.sandbox.workos.memberships import Memberships
from cockpit.sandbox.workos.organization_domains import OrganizationDomains
from cockpit.sandbox.workos.organizations import Organizations
from cockpit.sandbox.workos.permissions import Permissions
from cockpit.sandbox.workos.portal import Portal
from cockpit.sandbox.workos.resets import Resets
from cockpit.sandbox.workos.roles import Roles
from cockpit.sandbox.workos.sessions import Sessions
from cockpit.sandbox.workos.sign_in import SignIn
from cockpit.sandbox.workos.sso.authorize import Authorize
from cockpit.sandbox.workos.sso.callbacks import Callbacks
from cockpit.sandbox.workos.sso.token import Token
from cockpit.sandbox.workos.sso_control import SsoControl
from cockpit.sandbox.workos.users import Users
from cockpit.sandbox.workos.webhook_endpoints import WebhookEndpoints
from cockpit.sandbox.world import World

HOST = "127.0.0.1"
WORLD = web.AppKey("world", World)

_WORKOS = (
    Users, SignIn, Resets, Events, Organizations, OrganizationDomains, Permissions, Roles, Memberships,
    Factors, Connections, Authorize, Callbacks, Token, Sessions, Portal, WebhookEndpoints, SsoControl, Idps,
    Inspection,
)  # fmt: skip


def build_app(config: SandboxConfig, clock: Clock | None = None) -> web.Application:
    """The application: WorkOS at the root, the source under its prefix, the control API under /_sandbox."""
    world = World(config, clock or Clock())
    source = None if config.source == standins.NONE else standins.find(config.source)
    service = standins.Service([]) if source is None else source.service(world)
    app = web.Application(middlewares=[gate(world, source)])
    app[WORLD] = world
    for part in _WORKOS:
        app.add_routes(part(world).routes())
    app.add_routes([*Control(world, service).routes(), *service.routes])
    if source is not None:
        app.add_routes(Tenancy(world, source).routes())
    return app


async def serve(config: SandboxConfig, announce: Callable[[str], None] = print) -> None:
    """Serve until SIGTERM, SIGINT or `exit_when_idle`; `announce` is given one line when it listens."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Before the announcement: whoever reads it may stop us at once.
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    app = build_app(config)
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, config.port, backlog=512).start()
        port = runner.addresses[0][1]
        line = json.dumps({"event": "listening", "base_url": f"http://{HOST}:{port}", "pid": os.getpid()})
        announce(line)
        if config.ready_file is not None:
            partial = config.ready_file.with_name(f"{config.ready_file.name}.{os.getpid()}")
            partial.write_text(line + "\n")
            partial.replace(config.ready_file)
        await _until(stopped, app[WORLD], config.exit_when_idle)
    finally:
        await runner.cleanup()


async def _until(stopped: asyncio.Event, world: World, exit_when_idle: float | None) -> None:
    while not stopped.is_set():
        wait = None
        if exit_when_idle is not None:
            wait = world.last_request + exit_when_idle - world.clock.monotonic()
            if wait <= 0:
                return
        try:
            await asyncio.wait_for(stopped.wait(), wait)
        except TimeoutError:
            continue


def run(config: SandboxConfig) -> int:
    """Serve in this process; the exit code."""

    def announce(line: str) -> None:
        print(line, flush=True)

    asyncio.run(serve(config, announce))
    return 0
