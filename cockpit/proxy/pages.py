"""The few pages that the proxy itself shows, and the form that posts itself. No script but that form's."""

import html
import secrets
from collections.abc import Mapping
from typing import NamedTuple

from cockpit.serving.asgi import Reply

_HTML = (b"content-type", b"text/html; charset=utf-8")
NO_STORE = (b"cache-control", b"no-store")


class Text(NamedTuple):
    """A page's words."""

    title: str
    words: str


TOO_LARGE = Text(
    "This sign-in is too large",
    "Your identity provider sent more than 512 KB. Ask your administrator to send fewer groups "
    "or attributes with a sign-in.",
)
LOOP = Text("This sign-in goes in circles", "The service's address leads back to itself.")
UNKNOWN_HOST = Text("Not served here", "Nothing is served under this name.")
BAD_REQUEST = Text("This request can't be read", "Its length is stated twice, or not clearly.")
UNREACHABLE = Text("Sign-in is not available just now", "Please try again in a moment.")


def page(status: int, text: Text, help_url: str | None) -> Reply:
    """A constant page: it says nothing about who asked for what."""
    link = f'<p><a href="{html.escape(help_url)}">Help</a></p>' if help_url else ""
    body = (
        f"<!doctype html><meta charset=utf-8><title>{text.title}</title>"
        f"<h1>{text.title}</h1><p>{text.words}</p>{link}\n"
    )
    policy = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
    return Reply(status, (_HTML, NO_STORE, policy), body.encode(), close=status in (400, 413, 421))


def form(target: str, fields: Mapping[str, str]) -> Reply:
    """A form that posts these fields to the target by itself; without scripts a button does.

    The policy can't name the target: browsers hold the redirects after a form against it, too, and WorkOS
    redirects to the application. The target is told nothing of our address.
    """
    nonce = secrets.token_urlsafe(16)
    scheme = target.partition(":")[0]  # https, but for a rehearsal on loopback
    inputs = "".join(
        f'<input type="hidden" name="{html.escape(name)}" value="{html.escape(value)}">'
        for name, value in fields.items()
    )
    body = (
        "<!doctype html><meta charset=utf-8><title>Signing in</title>"
        f'<form method="post" action="{html.escape(target)}">{inputs}'
        "<noscript><button>Continue to sign in</button></noscript></form>"
        f'<script nonce="{nonce}">document.forms[0].submit()</script>\n'
    )
    policy = (
        f"default-src 'none'; script-src 'nonce-{nonce}'; form-action {scheme}:; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
    headers = (
        _HTML,
        NO_STORE,
        (b"content-security-policy", policy.encode()),
        (b"referrer-policy", b"no-referrer"),
    )
    return Reply(200, headers, body.encode())
