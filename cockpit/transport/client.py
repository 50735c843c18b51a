"""httpx's API over aiohttp's engine, behind an allow-list, to one host only."""

import logging
import re
import socket
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport
from yarl import URL

from cockpit.rules.mask import printable
from cockpit.transport.failures import Response, Unsent, Unwell, classify, not_json, unwell

log = logging.getLogger("cockpit.transport")
logging.getLogger("httpx").setLevel(logging.WARNING)  # its INFO line shows query strings


_listener: ContextVar[Callable[[Response], None] | None] = ContextVar("_listener", default=None)


@contextmanager
def overhearing(listener: Callable[[Response], None]) -> Iterator[None]:
    """Within, `listener` is handed every reply that this task's clients get, before its body is read."""
    before = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(before)


class Forbidden(Exception):
    """A request outside the allow-list or to another host; nothing was sent. A fault of the program."""


class Allow(NamedTuple):
    """A request that may be sent: its method and a pattern for the whole path below base_url."""

    method: str
    path: str


class _PublicOnly(AbstractResolver):
    """Resolves names to public addresses, and no others: what it answers is what is connected to."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        if not all(ip_address(each["host"].partition("%")[0]).is_global for each in found):
            raise OSError(f"{host} is a private address; [connections] allow_private lets it in")
        return found

    async def close(self) -> None:
        await self._inner.close()


class _Session:
    """An aiohttp session that sends URLs as they are: yarl would turn a signed URL's %2F into a slash."""

    def __init__(self, connections: int, ssl_context: Any, resolver: AbstractResolver | None) -> None:
        # Idle connections go before a server's usual 60 s, since a write to a dying one is a lost reply.
        self._connector = aiohttp.TCPConnector(
            limit=connections, ssl=ssl_context, keepalive_timeout=15, resolver=resolver
        )
        self.inner = aiohttp.ClientSession(connector=self._connector, cookie_jar=aiohttp.DummyCookieJar())

    def request(self, *, url: str, **kwargs: Any) -> Any:
        return self.inner.request(url=URL(url, encoded=True), **kwargs)

    async def close(self) -> None:
        await self.inner.close()


class _Guarded(AiohttpTransport):
    """Refuses what is not allowed before anything is sent; a redirect passes here again."""

    def __init__(
        self, base: httpx.URL, allow: Sequence[Allow] | None, connections: int, public_only: bool
    ) -> None:
        proxy = _proxy(base)
        super().__init__(verify=base.scheme == "https", proxy=proxy)
        self._public_only = public_only and proxy is None
        self._origin = (base.scheme, base.host, base.port)
        self._prefix = base.path.rstrip("/")
        self._allow = None if allow is None else [(a.method, re.compile(a.path)) for a in allow]
        self._connections = connections
        self._session: _Session | None = None

    def get_client(self) -> Any:
        if self._session is None:
            resolver = _PublicOnly() if self._public_only else None
            self._session = _Session(self._connections, self.ssl_context, resolver)
        return self._session

    async def handle_async_request(self, request: httpx.Request) -> Response:
        url = request.url
        if (url.scheme, url.host, url.port) != self._origin:
            raise Forbidden(f"{request.method} to another host than the one configured: {url.host}")
        if self._allow is not None:
            path = url.path.removeprefix(self._prefix)
            if not any(request.method == method and rule.fullmatch(path) for method, rule in self._allow):
                raise Forbidden(f"not in the read-only list, nothing was sent: {request.method} {path}")
        response = await super().handle_async_request(request)
        if log.isEnabledFor(logging.DEBUG):
            log.debug("%s %s%s %d", request.method, url.host, printable(url.path), response.status_code)
        if (listener := _listener.get()) is not None:
            listener(response)
        return response

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()


def _proxy(base: httpx.URL) -> httpx.Proxy | None:
    """The proxy that the environment names for this host (HTTPS_PROXY, NO_PROXY); never for loopback."""
    host = base.host
    if host in {"localhost", "::1"} or host.startswith("127.") or urllib.request.proxy_bypass(host):
        return None
    url = urllib.request.getproxies().get(base.scheme)
    return httpx.Proxy(url) if url else None


