"""Connections that move without a word, and the way to change one thing about them."""

from typing import Any

from pydantic import SecretStr

from cockpit.connections.checks.surroundings import Surroundings
from cockpit.connections.examine import Examined, examine
from cockpit.connections.model import Certificate, Connection, Oidc, Saml
from tests.connections.idp import ENTITY, SSO
from tests.connections.keys import NOW_MS, certificate

ACS = "https://sso.us.example/acs/"
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


def saml(ident: str = "con_1", saml: dict[str, Any] | None = None, **changes: Any) -> Connection:
    """A SAML connection; `saml` changes that side of it."""
    side: dict[str, Any] = {
        "idp_entity_id": f"{ENTITY}/{ident}",
        "idp_sso_url": SSO,
        "certificates": (Certificate(pem=certificate()),),
        "sp_entity_id": f"urn:us:{ident}",
        "acs_url": ACS + ident,
        "name_id_format": EMAIL,
    }
    return _connection(ident, {"protocol": "saml", "saml": Saml(**side | (saml or {})), **changes})


def oidc(ident: str = "con_1", oidc: dict[str, Any] | None = None, **changes: Any) -> Connection:
    """An OIDC connection; `oidc` changes that side of it."""
    side: dict[str, Any] = {
        "client_id": f"client-{ident}",
        "client_secret": SecretStr(f"client-secret-of-{ident}"),
        "issuer": "https://idp.example",
        "redirect_uri": f"https://sso.us.example/callback/{ident}",
    }
    return _connection(ident, {"protocol": "oidc", "oidc": Oidc(**side | (oidc or {})), **changes})


def other(ident: str = "con_1") -> Connection:
    """A connection of neither protocol."""
    return _connection(ident, {"protocol": "other", "kind": "ad"})


def _connection(ident: str, changes: dict[str, Any]) -> Connection:
    fields: dict[str, Any] = {
        "provider": "auth0",
        "source_id": ident,
        "name": f"Customer {ident}",
        "organizations": (f"org-{ident}",),
        "domains": (f"{ident.replace('_', '-')}.example",),
    }
    return Connection(**fields | changes)


def one(connection: Connection, around: Surroundings | None = None) -> Examined:
    """A connection examined alone."""
    return examine([connection], around or Surroundings(NOW_MS))[0]


def rules(connection: Connection, around: Surroundings | None = None) -> set[str]:
    """The rules that have something to say of it, but that documents were not read."""
    unread = {"metadata_unread", "discovery_unread"}
    return {found.rule for found in one(connection, around).findings} - unread
