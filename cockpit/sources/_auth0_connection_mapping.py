"""Auth0's enterprise connections -> Connection. Pure. Names of options are those of the SDK's models."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from cockpit.connections.model import Attributes, Connection, Oidc, Saml
from cockpit.settings import Settings
from cockpit.sources import _connection_mapping as common
from cockpit.sources import _mapping
from cockpit.sources._auth0_api import read_settings
from cockpit.sources.base import Raw

SAML = ("samlp", "pingfederate")
OIDC = ("oidc", "okta", "google-apps")
WAAD, WS_FEDERATION = "waad", "ws-federation"
OTHERS = ("adfs", "ad", "auth0-adldap", "sharepoint", "ip", "office365")
"""Neither SAML nor OpenID Connect: WS-Federation, directories behind an agent, addresses."""
GOOGLE = "https://accounts.google.com"
MICROSOFT = "https://login.microsoftonline.com"
_FIELDS = {
    "user_id": "idp_id",
    "email": "email",
    "given_name": "first_name",
    "family_name": "last_name",
    "name": "name",
    "groups": "groups",
}
_POLICY = re.compile(r"NameIDPolicy[^>]*\bFormat\s*=\s*[\"']([^\"']+)")
_TEMPLATE = re.compile(r"\$\{context\.(?:tokenset|userinfo)\.([\w:./-]+)\}")


def mapper(settings: Settings) -> Callable[[Raw], Connection]:
    """The mapping of one tenant's connections: its host is in the addresses that IdPs know."""
    host = read_settings(settings).host

    def to_connection(raw: Raw) -> Connection:
        found = _mapping.inner(raw, "connection")
        name = _mapping.ident(found, "name")
        strategy, options = _mapping.text(found.get("strategy")) or "", _mapping.inner(found, "options")
        saml = oidc = None
        if strategy in SAML:
            saml = _saml(name, host, options)
        elif strategy in OIDC or (strategy == WAAD and options.get("waad_protocol") != WS_FEDERATION):
            oidc = _oidc(strategy, host, options)
        return Connection(
            provider="auth0",
            source_id=_mapping.ident(found, "id"),
            name=_mapping.text(found.get("display_name")) or name,
            protocol="saml" if saml else "oidc" if oidc else "other",
            kind=strategy,
            organizations=_mapping.texts(raw.get("organizations")),
            domains=common.domains(options.get("domain_aliases"), options.get("tenant_domain")),
            saml=saml,
            oidc=oidc,
            attributes=_attributes(options),
            idp=_make(strategy, saml, oidc),
            facts={"name": name}
            | common.facts(found, "is_domain_connection", "realms")
            | common.facts(
                options, "protocolBinding", "requestTemplate", "digestAlgorithm", "signatureAlgorithm",
                "destinationUrl", "recipientUrl", "assertion_decryption_settings", "upstream_params",
                "set_user_root_attributes", "signOutEndpoint", "adfs_server", "authorization_endpoint",
                "token_endpoint",
            ),
        )  # fmt: skip

    return to_connection


def _saml(name: str, host: str, options: Mapping[str, Any]) -> Saml:
    """`entityId` is the service provider's (SDK); what the IdP's is, only its metadata tell.

    That assertions come encrypted is no setting: a key of the connection's own, or settings of how to
    decrypt, are taken for a sign of it.
    """
    decryption = common.pair(options.get("decryptionKey"))
    signing = options.get("signing_key") or options.get("signingKey")
    encrypts = decryption is not None or bool(options.get("assertion_decryption_settings"))
    policy = _POLICY.search(str(options.get("requestTemplate") or ""))
    return Saml(
        idp_sso_url=_mapping.text(options.get("signInEndpoint")),
        certificates=common.certificates([options.get("signingCert"), options.get("cert")]),
        metadata_url=_mapping.text(options.get("metadataUrl")),
        metadata_xml=_mapping.text(options.get("metadataXml")),
        sp_entity_id=_mapping.text(options.get("entityId")) or f"urn:auth0:{host.partition('.')[0]}:{name}",
        acs_url=f"https://{host}/login/callback?connection={name}",
        name_id_format=policy[1] if policy else None,
        signs_requests=options.get("signSAMLRequest") is True,
        signing=common.pair(signing),
        encrypts_assertions=encrypts or None,
        decryption=(decryption,) if decryption else (),
        idp_initiated=_mapping.inner(options, "idpinitiated").get("enabled") is True,
    )


def _oidc(strategy: str, host: str, options: Mapping[str, Any]) -> Oidc:
    """A back channel redeems a code; a front channel gets the id token by form_post."""
    pkce = _mapping.inner(options, "connection_settings").get("pkce")
    front = options.get("type") == "front_channel"
    return Oidc(
        client_id=_mapping.text(options.get("client_id")),
        client_secret=common.secret(options.get("client_secret")),
        discovery_endpoint=_discovery(strategy, options),
        issuer=_mapping.text(options.get("issuer")),
        redirect_uri=f"https://{host}/login/callback",
        pkce=None if pkce is None else pkce != "disabled",
        token_auth_method=_mapping.text(options.get("token_endpoint_auth_method")),
        response_mode="form_post" if front else None,
        response_type="id_token" if front else None,
        scopes=tuple((_mapping.text(options.get("scope")) or "").split()),
    )


def _discovery(strategy: str, options: Mapping[str, Any]) -> str | None:
    """What the options name, else the address that the make of the IdP publishes its document at."""
    named = _mapping.text(options.get("discovery_url"))
    if named or strategy == "oidc":
        return named or _mapping.text(_mapping.inner(options, "oidc_metadata").get("issuer"))
    if strategy == "google-apps":
        return GOOGLE
    if strategy == WAAD:
        tenant = _mapping.text(options.get("tenantId")) or _mapping.text(options.get("tenant_domain"))
        return f"{MICROSOFT}/{tenant}/v2.0" if tenant else None
    domain = _mapping.text(options.get("domain"))
    return f"https://{domain}" if domain else None


def _attributes(options: Mapping[str, Any]) -> Attributes:
    """fieldsMap of SAML; attribute_map of OpenID Connect, whose values may be templates of one claim."""
    given = _mapping.inner(options, "fieldsMap")
    mapped = _mapping.inner(_mapping.inner(options, "attribute_map"), "attributes")
    for name, value in mapped.items():
        claim = _TEMPLATE.fullmatch(value) if isinstance(value, str) else None
        given = {**given, name: claim[1] if claim else value}
    user_id = _mapping.text(options.get("user_id_attribute"))
    return common.attributes({**given, **({"user_id": user_id} if user_id else {})}, _FIELDS)


def _make(strategy: str, saml: Saml | None, oidc: Oidc | None) -> str | None:
    named = {"okta": "okta", WAAD: "entra", "google-apps": "google", "adfs": "adfs", "pingfederate": "ping"}
    if strategy in named:
        return named[strategy]
    if saml is not None:
        return common.makes(saml.idp_sso_url, saml.metadata_url)
    return common.makes(oidc.discovery_endpoint, oidc.issuer) if oidc else None
