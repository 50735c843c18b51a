"""What can go wrong on the way, each in one line: what, why, what next."""

import socket
from typing import Any

import aiohttp
import httpx

from cockpit.rules.mask import printable

Response = httpx.Response

RESUME = "check the network; the same command resumes"


class TransportError(Exception):
    """The network or the other side failed: what happened, why, and what to do next, in one line.

    `transient`: asking again later may help. `cold`: the host has not answered this client once, so a
    wrong address is more likely than a bad moment. `again_s`: in how many seconds whoever shares a pace with
    this call asks again, where that was settled.
    """

    def __init__(
        self, what: str, why: str, step: str, *, transient: bool = True, response: Response | None = None
    ) -> None:
        super().__init__(what, why, step)
        self.what, self.why, self.next = printable(what), printable(why), step
        self.transient = transient
        self.response = response
        self.cold = False
        self.tried_s: float | None = None
        self.again_s: float | None = None

    def __str__(self) -> str:
        tried = "" if self.tried_s is None else f" (tried for {self.tried_s:.0f} s)"
        return f"{self.what}: {self.why}{tried}; {self.next}"


class Unsent(TransportError):
    """No connection: nothing was sent."""


class Lost(TransportError):
    """Sent, reply unknown: the other side may or may not have acted."""


class Unwell(TransportError):
    """429 or 5xx in answer to a read."""


class NotJson(TransportError):
    """A reply that is not JSON where JSON was due, such as a gateway's HTML page."""


def classify(host: str, error: BaseException) -> TransportError:
    # httpx_aiohttp maps every aiohttp.ClientConnectionError to ConnectTimeout, a connection lost while
    # the reply was awaited among them; so its cause is looked at, never its own type.
    match error:
        case aiohttp.ClientConnectorDNSError():
            return Unsent(f"can't resolve {host}", _reason(error.os_error), "check the address and the DNS")
        case aiohttp.ClientConnectorCertificateError():
            why = str(error.certificate_error)
            return Unsent(
                f"can't trust {host}",
                f"TLS: {why}",
                "check the address, or name your authority by SSL_CERT_FILE",
                transient=False,
            )
        case aiohttp.ClientConnectorSSLError():
            return Unsent(f"can't connect to {host}", f"TLS: {_reason(error.os_error)}", "check the address")
        case aiohttp.ClientConnectorError():
            return Unsent(f"can't connect to {host}", _reason(error.os_error), "check the address and port")
        case aiohttp.ConnectionTimeoutError() | httpx.PoolTimeout():
            return Unsent(f"can't connect to {host}", "timed out", RESUME)
        case TimeoutError() | httpx.TimeoutException():
            return Lost(f"no reply from {host}", "timed out", RESUME)
        case httpx.InvalidURL() | httpx.UnsupportedProtocol() | aiohttp.InvalidURL():
            return Unsent(f"can't use the address of {host}", str(error), "correct it", transient=False)
        case aiohttp.ServerDisconnectedError():
            return Lost(f"no reply from {host}", "it closed the connection", RESUME)
        case OSError():
            return Lost(f"no reply from {host}", _reason(error), RESUME)
        case aiohttp.ClientPayloadError() | httpx.ReadError() | httpx.RemoteProtocolError():
            return Lost(f"half a reply from {host}", "the connection broke off", RESUME)
        case _:
            return Lost(f"no usable reply from {host}", f"not HTTP: {type(error).__name__}", RESUME)


def _reason(error: OSError) -> str:
    if isinstance(error, socket.gaierror):
        return str(error.strerror or error)
    known = {111: "connection refused", 61: "connection refused", 104: "connection reset by peer"}
    return known.get(error.errno or 0) or str(error.strerror or error)


def unwell(response: Response) -> bool:
    """429 or 5xx."""
    return response.status_code == 429 or response.status_code >= 500


def parsed(response: Response) -> Any:
    """The body as JSON.

    Raises NotJson, quoting the first 80 characters, for an HTML page and anything else.
    """
    try:
        return response.json()
    except ValueError:
        raise not_json(response) from None


def not_json(response: Response, body: bytes | None = None) -> NotJson:
    """The failure that a reply amounts to whose body (or its beginning, when streamed) is no JSON."""
    host, kind = response.url.host, response.headers.get("content-type", "no content type")
    start = (response.content if body is None else body)[:80].decode("utf-8", "replace")
    return NotJson(
        f"{host} answered HTTP {response.status_code} where JSON was due",
        f"{kind.partition(';')[0]}, beginning {start!r}",
        "check the address; a proxy or an outage page may be in between",
        response=response,
    )
