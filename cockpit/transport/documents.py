"""Documents of other people's hosts: a few hundred kilobytes, from public addresses, or a reason why not."""

import asyncio
from ipaddress import ip_address
from urllib.parse import urljoin, urlsplit

from cockpit.rules.mask import printable
from cockpit.transport.client import client
from cockpit.transport.failures import Response, TransportError

MOST_BYTES = 1_000_000
MOST_REDIRECTS = 3
WITHIN_S = 10.0
_REDIRECTS = (301, 302, 303, 307, 308)


class NoDocument(Exception):
    """A document that could not be had, or is refused; the message says why in a few words."""


async def fetch(url: str, *, allow_private: bool = False, within_s: float = WITHIN_S) -> bytes:
    """GET a document, with nothing of ours in the request. Raises NoDocument.

    At most MOST_BYTES, MOST_REDIRECTS and `within_s`; https only. Every host on the way must resolve to
    public addresses, looked at when the connection is made: no name can change in between. `allow_private`
    lets in http and addresses of private networks and of this machine. Behind a proxy of the environment
    the proxy resolves names; then only addresses written as numbers are looked at.
    """
    try:
        async with asyncio.timeout(within_s):
            for _ in range(MOST_REDIRECTS + 1):
                _refuse(url, allow_private)
                body, following = await _get(url, allow_private, within_s)
                if following is None:
                    return body
                url = urljoin(url, following)
    except TimeoutError:
        raise NoDocument(f"no answer within {within_s:.0f} s") from None
    except TransportError as error:
        raise NoDocument(f"{error.what}: {error.why}") from None
    raise NoDocument(f"more than {MOST_REDIRECTS} redirects")


def _refuse(url: str, allow_private: bool) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        raise NoDocument("not an address") from None
    if parts.scheme not in ("https", "http") or not host:
        raise NoDocument("not an http(s) address")
    if parts.username is not None or parts.password is not None:
        raise NoDocument("an address with a user name or password in it")
    if allow_private:
        return
    if parts.scheme != "https":
        raise NoDocument(f"not https: {printable(host)}")
    try:
        public = ip_address(host).is_global
    except ValueError:
        public = host != "localhost" and not host.endswith(".localhost")
    if not public:
        raise NoDocument(f"{printable(host)} is a private address; [connections] allow_private lets it in")


async def _get(url: str, allow_private: bool, within_s: float) -> tuple[bytes, str | None]:
    """The document, or where a redirect leads."""
    # Identity, because a megabyte of gzip may be a gigabyte of text.
    headers = {"accept": "*/*", "accept-encoding": "identity"}
    http = client(url, headers=headers, timeout=within_s, max_connections=1, public_only=not allow_private)
    try:
        async with http.stream("GET", url) as response:
            if response.status_code in _REDIRECTS and "location" in response.headers:
                return b"", response.headers["location"]
            _refuse_response(response)
            body = bytearray()
            async for chunk in http.chunks(response):
                body += chunk
                if len(body) > MOST_BYTES:
                    raise NoDocument(_TOO_LARGE)
            return bytes(body), None
    finally:
        await http.close()


_TOO_LARGE = f"more than {MOST_BYTES // 1_000_000} MB"


def _refuse_response(response: Response) -> None:
    if response.status_code != 200:
        raise NoDocument(f"HTTP {response.status_code}")
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise NoDocument("compressed, which was not asked for")
    length = response.headers.get("content-length", "0")
    if length.isdigit() and int(length) > MOST_BYTES:
        raise NoDocument(_TOO_LARGE)
