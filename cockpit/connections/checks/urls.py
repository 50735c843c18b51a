"""Addresses of IdPs and of ours."""

from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from cockpit.connections.checks.surroundings import Surroundings
from cockpit.connections.rules import finding
from cockpit.rules.lint import Finding
from cockpit.rules.mask import printable

PROVIDERS = (
    "auth0.com",
    "amazoncognito.com",
    "accounts.dev",
    "clerk.com",
    "stytch.com",
    "descope.com",
    "supabase.co",
    "firebaseapp.com",
    "web.app",
    "googleapis.com",
)
"""Domains under which providers give their customers a host; nobody but them can put a proxy there."""


def split(url: str) -> SplitResult | None:
    """The parts of an address, None where it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.hostname else None


def check(field: str, url: str, around: Surroundings) -> Iterator[Finding]:
    """https, nothing but an address, no private network. The detail never holds what stands before an @."""
    parts = split(url)
    if parts is None:
        yield finding("url_invalid", field, "no address can be read from it")
    elif parts.username is not None or parts.password is not None:
        yield finding("url_invalid", field, "it holds a user name or a password")
    elif around.allow_private and parts.scheme in ("http", "https") and _private(parts.hostname or ""):
        return
    elif parts.scheme != "https":
        yield finding(
            "url_invalid", field, f"it begins with {printable(parts.scheme or '?')}:, not with https:"
        )
    elif parts.fragment:
        yield finding("url_invalid", field, "it has a fragment (#)")
    elif _private(parts.hostname or ""):
        yield finding("url_private", field, printable(parts.hostname or ""))


def check_callback(field: str, url: str | None, around: Surroundings) -> Iterator[Finding]:
    """Where the IdP answers to: known, valid, on a host that a proxy can stand on."""
    if not url:
        yield finding("callback_missing", field, "the record does not say")
        return
    yield from check(field, url, around)
    parts = split(url)
    host = ((parts.hostname if parts else None) or "").lower()
    if any(host == domain or host.endswith(f".{domain}") for domain in PROVIDERS):
        yield finding("callback_of_provider", field, printable(host))
    elif host and around.hosts and host not in around.hosts:
        yield finding("callback_not_served", field, printable(host))


def _private(host: str) -> bool:
    if host == "localhost" or host.endswith((".localhost", ".local", ".internal", ".lan")):
        return True
    try:
        return not ip_address(host).is_global
    except ValueError:
        return "." not in host
