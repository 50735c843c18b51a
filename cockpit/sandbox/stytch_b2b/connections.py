"""An organization's SSO connections, with every field that the SDK's models want."""

from collections.abc import Sequence

from cockpit.sandbox import certificates
from cockpit.sandbox.clock import iso
from cockpit.sandbox.companies import Company
from cockpit.sandbox.idps import Published
from cockpit.sandbox.sso import Connection
from cockpit.sandbox.web import Json

_API = "https://api.stytch.com/v1/b2b/sso/callback"
_PROVIDERS = {"okta": "okta", "entra": "microsoft-entra", "generic": "generic"}
_PREFIXES = {
    "saml": "saml-connection-test-",
    "oidc": "oidc-connection-test-",
    "external": "external-connection-test-",
}


def connection_id(one: Connection, company: Company) -> str:
    """The id of a connection as that organization has it."""
    return f"{_PREFIXES[_kind(one, company)]}{one.hex}"


def lists(company: Company, theirs: Sequence[tuple[Connection, Published]]) -> Json:
    """The three lists. What a second organization uses too is lent to it, as an external connection."""
    found: Json = {"saml_connections": [], "oidc_connections": [], "external_connections": []}
    shapes = {"saml": _saml, "oidc": _oidc, "external": _external}
    for one, where in theirs:
        kind = _kind(one, company)
        head = {
            "organization_id": company.id,
            "connection_id": connection_id(one, company),
            "display_name": one.name,
            "status": "active",
        }
        found[f"{kind}_connections"].append(head | shapes[kind](one, where))
    return found


def _kind(one: Connection, company: Company) -> str:
    """What speaks neither protocol is one of an organization elsewhere."""
    own = one.companies[:1] == (company.number,) and one.protocol != "wsfed"
    return one.protocol if own else "external"


def _saml(one: Connection, where: Published) -> Json:
    callback = f"{_API}/{one.hex}"
    return {
        "identity_provider": _PROVIDERS[one.maker],
        "idp_entity_id": one.entity_id,
        "idp_sso_url": one.sso_url,
        "acs_url": callback,
        "audience_uri": callback,
        "alternative_acs_url": "",
        "alternative_audience_uri": "",
        "signing_certificates": [_certificate(one, _stytch(), "Stytch")] if one.signed else [],
        "verification_certificates": [_certificate(one, cert, "IdP") for cert in one.certificates],
        "encryption_private_keys": _decryption(one),
        "saml_connection_implicit_role_assignments": [],
        "saml_group_implicit_role_assignments": [],
        "nameid_format": one.name_id,
        "idp_initiated_auth_disabled": not one.idp_initiated,
        "allow_gateway_callback": False,
        "attribute_mapping": {"email": "NameID", "first_name": "firstName", "last_name": "lastName"},
    }


def _oidc(one: Connection, where: Published) -> Json:
    return {
        "identity_provider": _PROVIDERS[one.maker],
        "redirect_url": f"{_API}/{one.hex}",
        "client_id": one.client_id,
        "client_secret": one.client_secret or "",
        "issuer": where.issuer if where.discovery_url else "",
        "authorization_url": f"{where.issuer}/authorize",
        "token_url": f"{where.issuer}/token",
        "userinfo_url": f"{where.issuer}/userinfo",
        "jwks_url": f"{where.issuer}/keys",
        "custom_scopes": "",
        "attribute_mapping": {},
    }


def _external(one: Connection, where: Published) -> Json:
    return {
        "external_organization_id": f"organization-test-{one.hex}",
        "external_connection_id": f"saml-connection-test-{one.hex}",
        "external_connection_implicit_role_assignments": [],
        "external_group_implicit_role_assignments": [],
    }


def _certificate(one: Connection, pem: str, issuer: str) -> Json:
    at = iso(one.created_at)
    ident = f"saml-verification-key-test-{one.hex}"
    return {
        "certificate_id": ident, "certificate": pem, "issuer": issuer, "created_at": at, "expires_at": at,
        "updated_at": at,
    }  # fmt: skip


def _decryption(one: Connection) -> list[Json]:
    """Stytch has a key of the connection's own; here it is whole or not there at all."""
    if not one.decryption:
        return []
    ident = f"saml-encryption-key-test-{one.hex}"
    return [{"private_key_id": ident, "private_key": one.decryption.key, "created_at": iso(one.created_at)}]


def _stytch() -> str:
    begins, ends = certificates.moment(2022), certificates.moment(2040)
    return certificates.pair("stytch", "ec", "stytch", begins, ends).cert
