"""The connections of every provider but Auth0: which field of a record says what."""

from typing import Any

import pytest

from cockpit.sources._cognito_signer import OPERATIONS
from cockpit.sources.base import find
from tests.sources.connections import GONE, changed, look, mapped

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
Case = tuple[dict[str, Any], str, Any]

D = "described.IdentityProvider.ProviderDetails"
COGNITO_SAML: dict[str, Any] = {
    "described": {
        "IdentityProvider": {
            "UserPoolId": "eu-central-1_Abc",
            "ProviderName": "Okta",
            "ProviderType": "SAML",
            "ProviderDetails": {"SSORedirectBindingURI": "https://acme.okta.com/sso", "MetadataFile": "<x/>"},
            "AttributeMapping": {"email": "mail", "custom:plan": "plan"},
            "IdpIdentifiers": ["Acme.example", "acme"],
        }
    },
    "pool": {"Domain": "acme"},
}
COGNITO_OIDC = changed(
    COGNITO_SAML,
    {
        "described.IdentityProvider.ProviderType": "OIDC",
        D: {
            "client_id": "c",
            "client_secret": "hush",
            "oidc_issuer": "https://idp.example",
            "authorize_url": "a",
        },
    },
)
COGNITO: list[Case] = [
    ({}, "saml.signs_requests", False),
    ({f"{D}.RequestSigningAlgorithm": "rsa-sha256"}, "saml.signs_requests", True),
    ({f"{D}.RequestSigningAlgorithm": "rsa-sha256"}, "saml.signing", None),
    ({}, "saml.encrypts_assertions", False),
    ({f"{D}.EncryptedResponses": "true"}, "saml.encrypts_assertions", True),
    (
        {f"{D}.EncryptedResponses": "true", f"{D}.ActiveEncryptionCertificate": PEM},
        "saml.decryption.0.complete",
        False,
    ),
    ({}, "saml.idp_initiated", False),
    ({f"{D}.IDPInit": "true"}, "saml.idp_initiated", True),
    ({}, "saml.metadata_xml", "<x/>"),
    ({f"{D}.MetadataURL": "https://idp.example/md"}, "saml.metadata_url", "https://idp.example/md"),
    ({}, "saml.acs_url", "https://acme.auth.eu-central-1.amazoncognito.com/saml2/idpresponse"),
    (
        {"pool.CustomDomain": "login.acme.example"},
        "saml.acs_url",
        "https://login.acme.example/saml2/idpresponse",
    ),
    ({"pool": {}}, "saml.acs_url", None),
    ({}, "saml.sp_entity_id", "urn:amazon:cognito:sp:eu-central-1_Abc"),
    ({}, "domains", ("acme.example",)),
    ({}, "attributes.email", "mail"),
    ({}, "attributes.custom", {"custom:plan": "plan"}),
    ({}, "organizations", ()),
]
COGNITO_BY_OIDC: list[Case] = [
    ({}, "protocol", "oidc"),
    ({}, "oidc.client_secret", "hush"),
    ({f"{D}.client_secret": GONE}, "oidc.client_secret", None),
    ({}, "oidc.issuer", "https://idp.example"),
    ({}, "oidc.redirect_uri", "https://acme.auth.eu-central-1.amazoncognito.com/oauth2/idpresponse"),
    ({}, "facts.authorize_url", "a"),
]

