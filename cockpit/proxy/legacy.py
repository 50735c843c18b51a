"""The way to the legacy handler: a reverse proxy that streams answers and changes as little as it can."""

import ssl
from collections.abc import Callable, Iterable
from typing import Literal

import aiohttp
from yarl import URL

from cockpit.proxy.config import Config
from cockpit.proxy.pages import UNREACHABLE, page
from cockpit.serving.asgi import Headers, Scope, Send

HOP = b"x-cockpit-hop"
_HOP_BY_HOP = frozenset(
    (
        b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection",
        b"te", b"trailer", b"transfer-encoding", b"upgrade",
    )
)  # fmt: skip
_OURS = frozenset(
    (
        b"host", b"content-length", b"expect", b"forwarded", b"x-forwarded-for", b"x-forwarded-proto",
        b"x-forwarded-host", b"x-forwarded-port", b"x-real-ip", HOP,
    )
)  # fmt: skip
_NOT_SENT = _HOP_BY_HOP | _OURS

Answer = Literal["ok", "refused", "error"]
Marking = Callable[[str], Headers]


class LegacyHandler:
    """Forwards requests, over connections that are kept for the next one."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._origin = config.legacy.origin.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """In the loop that requests run in. Raises OSError for an authority file that can't be read."""
        legacy = self._config.legacy
        trusted: ssl.SSLContext | bool = True
        if legacy.authority is not None:
            trusted = ssl.create_default_context(cafile=str(legacy.authority))
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=legacy.keep_s, ssl=trusted),
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=legacy.connect_s, sock_read=legacy.answer_s
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        )

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def forward(self, scope: Scope, body: bytes, send: Send, mark: Marking | None = None) -> Answer:
        """Hand a request to legacy and its answer to the browser.

        `mark` is told where legacy sends the browser ("" for nowhere), and gives headers to go along.
        """
        try:
            response = await self._ask(scope, body)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            slow = isinstance(error, TimeoutError)
            await page(504 if slow else 502, UNREACHABLE, self._config.help_url).by(send)
            return "error"
        extra: Headers = ()
        if mark is not None:
            sent_on = 300 <= response.status < 400
            extra = mark(response.headers.get("location", "") if sent_on else "")
        return await self._hand_on(response, send, extra)

    async def _ask(self, scope: Scope, body: bytes) -> aiohttp.ClientResponse:
        try:
            return await self._send(scope, body)
        except aiohttp.ServerDisconnectedError:
            # A kept connection that legacy had just closed. Once more, on another: an error page is
            # what the browser would get otherwise.
            return await self._send(scope, body)
        except aiohttp.ClientOSError as error:
            if isinstance(error, aiohttp.ClientConnectorError):
                raise
            return await self._send(scope, body)

    async def _send(self, scope: Scope, body: bytes) -> aiohttp.ClientResponse:
        assert self._session is not None
        query = scope["query_string"]
        path = scope["raw_path"].decode("ascii")
        url = f"{self._origin}{path}?{query.decode('latin-1')}" if query else self._origin + path
        return await self._session.request(
            scope["method"],
            URL(url, encoded=True),
            headers=self._headers(scope),
            data=body or None,
            allow_redirects=False,
            server_hostname=self._config.legacy.host if url.startswith("https:") else None,
        )

    def _headers(self, scope: Scope) -> list[tuple[str, str]]:
        sent: list[tuple[str, str]] = []
        host = client = hops = ""
        named: frozenset[bytes] = frozenset()
        for name, value in scope["headers"]:
            if name == b"connection":
                named = frozenset(part.strip().lower() for part in value.split(b","))
            elif name == b"host":
                host = value.decode("latin-1")
            elif name == b"x-forwarded-for":
                client = value.decode("latin-1")
            elif name == HOP:
                hops = value.decode("latin-1")
        for name, value in scope["headers"]:
            if name not in _NOT_SENT and name not in named:
                sent.append((name.decode("latin-1"), value.decode("latin-1")))
        peer = scope["client"][0] if scope["client"] else ""
        if client and peer in self._config.trusted:
            peer = f"{client}, {peer}"
        sent += [
            ("host", self._config.legacy.host or host),
            ("x-forwarded-for", peer),
            ("x-forwarded-host", host),
            ("x-forwarded-proto", self._config.scheme),
            (HOP.decode(), str(int(hops or "0") + 1)),
        ]
        return sent

    async def _hand_on(self, response: aiohttp.ClientResponse, send: Send, extra: Headers) -> Answer:
        status = response.status
        headers = [*_end_to_end(response.raw_headers), *extra]
        try:
            await send({"type": "http.response.start", "status": status, "headers": headers})
            async for chunk in response.content.iter_any():
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            response.release()
        return "ok" if status < 400 else "refused" if status < 500 else "error"


def _end_to_end(raw: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    found = [(name.lower(), value) for name, value in raw]
    named = {
        part.strip().lower() for name, value in found if name == b"connection" for part in value.split(b",")
    }
    left_out = _HOP_BY_HOP | named | {b"date"}  # there is one of ours
    return [(name, value) for name, value in found if name not in left_out]
