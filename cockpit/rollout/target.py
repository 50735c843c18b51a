"""Whether a browser may be sent to an address: only to WorkOS's hosts, only by https. Pure."""

from collections.abc import Container
from urllib.parse import urlsplit

_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def refusal(url: str, hosts: Container[str]) -> str | None:
    """Why an address is no target, None for one that is.

    `hosts` are lower case; http is taken on loopback alone, for rehearsals.
    """
    if not url.isascii() or any(character <= " " or character == "\x7f" for character in url):
        return "characters that no address has"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "not an address"
    if not host or parts.username or parts.password or parts.fragment or "\\" in url:
        return "not a plain address"
    if host not in hosts and f"{host}:{port}" not in hosts:
        return f"{host} is not among the hosts of WorkOS that are allowed"
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _LOOPBACK):
        return "not https"
    return None
