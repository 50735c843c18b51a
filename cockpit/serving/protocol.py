"""uvicorn's HTTP protocol for requests that are read whole before anything is done with them.

A reply that is known at once is written at once, without the task, scope and events of ASGI, which take
longer than a login's answer does; whatever else is to be done goes uvicorn's way.
"""

import asyncio
from functools import lru_cache, partial
from typing import Any, ClassVar, NamedTuple, Protocol
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from cockpit.serving.asgi import App, Headers, Reply

SWEEP_S = 1.0
KEEP_ALIVE_S = 60
MAX_HEAD = 256 << 10
"""Bytes of a head that is still read on."""
DRAINED = 8 << 20
"""Bytes beyond a body's limit that are still read: who closes on unread bytes resets the connection, and the
browser never comes to read the answer."""


Answering = Reply | App
"""What answers a request; a reply is written at once where it is its turn."""
Outcome = Answering | asyncio.Future[Answering]
"""The same, or the promise of it."""


class Request(NamedTuple):
    """A request as it came, whole. `path` is decoded, header names are lower case."""

    method: bytes
    target: bytes
    path: str
    query: bytes
    headers: Headers
    body: bytes


class Handler(Protocol):
    """What is done with requests."""

    max_body: int
    max_connections: int

    def take(self, request: Request) -> Outcome:
        """What answers this one. Raises nothing."""
        ...

    def too_large(self, request: Request) -> Reply:
        """The answer to a request whose body, left out here, has more than `max_body` bytes."""
        ...

    def malformed(self) -> None:
        """Something came that is no HTTP, or HTTP of two meanings; it was answered 400."""
        ...

    def late(self) -> None:
        """A head or a body did not come in time; the connection is closed."""
        ...


@lru_cache(maxsize=4)
def _lines(*headers: tuple[bytes, bytes]) -> bytes:
    """Headers that are the same for a second, of all replies."""
    return b"".join(b"%b: %b\r\n" % header for header in headers)


class WholeRequests(HttpToolsProtocol):
    """One connection."""

    handler: ClassVar[Handler]

    waiting_since: float | None = None
    """Since when (loop time) it waits for the rest of a request, or for the next one where it is `idle`."""
    idle = False
    _keeps: bool | None = None
    """Whether its HTTP is one whose connections are kept."""
    _awaited = False
    _reading = False
    _in_head = False
    _last = False
    _size = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.waiting_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._in_head:
            self._size += len(data)
            if self._size > MAX_HEAD and not self.transport.is_closing():
                self.send_400_response("Too long a head.")

    def on_message_begin(self) -> None:
        if self._awaited:
            self._last = True  # a second request before the first is answered: it has to come again
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._parts: list[bytes] = []
        self._size = 0
        self._reading = self._in_head = True
        self.idle = False
        self.waiting_since = self.loop.time()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._size = 0
        self._fields = len(self.headers)
        self.waiting_since = self.loop.time()
        if self.expect_100_continue and self._is_next:
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._size <= self.handler.max_body:
            self._parts.append(body)
            return
        self._parts.clear()
        if self._size > self.handler.max_body + DRAINED and not self.transport.is_closing():
            self._write(self.handler.too_large(self._request()))

    def on_message_complete(self) -> None:
        self._reading = False
        self.waiting_since = None
        if self._awaited or self.transport.is_closing():
            return  # it will not be answered: nothing is done
        handler, request = self.handler, self._request()
        if len(self.connections) > handler.max_connections:
            self._answer(request, Reply(503, close=True))
        elif self._size > handler.max_body:
            self._answer(request, handler.too_large(request))
        else:
            outcome = handler.take(request)
            if isinstance(outcome, asyncio.Future):
                self._awaited = True
                outcome.add_done_callback(partial(self._came, request))
            else:
                self._answer(request, outcome)

    def _request(self) -> Request:
        target, parts = self.url, self._parts
        if target.startswith(b"/") and b"#" not in target:
            raw_path, _, query = target.partition(b"?")
        else:  # an address with a host, or what no browser sends
            url = httptools.parse_url(target)
            raw_path, query = url.path, url.query or b""
        path = raw_path.decode("ascii")
        if "%" in path:
            path = unquote(path)
        del self.headers[self._fields :]  # trailers: they came after what decides was read
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        return Request(self.parser.get_method(), target, path, query, self.headers, body)

    def _came(self, request: Request, outcome: "asyncio.Future[Answering]") -> None:
        self._awaited = False
        if not self.transport.is_closing():
            self._answer(request, outcome.result())

    def _answer(self, request: Request, answering: Answering) -> None:
        if not isinstance(answering, Reply):
            self._by_uvicorn(request, answering)
        elif self._is_next and request.method != b"HEAD":
            self._write(answering)
        else:
            self._by_uvicorn(request, answering.app)

    def shutdown(self) -> None:
        """The server ends: what came is answered yet."""
        if self._awaited or (self._reading and self._is_next):
            self._last = True
        else:
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """What the parser refuses: two lengths, a length beside chunks, no HTTP at all."""
        self.handler.malformed()
        super().send_400_response(msg)

    @property
    def _is_next(self) -> bool:
        """Whether what is written now answers the oldest request that has no answer."""
        return (self.cycle is None or self.cycle.response_complete) and not self.flow.write_paused

    def _write(self, reply: Reply) -> None:
        if self._keeps is None:
            self._keeps = self.parser.get_http_version() != "1.0"
        close = reply.close or self._last or not (self._keeps and self.parser.should_keep_alive())
        self.transport.write(reply.encoded(_lines(*self.server_state.default_headers), close=close))
        if close:
            self.transport.close()
        self.idle = True
        self.waiting_since = self.loop.time()

    def _by_uvicorn(self, request: Request, app: App) -> None:
        super().on_message_begin()
        self.url, self.headers = request.target, [*request.headers]
        self.scope["headers"] = self.headers
        self.app = app
        super().on_headers_complete()
        self.scope["method"] = request.method.decode("ascii")
        super().on_message_complete()
        if self._last:
            self.cycle.keep_alive = False


def whole_requests(handler: Handler) -> type[WholeRequests]:
    """The protocol of a port whose requests this handler takes."""
    return type("Handled", (WholeRequests,), {"handler": handler})


async def sweep(connections: set[Any], reading_s: float) -> None:
    """Close connections that take longer than this for a head, or for a body, and idle ones, until cancelled.

    One look a second at all of them costs less than a timer for each request.
    """
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(SWEEP_S)
        now = loop.time()
        for connection in [*connections]:
            since = connection.waiting_since
            if since is None or connection.transport.is_closing():
                continue
            if now - since > (KEEP_ALIVE_S if connection.idle else reading_s):
                if not connection.idle:
                    connection.handler.late()
                connection.transport.close()
