"""One proxy, from its start to its end."""

import asyncio
import gc
import logging
import signal
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop

from cockpit.clock import Clock
from cockpit.proxy import flags, listeners
from cockpit.proxy.admin import Admin
from cockpit.proxy.app import Proxy
from cockpit.proxy.config import Config
from cockpit.proxy.counts import Counts
from cockpit.proxy.decision import Decisions
from cockpit.proxy.ledger import Ledger
from cockpit.proxy.legacy import LegacyHandler
from cockpit.proxy.observe import Observer
from cockpit.proxy.routes import Routes
from cockpit.proxy.scribe import BUSY_MS, Scribe
from cockpit.proxy.sources import Database, File, Newest, Publisher
from cockpit.proxy.store import Store
from cockpit.rollout.route import RouteTable
from cockpit.rollout.snapshot import Key
from cockpit.serving.protocol import sweep

IDLE_S = 0.05
"""How often routes are looked for while no request comes: a proxy without traffic confirms a kill too."""


@dataclass(frozen=True)
class Published:
    """Routes of another host. `where`: a file's path, or an address."""

    where: str
    keys: Sequence[Key]
    token: str | None = None
    accept_older: bool = False


@dataclass(frozen=True)
class Ports:
    """What is listened on; `tls`: files of a certificate chain and its key."""

    public: socket.socket
    admin: socket.socket | None = None
    decision: socket.socket | None = None
    tls: tuple[Path, Path] | None = None


class Server:
    """Puts the parts together and serves."""

    def __init__(
        self,
        config: Config,
        rollout: Path,
        ports: Ports,
        clock: Clock,
        *,
        published: Published | None = None,
        flag_provider: str | None = None,
    ) -> None:
        """`rollout`: the path of rollout.db. Raises FlagsError, SnapshotRefused."""
        self._config = config
        self._ports = ports
        self._counts = Counts()
        store = Store(rollout, clock)
        self._ledger = Ledger(store)
        self._source = _source(published, store, config.name)
        self._observer = Observer(clock)
        self._routes = Routes(config, self._source, clock, self._applied)
        if flag_provider is not None:
            provider = flags.provider(flag_provider)
            self._routes.flags = flags.OpenFeature(provider, self._flags_changed)
        self._scribe = Scribe(
            config,
            Store(rollout, clock, BUSY_MS),
            "openfeature" if flag_provider else self._source.mode,
            self._counts,
            self._ledger,
            self._observer,
            clock,
        )
        self._legacy = LegacyHandler(config)
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, ready: Path | None = None) -> int:
        """Serve until SIGTERM or SIGINT; `ready` is written when the ports are open."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        return uvloop.run(self._main(ready))

    async def _main(self, ready: Path | None) -> int:
        self._loop = asyncio.get_running_loop()
        version = self._routes.begin()
        if isinstance(self._source, Database):
            self._source.begin()
        else:
            self._source.newest.begin(version)
        self._routes.look()
        if isinstance(self._routes.flags, flags.OpenFeature):
            self._routes.flags.start()
            self._routes.again()
        await self._legacy.open()
        self._scribe.start()
        servers = self._listeners()
        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, _end, servers)
        tasks = [asyncio.create_task(server.serve(sockets=[port])) for server, port in servers]
        aside = [
            asyncio.create_task(sweep(servers[0][0].server_state.connections, self._config.reading_s)),
            asyncio.create_task(self._look()),
        ]
        if isinstance(self._source, Publisher):
            aside.append(asyncio.create_task(self._source.follow(self._routes.look)))
        while not all(
            server.started or task.done() for (server, _), task in zip(servers, tasks, strict=True)
        ):
            await asyncio.sleep(0.01)
        gc.collect()
        gc.freeze()  # what is here now stays: requests need not pay for looking at it again
        if ready is not None:
            ready.write_text("ready\n")
        await asyncio.gather(*tasks)
        for task in aside:
            task.cancel()
        await self._legacy.close()
        if isinstance(self._routes.flags, flags.OpenFeature):
            self._routes.flags.close()
        self._scribe.close()
        return 0

    def _listeners(self) -> list[tuple[listeners.Listener, socket.socket]]:
        config, ports = self._config, self._ports
        proxy = Proxy(
            config, self._routes, self._ledger, self._legacy, self._counts, self._observer, self._clock
        )
        made = [(listeners.public(proxy, ports.tls), ports.public)]
        if ports.admin is not None:
            made.append((listeners.internal(Admin(config.name, self._counts, self._routes)), ports.admin))
        if ports.decision is not None:
            decisions = Decisions(config, self._routes, self._ledger, self._counts, self._clock)
            made.append((listeners.internal(decisions), ports.decision))
        return made

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(IDLE_S)
            self._routes.refresh()

    def _applied(self, table: RouteTable) -> None:
        if isinstance(self._source, Publisher):
            self._source.applied = table.version
        self._scribe.applied(table)

    def _flags_changed(self) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._routes.again)


def _source(published: Published | None, store: Store, name: str) -> Database | File | Publisher:
    if published is None:
        return Database(store)
    newest = Newest(published.keys, accept_older=published.accept_older)
    if "://" in published.where:
        return Publisher(published.where, newest, name, published.token)
    return File(Path(published.where), newest)


def _end(servers: list[tuple[listeners.Listener, socket.socket]]) -> None:
    for server, _ in servers:
        server.should_exit = True
