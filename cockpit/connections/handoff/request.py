"""The body of POST /connections. Pure.

Facts: WorkOS's SDK 10.8 and documentation (reference/sso/connection/create): metadata address or manual
fields, never both; expired certificates are refused.
"""

from typing import Any

from cockpit.connections import x509
from cockpit.connections.checks.certificates import signing
from cockpit.connections.checks.oidc import discovery_address
from cockpit.connections.handoff.types import connection_type
from cockpit.connections.model import Attributes, Connection, KeyPair, Oidc, Saml
from cockpit.connections.x509 import NotACertificate

_METHODS = ("client_secret_post", "client_secret_basic", "private_key_jwt")


def body(connection: Connection, organization: str, now: int, *, by_hand: bool = False) -> dict[str, Any]:
    """What is sent for a connection of an organization (its id at WorkOS); empty fields are left out.

    With a metadata address WorkOS reads that, so that it follows the IdP's next certificate; `by_hand` sends
    the single facts instead. Every certificate that has not expired at `now` (ms) goes along.
    """
    made: dict[str, Any] = {
        "organization_id": organization,
        "name": connection.name,
        "external_id": connection.source_id,
        "connection_type": connection_type(connection),
    }
    if maps := _attribute_maps(connection.attributes):
        made["attribute_maps"] = maps
    if connection.saml is not None:
        made["saml_options"] = _saml(connection.saml, now, by_hand)
    if connection.oidc is not None:
        made["oidc_options"] = _oidc(connection.oidc)
    return made


def _attribute_maps(attributes: Attributes) -> dict[str, Any]:
    standard = attributes.model_dump(exclude={"custom"}, exclude_none=True)
    maps = {"standard_attributes": standard, "custom_attributes": dict(attributes.custom)}
    return {name: values for name, values in maps.items() if values}


def _saml(saml: Saml, now: int, by_hand: bool) -> dict[str, Any]:
    if saml.metadata_url and not by_hand:
        idp: dict[str, Any] = {"idp_metadata_url": saml.metadata_url}
    else:
        idp = {
            "idp_entity_id": saml.idp_entity_id,
            "idp_sso_url": saml.idp_sso_url,
            "idp_signing_certs": list(_certificates(saml, now)),
        }
    return _filled(
        {
            **idp,
            "acs_url": saml.acs_url,
            "sp_entity_id": saml.sp_entity_id,
            "sp_signing_key_pair": _pair(saml.signing),
            "sp_encryption_key_pairs": [made for pair in saml.decryption if (made := _pair(pair))],
        }
    )


def _certificates(saml: Saml, now: int) -> dict[str, None]:
    found: dict[str, None] = {}
    for certificate in signing(saml):
        try:
            facts = x509.read(certificate.pem)
        except NotACertificate:
            continue
        if facts.not_after > now:
            found[f"-----BEGIN CERTIFICATE-----\n{facts.base64}\n-----END CERTIFICATE-----"] = None
    return found


def _oidc(oidc: Oidc) -> dict[str, Any]:
    method = oidc.token_auth_method
    return _filled(
        {
            "discovery_endpoint": discovery_address(oidc),
            "client_id": oidc.client_id,
            "client_secret": oidc.client_secret.get_secret_value() if oidc.client_secret else None,
            "redirect_uri": oidc.redirect_uri,
            "pkce": oidc.pkce,
            "token_authentication_method": method if method in _METHODS else None,
            "jwt_signing_key_pair": _pair(oidc.jwt_signing),
        }
    )


def _pair(pair: KeyPair | None) -> dict[str, str] | None:
    if pair is None or pair.key is None or pair.certificate is None:
        return None
    return {"key": pair.key.get_secret_value(), "cert": pair.certificate}


def _filled(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [])}
