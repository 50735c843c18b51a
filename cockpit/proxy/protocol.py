"""uvicorn's HTTP protocol with what logins need besides: deadlines for reading, counted refusals."""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cockpit.proxy.counts import Counts

SWEEP_S = 1.0


class LoginProtocol(HttpToolsProtocol):
    """Remembers since when it waits for the rest of a head or of a body."""

    counts = Counts()
    waiting_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waiting_since = self.loop.time()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.waiting_since = self.loop.time()

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self.waiting_since = self.loop.time()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self.waiting_since = None

    def send_400_response(self, msg: str) -> None:
        """What the parser refuses: two lengths, a length beside chunks, no HTTP at all."""
        self.counts.refused["framing"] += 1
        super().send_400_response(msg)


async def sweep(connections: set[Any], deadline_s: float, counts: Counts) -> None:
    """Close connections that take longer than this for a head, or for a body; until cancelled."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SWEEP_S)
        latest = loop.time() - deadline_s
        for connection in [*connections]:
            since = connection.waiting_since
            if since is not None and since < latest and not connection.transport.is_closing():
                counts.refused["timeout"] += 1
                connection.transport.close()
