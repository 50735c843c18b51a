"""The tank's process: its file, its socket and the server, until it is told to end."""

import asyncio
import signal
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import uvicorn
import uvloop

from cockpit.clock import Clock, millis
from cockpit.serving.protocol import sweep
from cockpit.serving.server import handling
from cockpit.state.database import StateError
from cockpit.state.tank import TANK, arrivals
from cockpit.state.writer import Transactions
from cockpit.webhooks.group_commit import GroupCommit
from cockpit.webhooks.signatures import Verifier
from cockpit.webhooks.tank import Tank

COUNT_S = 1.0
READING_S = 15.0
"""How long a head or a body may take to come."""


def run(
    file: Path,
    listener: socket.socket,
    sources: Mapping[str, Verifier],
    clock: Clock,
    announce: Callable[[str], None],
) -> None:
    """Take events until SIGTERM or SIGINT; what was begun is finished. Raises StateError."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # the server raises it again when it has ended, for others
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_hold(file, listener, sources, clock, announce))


async def _hold(
    file: Path,
    listener: socket.socket,
    sources: Mapping[str, Verifier],
    clock: Clock,
    announce: Callable[[str], None],
) -> None:
    host, port = listener.getsockname()[:2]
    listen = f"{host}:{port}"
    kept = Transactions(file, TANK)
    tank = Tank(sources, GroupCommit(kept), clock)
    schemes = {name: verifier.scheme for name, verifier in sources.items()}
    kept.run(arrivals.listening, schemes, listen, millis(clock.now()))
    server = uvicorn.Server(handling(tank))
    announce(listen)
    aside = {
        asyncio.create_task(_count_refusals(tank, kept, clock)),
        asyncio.create_task(sweep(server.server_state.connections, READING_S)),
    }
    try:
        await server.serve(sockets=[listener])
    finally:
        for task in aside:
            task.cancel()
        await asyncio.wait(aside)
        _flush(tank, kept, clock)
        kept.close()


async def _count_refusals(tank: Tank, kept: Transactions, clock: Clock) -> None:
    while True:
        await clock.sleep(COUNT_S)
        _flush(tank, kept, clock)


def _flush(tank: Tank, kept: Transactions, clock: Clock) -> None:
    if tank.refused:
        counts, tank.refused = tank.refused, Counter()
        try:
            kept.run(arrivals.refused, counts, millis(clock.now()))
        except StateError:
            tank.refused += counts  # the next look counts them; senders are told what is wrong