class Client:
    """One host, opened by `client()`."""

    def __init__(self, inner: httpx.AsyncClient) -> None:
        self._inner = inner
        # Most requests go to the same few addresses, and to parse one costs a tenth of a request.
        self._address = lru_cache(64)(lambda url: inner.build_request("GET", url).url)
        self._host = inner.base_url.host + (f":{inner.base_url.port}" if inner.base_url.port else "")
        self._answered = False

    async def request(self, method: str, url: str, **kwargs: Any) -> Response:
        """Send once and read the whole reply, whatever its status. Arguments as httpx's.

        Raises Unsent, Lost.
        """
        with self._failures():
            response = await self._inner.request(method, self._address(url), **kwargs)
        self._answered = True
        return response

    async def read(self, method: str, url: str, **kwargs: Any) -> Response:
        """A read whose reply is due as JSON, for `Retrying`; 4xx comes back as it is.

        Raises Unsent, Lost, Unwell, and NotJson by the first character: `parsed` reads the rest, once.
        """
        response = await self.request(method, url, **kwargs)
        if unwell(response):
            raise self.unwell(response)
        if response.is_success and response.content.lstrip()[:1] not in (b"{", b"["):
            raise not_json(response)
        return response

    @asynccontextmanager
    async def stream(self, method: str, url: str, **kwargs: Any) -> AsyncIterator[Response]:
        """A reply whose body is still to come, by `chunks`. Raises Unsent, Lost, Unwell."""
        with self._failures():
            response = await self._inner.send(self._inner.build_request(method, url, **kwargs), stream=True)
        self._answered = True
        try:
            if unwell(response):
                raise self.unwell(response)
            yield response
        finally:
            await response.aclose()

    async def finish(self, response: Response) -> Response:
        """A streamed reply with its whole body. Raises Lost when it breaks off."""
        with self._failures():
            await response.aread()
        return response

    async def chunks(self, response: Response) -> AsyncIterator[bytes]:
        """The body of a streamed reply, its Content-Encoding undone. Raises Lost when it breaks off."""
        with self._failures():
            async for chunk in response.aiter_bytes():
                yield chunk

    async def close(self) -> None:
        """Close the connections."""
        await self._inner.aclose()

    def unwell(self, response: Response) -> Unwell:
        """The failure that a reply of 429, 5xx, or what says the same as 429 amounts to."""
        what = f"{self._host} answered HTTP {response.status_code}"
        why = "its side is not well" if response.status_code >= 500 else "too many requests"
        return Unwell(what, why, "wait a while; the same command resumes", response=response)

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, OSError) as error:
            cause = error.__cause__ if isinstance(error.__cause__, aiohttp.ClientError | OSError) else error
            failure = classify(self._host, cause)
            failure.cold = not self._answered
            raise failure from error


def client(
    base_url: str,
    *,
    headers: Mapping[str, str] | None = None,
    timeout: float = 30.0,
    allow: Sequence[Allow] | None = None,
    max_connections: int = 50,
    follow_redirects: bool = False,
    public_only: bool = False,
) -> Client:
    """A client for one host; `timeout` is for connecting and for each silence while reading.

    `allow`: only these requests are ever sent (None: any). Other hosts than base_url's are refused in
    any case, so that a credential in `headers` goes nowhere else. `public_only`: nor is a name connected to
    that resolves to a private address (behind a proxy of the environment, that one resolves names).
    """
    try:
        base = httpx.URL(base_url)
    except httpx.InvalidURL as error:
        raise Unsent("can't use an address", str(error), "correct base_url", transient=False) from None
    if base.scheme not in {"http", "https"} or not base.host:
        raise Unsent(
            "can't use an address", f"{base_url!r} is no http(s) URL", "correct base_url", transient=False
        )
    inner = httpx.AsyncClient(
        base_url=base,
        headers={"accept": "application/json", "user-agent": "cockpit", **(headers or {})},
        timeout=httpx.Timeout(timeout, pool=None),
        transport=_Guarded(base, allow, max_connections, public_only),
        follow_redirects=follow_redirects,
        trust_env=False,
    )
    return Client(inner)
