"""Auth0's connections: which of their options says what, and what is read when."""

import base64
import json
from typing import Any

import pytest

from cockpit.connections.model import PRIVATE_KEY
from cockpit.sources._auth0_connections import STRATEGIES, USERS
from cockpit.sources.base import Source
from tests.sandbox.running import Running
from tests.sources.connections import GONE, changed, look, mapped
from tests.sources.sides import Side, everybody, read, records

TABLE = {"domain": "acme.us.auth0.com"}
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"
KEY = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"
TEMPLATE = (
    '<samlp:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:transient"/>'
)
SAML: dict[str, Any] = {
    "connection": {
        "id": "con_1",
        "name": "acme-okta",
        "strategy": "samlp",
        "options": {"signInEndpoint": "https://acme.okta.com/app/sso", "signSAMLRequest": False},
    },
    "organizations": ["org_1", "org_2"],
}
OIDC: dict[str, Any] = {
    "connection": {
        "id": "con_2",
        "name": "acme-oidc",
        "strategy": "oidc",
        "options": {"client_id": "c", "client_secret": "hush", "issuer": "https://idp.example"},
    }
}
OPTIONS, BY = "connection.options", "token_endpoint_auth_method"
CLAIM = "${context.tokenset.mail}"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("changes", "path", "expected"),
    [
        ({}, "protocol", "saml"),
        ({}, "organizations", ("org_1", "org_2")),
        ({}, "name", "acme-okta"),
        ({"connection.display_name": "Acme"}, "name", "Acme"),
        ({}, "idp", "okta"),
        ({}, "saml.acs_url", "https://acme.us.auth0.com/login/callback?connection=acme-okta"),
        ({}, "saml.sp_entity_id", "urn:auth0:acme:acme-okta"),
        ({f"{OPTIONS}.entityId": "urn:own"}, "saml.sp_entity_id", "urn:own"),
        ({}, "saml.idp_entity_id", None),
        # request signing
        ({}, "saml.signs_requests", False),
        ({f"{OPTIONS}.signSAMLRequest": True}, "saml.signs_requests", True),
        ({f"{OPTIONS}.signSAMLRequest": True}, "saml.signing", None),
        ({f"{OPTIONS}.signing_key": {"key": KEY, "cert": PEM}}, "saml.signing.complete", True),
        ({f"{OPTIONS}.signingKey": {"key": KEY, "cert": PEM}}, "saml.signing.key", KEY),
        ({f"{OPTIONS}.signing_key": {"cert": PEM}}, "saml.signing", None),
        # encrypted assertions
        ({}, "saml.encrypts_assertions", None),
        ({f"{OPTIONS}.decryptionKey": {"key": KEY, "cert": PEM}}, "saml.encrypts_assertions", True),
        ({f"{OPTIONS}.decryptionKey": {"key": KEY, "cert": PEM}}, "saml.decryption.0.complete", True),
        ({f"{OPTIONS}.decryptionKey": KEY}, "saml.decryption.0.complete", False),
        ({f"{OPTIONS}.assertion_decryption_settings": {"algorithm": "v"}}, "saml.encrypts_assertions", True),
        # NameID
        ({}, "saml.name_id_format", None),
        ({f"{OPTIONS}.requestTemplate": TEMPLATE}, "saml.name_id_format", TEMPLATE.split('"')[3]),
        ({f"{OPTIONS}.requestTemplate": TEMPLATE}, "facts.requestTemplate", TEMPLATE),
        # who begins
        ({}, "saml.idp_initiated", False),
        ({f"{OPTIONS}.idpinitiated": {"enabled": True}}, "saml.idp_initiated", True),
        # certificates
        ({f"{OPTIONS}.signingCert": encoded(PEM)}, "saml.certificates.0.pem", PEM),
        ({f"{OPTIONS}.signingCert": encoded(KEY)}, "saml.certificates.0.pem", PRIVATE_KEY),
        ({f"{OPTIONS}.cert": "TUlJQg=="}, "saml.certificates.0.pem", "TUlJQg=="),
        ({f"{OPTIONS}.metadataUrl": "https://idp.example/md"}, "saml.metadata_url", "https://idp.example/md"),
        # domains and attributes
        ({f"{OPTIONS}.domain_aliases": ["Acme.example", "a.test"]}, "domains", ("acme.example", "a.test")),
        ({f"{OPTIONS}.fieldsMap": {"email": ["mail", "upn"]}}, "attributes.email", "mail"),
        ({f"{OPTIONS}.fieldsMap": {"plan": "planName"}}, "attributes.custom.plan", "planName"),
        ({f"{OPTIONS}.user_id_attribute": "employeeId"}, "attributes.idp_id", "employeeId"),
    ],
)  # fmt: skip
def test_what_a_saml_connection_says(changes: dict[str, Any], path: str, expected: Any) -> None:
    assert look(mapped("auth0", TABLE, changed(SAML, changes)), path) == expected