CLERK: dict[str, Any] = {
    "connection": {
        "id": "entconn_1",
        "name": "Acme",
        "provider": "saml_okta",
        "active": True,
        "domains": ["acme.example"],
        "organization_id": "org_1",
        "saml_connection": {
            "id": "samlc_1",
            "idp_entity_id": "idp",
            "idp_sso_url": "https://idp.example/sso",
            "acs_url": "https://clerk.acme.example/v1/saml/acs/samlc_1",
            "sp_entity_id": "https://clerk.acme.example/saml/samlc_1",
        },
        "oauth_config": None,
    },
    "saml_connection": {
        "idp_certificate": "MIIB",
        "attribute_mapping": {"user_id": "sub", "email_address": "mail"},
    },
}
C = "connection.saml_connection"
CLERKS: list[Case] = [
    ({}, "protocol", "saml"),
    ({}, "idp", "okta"),
    ({"connection.provider": "saml_microsoft"}, "idp", "entra"),
    ({"connection.provider": "saml_custom"}, "idp", None),
    ({}, "organizations", ("org_1",)),
    ({"connection.organization_id": None}, "organizations", ()),
    ({}, "enabled", True),
    ({"connection.active": False}, "enabled", False),
    ({}, "saml.signs_requests", None),
    ({}, "saml.encrypts_assertions", None),
    ({}, "saml.idp_initiated", False),
    ({f"{C}.allow_idp_initiated": True}, "saml.idp_initiated", True),
    ({}, "saml.certificates.0.pem", "MIIB"),
    ({"saml_connection": None}, "saml.certificates", ()),
    ({}, "attributes.email", "mail"),
    ({"connection.custom_attributes": [{"key": "a", "sso_path": "p"}]}, "attributes.custom", {"a": "p"}),
    ({C: None, "connection.oauth_config": {"client_id": "c", "requires_pkce": True}}, "oidc.pkce", True),
    ({C: None, "connection.oauth_config": {"client_id": "c"}}, "oidc.client_secret", None),
    ({C: None, "connection.oauth_config": {"client_id": "c", "auth_url": "https://a"}}, "facts.auth_url", "https://a"),
    ({C: None}, "protocol", "other"),
]  # fmt: skip

STYTCH: dict[str, Any] = {
    "organization": {
        "organization_id": "organization-1",
        "organization_name": "Acme",
        "email_allowed_domains": ["acme.test"],
        "claimed_email_domains": ["acme.example"],
    },
    "list": "saml_connections",
    "connection": {
        "connection_id": "saml-connection-1",
        "display_name": "Okta",
        "status": "active",
        "identity_provider": "okta",
        "idp_entity_id": "idp",
        "idp_sso_url": "https://idp.example/sso",
        "acs_url": "https://api.stytch.com/acs",
        "audience_uri": "https://api.stytch.com/audience",
        "verification_certificates": [{"certificate": PEM}],
        "signing_certificates": [],
        "encryption_private_keys": [],
        "idp_initiated_auth_disabled": True,
        "nameid_format": PERSISTENT,
    },
}
LENT = {"list": "external_connections"}
STYTCHES: list[Case] = [
    ({}, "saml.signs_requests", False),
    ({"connection.signing_certificates": [{"certificate": PEM}]}, "saml.signs_requests", True),
    ({"connection.signing_certificates": [{"certificate": PEM}]}, "saml.signing.complete", False),
    ({}, "saml.encrypts_assertions", None),
    ({"connection.encryption_private_keys": [{"private_key": KEY}]}, "saml.encrypts_assertions", True),
    ({"connection.encryption_private_keys": [{"private_key": KEY}]}, "saml.decryption.0.key", KEY),
    ({"connection.encryption_private_keys": [{"private_key": KEY}]}, "saml.decryption.0.complete", False),
    ({}, "saml.name_id_format", PERSISTENT),
    ({}, "saml.idp_initiated", False),
    ({"connection.idp_initiated_auth_disabled": False}, "saml.idp_initiated", True),
    ({}, "saml.acs_url", "https://api.stytch.com/acs"),
    ({"connection.alternative_acs_url": "https://sso.acme.example"}, "saml.acs_url", "https://sso.acme.example"),
    ({"connection.alternative_audience_uri": "urn:old"}, "saml.sp_entity_id", "urn:old"),
    ({}, "saml.certificates.0.pem", PEM),
    ({}, "domains", ("acme.example", "acme.test")),
    ({}, "organization_name", "Acme"),
    ({"connection.status": "pending"}, "enabled", False),
    ({"connection.identity_provider": "microsoft-entra"}, "idp", "entra"),
    ({"connection.identity_provider": "generic"}, "idp", None),
    (LENT, "protocol", "other"),
    ({**LENT, "connection.external_connection_id": "c"}, "facts", {"external_connection_id": "c"}),
    ({"list": "oidc_connections", "connection.client_secret": "hush"}, "oidc.client_secret", "hush"),
    ({"list": "oidc_connections", "connection.redirect_url": "https://r"}, "oidc.redirect_uri", "https://r"),
]  # fmt: skip

