"""The OpenID Connect side, and the discovery document that WorkOS will read."""

from collections.abc import Iterator

from cockpit.connections.checks import urls
from cockpit.connections.checks.surroundings import Surroundings
from cockpit.connections.discovery import SUFFIX, Discovery
from cockpit.connections.model import Oidc
from cockpit.connections.rules import finding
from cockpit.rules.lint import Finding
from cockpit.rules.mask import printable

_PUBLIC, _BY_KEY = "none", "private_key_jwt"


def check(oidc: Oidc, around: Surroundings) -> Iterator[Finding]:
    """Client, flow and addresses."""
    if not oidc.client_id:
        yield finding("client_id_missing", "client_id", "the record has none")
    yield from _proof(oidc)
    if oidc.response_type and "code" not in oidc.response_type.split():
        yield finding("flow_unsupported", "response_type", printable(oidc.response_type))
    if oidc.response_mode == "form_post":
        yield finding("response_by_form", "response_mode", "form_post")
    yield from urls.check_callback("redirect_uri", oidc.redirect_uri, around)
    address = discovery_address(oidc)
    if address is None:
        yield finding("discovery_missing", "discovery_endpoint", "the record has neither")
    else:
        yield from urls.check("discovery_endpoint" if oidc.discovery_endpoint else "issuer", address, around)


def _proof(oidc: Oidc) -> Iterator[Finding]:
    if oidc.token_auth_method == _BY_KEY:
        if oidc.jwt_signing is None or not oidc.jwt_signing.complete:
            yield finding("client_key_kept_back", "token_auth_method", "no key and certificate in the record")
    elif oidc.client_secret is None:
        public = oidc.token_auth_method == _PUBLIC or (oidc.pkce and oidc.token_auth_method is None)
        rule = "client_public" if public else "client_secret_missing"
        yield finding(rule, "client_secret", "the record has none")


def discovery_address(oidc: Oidc) -> str | None:
    """Where the discovery document lies; an issuer alone is completed, as WorkOS's importer does it."""
    address = oidc.discovery_endpoint or oidc.issuer
    if not address:
        return None
    return address if "/.well-known/" in address else address.rstrip("/") + SUFFIX


def check_discovery(oidc: Oidc, address: str, document: Discovery) -> Iterator[Finding]:
    """What the IdP says of itself now, against the record."""
    expected = oidc.issuer or address.removesuffix(SUFFIX)
    if document.issuer.rstrip("/") != expected.rstrip("/"):
        yield finding("discovery_issuer_differs", "issuer", printable(document.issuer or "none"))
    if document.lacks:
        yield finding("discovery_incomplete", "discovery_endpoint", ", ".join(document.lacks))
    method = oidc.token_auth_method
    if method and document.auth_methods and method not in document.auth_methods:
        detail = f"{printable(method)}; it offers {', '.join(map(printable, document.auth_methods))}"
        yield finding("discovery_auth_method", "token_auth_method", detail)
