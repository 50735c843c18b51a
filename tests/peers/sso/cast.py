"""What each of them is told at its start: settings of IdPs and application, and options of connections."""

import shutil
from typing import Any

from tests.peers.sso import names
from tests.peers.sso.authority import Tls

Settings = dict[str, Any]


def saml_idp(key: str, cert: str) -> Settings:
    """Settings of saml_idp.mjs: it knows one service provider, the application."""
    parties = {names.ENTITY_ID: names.ACS}
    return {"issuer": names.SAML_ISSUER, "key": key, "cert": cert, "parties": parties}


def oidc_provider(secret: str, cookie_key: str) -> Settings:
    """Settings of oidc_provider.mjs: it knows one client, the application."""
    return {
        "issuer": names.OIDC_ISSUER,
        "client_id": names.OIDC_TENANT,
        "client_secret": secret,
        "redirect_uri": names.CALLBACK,
        "cookie_key": cookie_key,
    }


def legacy(
    metadata: str, provider: Settings, tls: Tls, front: int, ledger: str, workos: Settings
) -> Settings:
    """Settings of the application; `front` is the port where the OpenID provider is reached by TLS."""
    saml = {
        "metadata": metadata,
        "entity_id": names.ENTITY_ID,
        "acs": names.ACS,
        "idp_initiated": True,
        "xmlsec": shutil.which("xmlsec1"),
    }
    return {
        "tenants": {names.SAML_TENANT: saml, names.OIDC_TENANT: provider | {"response_mode": "query"}},
        "providers_port": front,
        "authority": str(tls.authority),
        "ledger": ledger,
        "workos": workos,
    }


def saml_connection(cert: str) -> Settings:
    """The same IdP as WorkOS knows it, with the application's ACS URL and entity id."""
    options = {
        "idp_entity_id": names.SAML_ISSUER,
        "idp_sso_url": f"{names.SAML_ISSUER}/sso",
        "idp_signing_certs": [cert],
        "acs_url": names.ACS,
        "sp_entity_id": names.ENTITY_ID,
    }
    return {"saml_options": options}


def oidc_connection(secret: str) -> Settings:
    """The same provider as WorkOS knows it, with the application's client and callback."""
    options = {
        "discovery_endpoint": f"{names.OIDC_ISSUER}/.well-known/openid-configuration",
        "client_id": names.OIDC_TENANT,
        "client_secret": secret,
        "redirect_uri": names.CALLBACK,
        "pkce": True,
        "token_authentication_method": "client_secret_basic",
        "fetch_user_info": True,
    }
    return {"oidc_options": options}