DESCOPE: dict[str, Any] = {
    "tenant": {"id": "T1", "name": "Acme", "authType": "saml", "domains": ["acme.example"]},
    "saml": {
        "idpEntityId": "idp",
        "idpSSOUrl": "https://idp.example/sso",
        "idpCertificate": PEM,
        "idpAdditionalCertificates": ["MIIC"],
        "spEntityId": "sp",
        "spACSUrl": "https://api.descope.com/acs",
        "attributeMapping": {"email": "mail", "customAttributes": {"plan": "planName"}},
    },
    "oidc": {"clientId": "", "clientSecret": ""},
}
BY_OIDC = {
    "tenant.authType": "oidc",
    "oidc": {"clientId": "c", "clientSecret": "", "issuer": "https://i", "authUrl": "a"},
}
DESCOPES: list[Case] = [
    ({}, "organizations", ("T1",)),
    ({}, "saml.certificates.1.pem", "MIIC"),
    ({}, "saml.acs_url", "https://api.descope.com/acs"),
    ({}, "saml.signs_requests", None),
    ({}, "attributes.email", "mail"),
    ({}, "attributes.custom", {"plan": "planName"}),
    ({"tenant.authType": "none"}, "enabled", False),
    (BY_OIDC, "protocol", "oidc"),
    (BY_OIDC, "oidc.client_secret", None),
    (BY_OIDC, "oidc.issuer", "https://i"),
    (BY_OIDC, "facts.authUrl", "a"),
    ({**BY_OIDC, "oidc.grantType": "implicit"}, "oidc.response_type", "id_token"),
]

FIREBASE: dict[str, Any] = {
    "name": "projects/p/tenants/acme-1/inboundSamlConfigs/saml.okta",
    "displayName": "Okta",
    "enabled": True,
    "idpConfig": {
        "idpEntityId": "idp",
        "ssoUrl": "https://idp.example/sso",
        "idpCertificates": [{"x509Certificate": PEM}],
    },
    "spConfig": {
        "spEntityId": "urn:p",
        "callbackUri": "https://p.firebaseapp.com/__/auth/handler",
        "spCertificates": [{"x509Certificate": PEM}],
    },
}
FIREBASE_OIDC: dict[str, Any] = {
    "name": "projects/p/oauthIdpConfigs/oidc.okta",
    "enabled": True,
    "clientId": "c",
    "issuer": "https://idp.example",
    "responseType": {"code": True},
}
FIREBASES: list[Case] = [
    ({}, "source_id", "acme-1/saml.okta"),
    ({}, "organizations", ("acme-1",)),
    ({"name": "projects/p/inboundSamlConfigs/saml.okta"}, "organizations", ()),
    ({"enabled": False}, "enabled", False),
    ({}, "saml.signs_requests", False),
    ({"idpConfig.signRequest": True}, "saml.signs_requests", True),
    ({"idpConfig.signRequest": True}, "saml.signing.complete", False),
    ({}, "saml.encrypts_assertions", None),
    ({}, "saml.acs_url", "https://p.firebaseapp.com/__/auth/handler"),
    ({}, "saml.certificates.0.pem", PEM),
]
FIREBASES_BY_OIDC: list[Case] = [
    ({}, "source_id", "oidc.okta"),
    ({}, "oidc.client_secret", None),
    ({"clientSecret": "hush"}, "oidc.client_secret", "hush"),
    ({}, "oidc.response_type", "code"),
    ({"responseType": {"idToken": True}}, "oidc.response_type", "id_token"),
    ({}, "oidc.redirect_uri", None),
]

