"""The shapes of ASGI that our servers use, and a whole answer as one of its applications."""

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Sequence[tuple[bytes, bytes]]

_STATUS_LINES = {int(status): f"HTTP/1.1 {status} {status.phrase}\r\n".encode() for status in HTTPStatus}


class Reply(NamedTuple):
    """A whole answer. `close`: the connection ends with it."""

    status: int
    headers: Headers = ()
    body: bytes = b""
    close: bool = False

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As an application, which says this to everything."""
        await self.by(send)

    async def by(self, send: Send) -> None:
        """Give it by ASGI."""
        headers = [*self.headers, (b"content-length", b"%d" % len(self.body))]
        if self.close:
            headers.append((b"connection", b"close"))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})

    def encoded(self, more: bytes, *, close: bool) -> bytes:
        """The same as HTTP/1.1, with `more` lines of headers."""
        status, headers, body, _ = self
        lines = b"".join([b"%b: %b\r\n" % header for header in headers])
        end = b"connection: close\r\n\r\n" if close else b"\r\n"
        return b"%b%b%bcontent-length: %d\r\n%b%b" % (
            _STATUS_LINES[status], more, lines, len(body), end, body,
        )  # fmt: skip
