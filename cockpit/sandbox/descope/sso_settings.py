"""A tenant's SSO settings, as GET /v2/mgmt/sso/settings answers them (SDK: SSOSettings.load_settings)."""

from cockpit.sandbox import certificates
from cockpit.sandbox.companies import Company
from cockpit.sandbox.idps import Published
from cockpit.sandbox.sso import Connection
from cockpit.sandbox.web import Json


def settings(company: Company, one: Connection | None, where: Published | None) -> Json:
    """All fields, which are empty where nothing is set. Descope knows SAML and OpenID Connect."""
    kind = one.protocol if one and one.protocol in ("saml", "oidc") else "none"
    return {
        "tenant": {
            "id": company.id,
            "name": company.name,
            "selfProvisioningDomains": [],
            "customAttributes": company.metadata,
            "authType": kind,
            "domains": list(one.domains) if one and kind != "none" else [],
        },
        "saml": _saml(company, one if kind == "saml" else None, where),
        "oidc": _oidc(one if kind == "oidc" else None, where),
    }


def _saml(company: Company, one: Connection | None, where: Published | None) -> Json:
    api = "https://api.descope.com/v1/auth/saml"
    begins, ends = certificates.moment(2022), certificates.moment(2040)
    certs = one.certificates if one else ()
    return {
        "idpEntityId": one.entity_id if one else "",
        "idpSSOUrl": one.sso_url if one else "",
        "idpCertificate": certs[0] if certs else "",
        "idpAdditionalCertificates": list(certs[1:]),
        "idpMetadataUrl": (where.metadata_url or "") if one and where else "",
        "spEntityId": f"{api}/{company.id}" if one else "",
        "spACSUrl": f"{api}/acs" if one else "",
        "spCertificate": certificates.pair("descope", "ec", "descope", begins, ends).cert if one else "",
        "attributeMapping": {
            "name": "name", "email": "email", "username": "", "phoneNumber": "phone", "group": "groups",
            "givenName": "firstName", "middleName": "", "familyName": "lastName", "picture": "",
            "customAttributes": {"plan": "planName"},
        },
        "groupsMapping": [],
        "redirectUrl": "",
        "lastSuccessTestTime": 0,
    }  # fmt: skip


def _oidc(one: Connection | None, where: Published | None) -> Json:
    """A secret is never answered; an issuer may be missing."""
    issuer = where.issuer if one and where else ""
    return {
        "name": one.name if one else "",
        "clientId": one.client_id if one else "",
        "clientSecret": "",
        "redirectUrl": "",
        "authUrl": f"{issuer}/authorize" if issuer else "",
        "tokenUrl": f"{issuer}/token" if issuer else "",
        "userDataUrl": f"{issuer}/userinfo" if issuer else "",
        "scope": ["openid", "profile", "email"] if one else [],
        "JWKsUrl": f"{issuer}/keys" if issuer else "",
        "userAttrMapping": {
            "loginId": "sub",
            "name": "name",
            "email": "email",
            "verifiedEmail": "email_verified",
        },
        "manageProviderTokens": False,
        "callbackDomain": "",
        "prompt": [],
        "grantType": "authorization_code",
        "issuer": issuer if where and where.discovery_url else "",
        "lastSuccessTestTime": 0,
    }
