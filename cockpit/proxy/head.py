"""A request's head, looked at before anything else: the few that go to neither side end here."""

from typing import NamedTuple

from cockpit.proxy.config import Config
from cockpit.proxy.counts import Refusal
from cockpit.proxy.legacy import HOP
from cockpit.serving.asgi import Headers

_FORM = b"application/x-www-form-urlencoded"


class Refused(Exception):
    """A request that reaches neither side."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


class Head(NamedTuple):
    """What is needed of the headers. `host` is lower case, with a port where it is an unusual one."""

    host: str
    cookies: bytes
    kind: bytes

    @property
    def is_form(self) -> bool:
        """Whether the body claims to be a form."""
        return self.kind[: len(_FORM)].lower() == _FORM


def read(raw: Headers, config: Config) -> Head:
    """Raises Refused: framing, unknown_host, hops."""
    headers = dict(raw)
    if len(headers) != len(raw):
        names = [name for name, _ in raw]
        if names.count(b"host") > 1 or names.count(b"content-length") > 1:
            raise Refused("framing")
        headers[b"cookie"] = b"; ".join(value for name, value in raw if name == b"cookie")
    if b"content-length" in headers and b"transfer-encoding" in headers:
        raise Refused("framing")
    host = headers.get(b"host", b"")
    place = config.places.get(host) or _placed(host, config)
    hops = headers.get(HOP)
    if hops is not None and not (hops.isdigit() and len(hops) < 4 and int(hops) < config.max_hops):
        raise Refused("hops")
    return Head(place, headers.get(b"cookie", b""), headers.get(b"content-type", b""))


def _placed(header: bytes, config: Config) -> str:
    """The Host as routes have it: lower case, a usual port left out. Raises Refused for an unknown one."""
    written = header.decode("latin-1").lower()
    host, colon, port = written.rpartition(":") if ":" in written else (written, "", "")
    if host not in config.hosts or (colon and not (port.isascii() and port.isdecimal())):
        raise Refused("unknown_host")
    place = host if port in ("443", "80") else written
    if len(config.places) < 1000:
        config.places[header] = place
    return place