@pytest.mark.parametrize(
    ("changes", "path", "expected"),
    [
        ({}, "oidc.client_secret", "hush"),
        ({f"{OPTIONS}.client_secret": GONE}, "oidc.client_secret", None),
        ({}, "oidc.discovery_endpoint", None),
        ({f"{OPTIONS}.discovery_url": "https://idp.example/d"}, "oidc.discovery_endpoint", "https://idp.example/d"),
        ({f"{OPTIONS}.oidc_metadata": {"issuer": "https://i.example"}}, "oidc.discovery_endpoint", "https://i.example"),
        ({}, "oidc.redirect_uri", "https://acme.us.auth0.com/login/callback"),
        ({f"{OPTIONS}.type": "back_channel"}, "oidc.response_mode", None),
        ({f"{OPTIONS}.type": "front_channel"}, "oidc.response_mode", "form_post"),
        ({f"{OPTIONS}.type": "front_channel"}, "oidc.response_type", "id_token"),
        ({f"{OPTIONS}.{BY}": "private_key_jwt"}, "oidc.token_auth_method", "private_key_jwt"),
        ({f"{OPTIONS}.connection_settings": {"pkce": "S256"}}, "oidc.pkce", True),
        ({f"{OPTIONS}.connection_settings": {"pkce": "disabled"}}, "oidc.pkce", False),
        ({}, "oidc.pkce", None),
        ({"connection.strategy": "okta", f"{OPTIONS}.domain": "a.okta.com"}, "oidc.discovery_endpoint", "https://a.okta.com"),
        ({"connection.strategy": "okta"}, "idp", "okta"),
        ({"connection.strategy": "google-apps"}, "oidc.discovery_endpoint", "https://accounts.google.com"),
        ({"connection.strategy": "waad", f"{OPTIONS}.tenantId": "t"}, "oidc.discovery_endpoint",
         "https://login.microsoftonline.com/t/v2.0"),
        ({"connection.strategy": "waad", f"{OPTIONS}.waad_protocol": "ws-federation"}, "protocol", "other"),
        ({f"{OPTIONS}.attribute_map": {"attributes": {"email": CLAIM}}}, "attributes.email", "mail"),
    ],
)  # fmt: skip
def test_what_an_oidc_connection_says(changes: dict[str, Any], path: str, expected: Any) -> None:
    assert look(mapped("auth0", TABLE, changed(OIDC, changes)), path) == expected


@pytest.mark.parametrize("strategy", ["adfs", "ad", "auth0-adldap", "sharepoint", "ip", "office365"])
def test_other_strategies_are_neither_saml_nor_oidc(strategy: str) -> None:
    connection = mapped("auth0", TABLE, changed(SAML, {"connection.strategy": strategy}))
    assert (connection.protocol, connection.kind, connection.saml, connection.oidc) == (
        "other",
        strategy,
        None,
        None,
    )
    assert strategy in STRATEGIES


def test_a_record_without_an_id_is_refused() -> None:
    with pytest.raises(ValueError):
        mapped("auth0", TABLE, changed(SAML, {"connection.id": GONE}))


def test_what_organizations_tell_is_kept_and_gone_on_with(tmp_path: Any) -> None:
    size = ("--users", "30", "--organizations", "130", "--connections", "130")
    with Running("--source", "auth0", *size, "--limits", "off") as sandbox:
        side = Side("auth0", sandbox.base_url, tmp_path)

        async def first_page(source: Source) -> Any:
            return await read(source, "", most=1)

        (page,) = side.within(first_page, "connection")
        kept = json.loads(side.memo.facts[USERS])
        assert kept["next"] is None and len(kept["users"]) == 130
        # A run that was stopped in mid-organizations: the second page of them is still to come.
        writes = [json.loads(value) for key, value in side.memo.history if key == USERS and value]
        assert [bool(one["next"]) for one in writes] == [True, False]
        side.memo.facts[USERS] = json.dumps(writes[0])
        before = side.control("GET", "stats")["requests"]["auth0"]
        pages = side.within(everybody, "connection")
        asked = side.control("GET", "stats")["requests"]["auth0"] - before
        assert len(records(pages)) == 130
        assert all(json.loads(item.body)["organizations"] for each in pages for item in each.items)
        assert asked < 130
        assert page.next_cursor is not None
