"""WorkOS's connection_type, told by the host of the IdP. Pure.

Facts: WorkOS's SDK 10.8 for the names; its migration tool infers them the same way.
"""

from urllib.parse import urlsplit

from cockpit.connections.model import Connection

_SAML = {
    "okta.com": "OktaSAML",
    "oktapreview.com": "OktaSAML",
    "okta-emea.com": "OktaSAML",
    "login.microsoftonline.com": "AzureSAML",
    "sts.windows.net": "AzureSAML",
    "accounts.google.com": "GoogleSAML",
    "onelogin.com": "OneLoginSAML",
    "jumpcloud.com": "JumpCloudSAML",
    "pingone.com": "PingOneSAML",
    "duosecurity.com": "DuoSAML",
    "cyberark.cloud": "CyberArkSAML",
    "idaptive.app": "CyberArkSAML",
    "cloudflareaccess.com": "CloudflareSAML",
    "rippling.com": "RipplingSAML",
    "salesforce.com": "SalesforceSAML",
}
_OIDC = {
    "okta.com": "OktaOIDC",
    "oktapreview.com": "OktaOIDC",
    "login.microsoftonline.com": "EntraIdOIDC",
    "accounts.google.com": "GoogleOIDC",
}


def connection_type(connection: Connection) -> str:
    """The type of its IdP, the generic one of its protocol where the host tells nothing."""
    if connection.saml is not None:
        saml = connection.saml
        return _of((saml.idp_sso_url, saml.idp_entity_id, saml.metadata_url), _SAML) or "GenericSAML"
    oidc = connection.oidc
    return _of((oidc.discovery_endpoint, oidc.issuer) if oidc else (), _OIDC) or "GenericOIDC"


def _of(urls: tuple[str | None, ...], known: dict[str, str]) -> str | None:
    for url in urls:
        try:
            host = urlsplit(url or "").hostname or ""
        except ValueError:
            continue
        for domain, name in known.items():
            if host == domain or host.endswith(f".{domain}"):
                return name
    return None