SUPABASE: dict[str, Any] = {
    "id": "00000000-0000-4000-8000-000000000001",
    "disabled": False,
    "saml": {
        "entity_id": "idp",
        "metadata_xml": "<x/>",
        "attribute_mapping": {"keys": {"email": {"name": "mail"}}},
    },
    "domains": [{"domain": "acme.example"}],
}
SUPABASES: list[Case] = [
    ({}, "name", "idp"),
    ({"resource_id": "acme"}, "name", "acme"),
    ({}, "domains", ("acme.example",)),
    ({"disabled": True}, "enabled", False),
    ({}, "saml.acs_url", "https://ref.supabase.co/auth/v1/sso/saml/acs"),
    ({}, "saml.sp_entity_id", "https://ref.supabase.co/auth/v1/sso/saml/metadata"),
    ({}, "saml.name_id_format", None),
    ({"saml.name_id_format": PERSISTENT}, "saml.name_id_format", PERSISTENT),
    ({}, "saml.metadata_xml", "<x/>"),
    ({}, "attributes.email", "mail"),
    (
        {"saml.attribute_mapping": {"keys": {"plan": {"names": ["p", "q"]}}}},
        "attributes.custom",
        {"plan": "p"},
    ),
]

TABLES: dict[str, dict[str, Any]] = {
    "cognito": {"user_pool_id": "eu-central-1_Abc"},
    "supabase": {"url": "https://ref.supabase.co"},
}
ALL = [
    *(("cognito", COGNITO_SAML, *case) for case in COGNITO),
    *(("cognito", COGNITO_OIDC, *case) for case in COGNITO_BY_OIDC),
    *(("clerk", CLERK, *case) for case in CLERKS),
    *(("stytch", STYTCH, *case) for case in STYTCHES),
    *(("descope", DESCOPE, *case) for case in DESCOPES),
    *(("firebase", FIREBASE, *case) for case in FIREBASES),
    *(("firebase", FIREBASE_OIDC, *case) for case in FIREBASES_BY_OIDC),
    *(("supabase", SUPABASE, *case) for case in SUPABASES),
]


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings want some before they say where a provider is."""
    monkeypatch.setenv("SUPABASE_SERVICE_ROLE_KEY", "key")
    monkeypatch.delenv("SUPABASE_DB_URL", raising=False)


@pytest.mark.parametrize(("provider", "raw", "changes", "path", "expected"), ALL)
def test_what_a_record_says(
    provider: str, raw: dict[str, Any], changes: dict[str, Any], path: str, expected: Any
) -> None:
    connection = mapped(provider, TABLES.get(provider, {}), changed(raw, changes))
    assert connection.provider == provider
    assert look(connection, path) == expected


@pytest.mark.parametrize(
    ("provider", "raw"),
    [("cognito", {"described": {}}), ("clerk", {"connection": {}}), ("stytch", {"list": "saml_connections"}),
     ("descope", {"tenant": {}}), ("firebase", {}), ("supabase", {"saml": {}})],
)  # fmt: skip
def test_a_record_without_an_id_is_refused(provider: str, raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        mapped(provider, TABLES.get(provider, {}), raw)


def test_the_database_of_a_hosted_project_tells_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    host = "abcdefghijklmnopqrst"
    monkeypatch.setenv("SUPABASE_DB_URL", f"postgresql://postgres:pw@db.{host}.supabase.co:5432/postgres")
    connection = mapped("supabase", {}, SUPABASE)
    assert look(connection, "saml.acs_url") == f"https://{host}.supabase.co/auth/v1/sso/saml/acs"
    monkeypatch.setenv("SUPABASE_DB_URL", "postgresql://postgres:pw@10.0.0.1:5432/postgres")
    assert look(mapped("supabase", {}, SUPABASE), "saml.acs_url") is None


def test_what_reads_connections_only_reads() -> None:
    assert all(operation.startswith(("List", "Describe")) for operation in OPERATIONS)
    for provider in ("auth0", "clerk", "stytch", "descope", "firebase", "supabase"):
        for rule in find(provider).allowed:
            if any(word in rule.path for word in ("onnection", "sso", "IdpConfig")):
                assert rule.method == "GET", rule
