"""saml_options and oidc_options of a connection: checked, and as they are shown (SDK: CreateConnection)."""

import base64
import binascii
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.errors import refuse, unprocessable
from cockpit.sandbox.workos.fields import check_shape

_SAML: dict[str, type] = {
    "idp_metadata_url": str,
    "acs_url": str,
    "sp_entity_id": str,
    "idp_entity_id": str,
    "idp_sso_url": str,
    "idp_signing_certs": list,
    "sp_signing_key_pair": dict,
    "sp_encryption_key_pairs": list,
}
_OIDC: dict[str, type] = {
    "discovery_endpoint": str,
    "client_id": str,
    "client_secret": str,
    "redirect_uri": str,
    "pkce": bool,
    "token_authentication_method": str,
    "jwt_signing_key_pair": dict,
    "id_token_signature_algorithm": str,
    "fetch_user_info": bool,
}
_METHODS = ("client_secret_post", "client_secret_basic", "private_key_jwt")
_ENTITY_ID_LENGTH = 1024
_MANUAL = ("idp_entity_id", "idp_sso_url", "idp_signing_certs")


class IdP(NamedTuple):
    """What a metadata document says."""

    entity_id: str
    sso_url: str
    certificates: tuple[str, ...]


Metadata = Callable[[str], IdP | None]
"""The document at an address; None where there is none to be had."""


class Maker(NamedTuple):
    """What options need beside themselves: the time, new ids, addresses, and documents of IdPs."""

    now: float
    ident: Callable[[str], str]
    sp_metadata_url: str
    acs_url: str
    sp_entity_id: str
    metadata: Metadata


def saml(given: Any, maker: Maker, old: Json | None = None) -> Json:
    """The SAML options after a POST, or after a PATCH of the old ones. Refused when something is wrong."""
    body = check_shape(given if isinstance(given, dict) else None, _SAML)
    if old is not None and (
        fixed := {"idp_signing_certs", "sp_signing_key_pair", "sp_encryption_key_pairs"} & body.keys()
    ):
        raise unprocessable(
            *((name, "can be set when the connection is created only") for name in sorted(fixed))
        )
    url = body.get("idp_metadata_url")
    if url and any(body.get(name) for name in _MANUAL):
        raise unprocessable(("idp_metadata_url", "and manual IdP fields exclude each other"))
    if url:
        body = body | _fetched(url, maker)
    elif old is None and not (body.get("idp_sso_url") and body.get("idp_signing_certs")):
        raise unprocessable(("idp_sso_url", "and idp_signing_certs are required without idp_metadata_url"))
    if body.get("idp_sso_url") is not None and not _is_https(body["idp_sso_url"]):
        raise refuse(400, "The IdP SSO URL is invalid.", "invalid_idp_sso_url")
    if body.get("acs_url") is not None and not _is_https(body["acs_url"]):
        raise unprocessable(("acs_url", "must be an https URL"))
    for name in ("idp_entity_id", "sp_entity_id"):
        if len(body.get(name) or "") > _ENTITY_ID_LENGTH:
            raise unprocessable((name, f"must be at most {_ENTITY_ID_LENGTH} characters"))
    shown: Json = old or {
        "idp_metadata_url": None,
        "idp_entity_id": None,
        "idp_sso_url": None,
        "idp_signing_certs": [],
        "sp_signing_certs": [],
        "sp_encryption_certs": [],
        "sp_metadata_url": maker.sp_metadata_url,
        "acs_url": maker.acs_url,
        "sp_entity_id": maker.sp_entity_id,
    }
    defaults = {"acs_url": maker.acs_url, "sp_entity_id": maker.sp_entity_id}
    plain = ("idp_metadata_url", "idp_entity_id", "idp_sso_url", "acs_url", "sp_entity_id")
    shown = shown | {name: body[name] or defaults.get(name) for name in plain if name in body}
    if "idp_signing_certs" in body:
        shown["idp_signing_certs"] = [_idp_certificate(one, maker) for one in body["idp_signing_certs"] or []]
    if body.get("sp_signing_key_pair"):
        shown["sp_signing_certs"] = [
            _own(body["sp_signing_key_pair"], "sp_signing_key_pair", "saml_sp_signing_certificate", maker)
        ]
    if body.get("sp_encryption_key_pairs"):
        shown["sp_encryption_certs"] = [
            _own(one, "sp_encryption_key_pairs", "saml_sp_encryption_certificate", maker)
            for one in body["sp_encryption_key_pairs"]
        ]
    return shown


def oidc(given: Any, maker: Maker, old: Json | None = None) -> tuple[Json, str | None]:
    """The OIDC options after a POST, or after a PATCH of the old ones, and the secret, if one was sent."""
    body = check_shape(given if isinstance(given, dict) else None, _OIDC)
    if old is None:
        missing = [name for name in ("discovery_endpoint", "client_id") if not body.get(name)]
        if missing:
            raise unprocessable(*((name, "is required") for name in missing))
    if body.get("discovery_endpoint") is not None and not _is_https(body["discovery_endpoint"]):
        raise unprocessable(("discovery_endpoint", "must be an https URL"))
    shown: Json = old or {
        "discovery_endpoint": None,
        "client_id": None,
        "redirect_uri": maker.acs_url,
        "pkce": False,
        "token_authentication_method": "client_secret_post",
        "id_token_signature_algorithm": "RS256",
        "fetch_user_info": False,
        "jwt_signing_certs": [],
    }
    kept = ("discovery_endpoint", "client_id", "pkce", "token_authentication_method", "fetch_user_info")
    shown = shown | {
        name: body[name] for name in (*kept, "id_token_signature_algorithm") if body.get(name) is not None
    }
    if "redirect_uri" in body:
        shown["redirect_uri"] = body["redirect_uri"] or maker.acs_url
    method = shown["token_authentication_method"]
    if method not in _METHODS:
        raise unprocessable(("token_authentication_method", f"must be one of {', '.join(_METHODS)}"))
    by_key = method == "private_key_jwt"
    if by_key and body.get("client_secret"):
        raise unprocessable(("client_secret", "is not accepted with private_key_jwt"))
    if body.get("jwt_signing_key_pair"):
        if not by_key:
            raise unprocessable(("jwt_signing_key_pair", "is accepted with private_key_jwt only"))
        pair = _own(
            body["jwt_signing_key_pair"], "jwt_signing_key_pair", "oidc_jwt_signing_certificate", maker
        )
        shown["jwt_signing_certs"] = [pair]
    if old is None and not by_key and not body.get("client_secret"):
        raise unprocessable(("client_secret", f"is required for {method}"))
    return shown, body.get("client_secret")


def _fetched(url: str, maker: Maker) -> Json:
    found = maker.metadata(url)
    if found is None:
        raise refuse(400, "The IdP metadata could not be fetched.", "idp_metadata_fetch_failed")
    return {
        "idp_entity_id": found.entity_id,
        "idp_sso_url": found.sso_url,
        "idp_signing_certs": list(found.certificates),
    }


def _is_https(url: str) -> bool:
    parts = urlsplit(url)
    # Whoever rehearses has the customers' IdPs on loopback.
    return bool(parts.hostname) and (parts.scheme == "https" or parts.hostname in ("127.0.0.1", "localhost"))


def _idp_certificate(text: Any, maker: Maker) -> Json:
    certificate = _certificate(text, "idp_signing_certs")
    if certificate.not_valid_after_utc < datetime.fromtimestamp(maker.now, UTC):
        raise refuse(400, "The certificate has expired.", "certificate_expired")
    return _shown(certificate, "saml_idp_signing_certificate", maker)


def _own(pair: Any, field: str, kind: str, maker: Maker) -> Json:
    """A customer's own key pair: its certificate is shown, its key never; they must belong together."""
    given: Mapping[str, Any] = pair if isinstance(pair, dict) else {}
    certificate = _certificate(given.get("cert"), field)
    try:
        key = load_pem_private_key(str(given.get("key")).encode(), None)
    except (ValueError, TypeError):
        raise unprocessable((field, "needs a PEM private key under key")) from None
    public = key.public_key()
    if public != certificate.public_key():
        raise unprocessable((field, "has a key that is not the certificate's"))
    return _shown(certificate, kind, maker)


def _certificate(text: Any, field: str) -> x509.Certificate:
    """A certificate as PEM, or as the base64 inside of one."""
    plain = str(text).strip()
    try:
        if plain.startswith("-----"):
            return x509.load_pem_x509_certificate(plain.encode())
        return x509.load_der_x509_certificate(base64.b64decode(plain, validate=True))
    except (ValueError, binascii.Error):
        raise unprocessable((field, "must be an X.509 certificate")) from None


def _shown(certificate: x509.Certificate, kind: str, maker: Maker) -> Json:
    return {
        "object": kind,
        "id": maker.ident("cert"),
        "value": certificate.public_bytes(Encoding.PEM).decode(),
        "not_before": iso(round(certificate.not_valid_before_utc.timestamp() * 1000)),
        "not_after": iso(round(certificate.not_valid_after_utc.timestamp() * 1000)),
        "created_at": iso(round(maker.now * 1000)),
    }
