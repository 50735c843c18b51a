"""Every rule: the connection that breaks it, and what becomes of that one."""

import json
from typing import Any

import pytest
from pydantic import SecretStr

from cockpit.connections import discovery, metadata
from cockpit.connections.checks.surroundings import Surroundings, Unusable
from cockpit.connections.discovery import Discovery
from cockpit.connections.examine import examine
from cockpit.connections.model import Attributes, Certificate, Connection, KeyPair
from cockpit.connections.rules import RULES, Verdict
from tests.connections import idp
from tests.connections.keys import NOW_MS, certificate, private_pem, request_pem
from tests.connections.made import ACS, oidc, one, other, rules, saml

NAME_ID = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
POST, ARTIFACT = (f"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{word}" for word in ("POST", "Artifact"))


def certificates(*pems: str) -> dict[str, Any]:
    return {"certificates": tuple(Certificate(pem=pem) for pem in pems)}


def pair(key: bool = True, cert: bool = True) -> KeyPair:
    return KeyPair(key=SecretStr(private_pem()) if key else None, certificate=certificate() if cert else None)


def test_a_sound_connection_moves_without_a_word() -> None:
    for sound in (saml(), oidc()):
        assert rules(sound) == set()
        assert one(sound).triage == ("transparent", ())


ALONE: list[tuple[str, Verdict, Connection]] = [
    ("protocol_unsupported", "stop", other()),
    ("binding_unsupported", "stop", saml(saml={"bindings": (ARTIFACT,)})),
    ("disabled", "review", saml(enabled=False)),
    ("signing_key_kept_back", "portal", saml(saml={"signs_requests": True})),
    ("signing_key_kept_back", "portal", saml(saml={"signs_requests": True, "signing": pair(cert=False)})),
    ("signing_key_kept_back", "portal", saml(saml={"signs_requests": True, "signing": pair(key=False)})),
    ("signing_not_enforced", "review", saml(saml={"signs_requests": True, "wants_signed_requests": False})),
    ("signing_wanted", "review", saml(saml={"wants_signed_requests": True})),
    ("encryption_key_kept_back", "portal", saml(saml={"encrypts_assertions": True})),
    ("encryption_key_kept_back", "portal", saml(saml={"decryption": (pair(cert=False),)})),
    ("name_id_transient", "stop", saml(saml={"name_id_format": f"{NAME_ID}transient"})),
    ("name_id_format", "review", saml(saml={"name_id_format": f"{NAME_ID}persistent"})),
    ("name_id_format", "review", saml(saml={"name_id_format": "unspecified"})),
    ("name_id_encrypted", "review", saml(saml={"name_id_decryption_key": SecretStr("k")})),
    ("idp_initiated", "transparent", saml(saml={"idp_initiated": True})),
    ("sp_entity_id_missing", "portal", saml(saml={"sp_entity_id": None})),
    ("callback_missing", "portal", saml(saml={"acs_url": None})),
    ("callback_of_provider", "portal", saml(saml={"acs_url": "https://acme.us.auth0.com/login/callback"})),
    ("callback_of_provider", "portal", oidc(oidc={"redirect_uri": "https://a.auth.eu.amazoncognito.com/x"})),
    ("idp_entity_id_missing", "stop", saml(saml={"idp_entity_id": None})),
    ("idp_entity_id_long", "stop", saml(saml={"idp_entity_id": "urn:" + "x" * 1021})),
    ("idp_entity_id_is_ours", "stop", saml(saml={"idp_entity_id": "urn:us:con_1"})),
    ("sso_url_missing", "stop", saml(saml={"idp_sso_url": None})),
    ("url_invalid", "stop", saml(saml={"idp_sso_url": "http://idp.example/sso"})),
    ("url_invalid", "stop", saml(saml={"idp_sso_url": "https://me:pw@idp.example/sso"})),
    ("url_invalid", "stop", saml(saml={"idp_sso_url": "https://idp.example/sso#top"})),
    ("url_invalid", "stop", saml(saml={"idp_sso_url": "idp.example/sso"})),
    ("url_private", "transparent", saml(saml={"idp_sso_url": "https://10.0.0.7/sso"})),
    ("url_private", "transparent", saml(saml={"idp_sso_url": "https://idp.corp.internal/sso"})),
    ("certificate_missing", "stop", saml(saml=certificates())),
    ("certificate_unreadable", "stop", saml(saml=certificates("garbage"))),
    ("certificate_unreadable", "stop", saml(saml=certificates(request_pem()))),
    ("private_key_pasted", "stop", saml(saml=certificates(private_pem()))),
    ("certificate_expired", "stop", saml(saml=certificates(certificate(-1)))),
    ("certificate_not_yet_valid", "stop", saml(saml=certificates(certificate(90, begins=5)))),
    ("certificate_ends_soon", "transparent", saml(saml=certificates(certificate(29)))),
    ("certificate_ends", "transparent", saml(saml=certificates(certificate(89)))),
    ("certificate_weak_key", "transparent", saml(saml=certificates(certificate(kind="rsa-1024")))),
    ("certificate_weak_signature", "transparent", saml(saml=certificates(certificate(sha1=True)))),
    ("certificate_authority", "transparent", saml(saml=certificates(certificate(authority=True)))),
    ("metadata_unusable", "transparent", saml(saml={"metadata_xml": idp.BILLION_LAUGHS})),
    ("client_id_missing", "stop", oidc(oidc={"client_id": None})),
    ("client_secret_missing", "stop", oidc(oidc={"client_secret": None})),
    ("client_public", "review", oidc(oidc={"client_secret": None, "pkce": True})),
    ("client_key_kept_back", "portal", oidc(oidc={"token_auth_method": "private_key_jwt"})),
    ("response_by_form", "review", oidc(oidc={"response_mode": "form_post"})),
    ("flow_unsupported", "portal", oidc(oidc={"response_type": "id_token"})),
    ("discovery_missing", "portal", oidc(oidc={"issuer": None})),
    ("domain_missing", "transparent", saml(domains=())),
    ("domain_syntax", "review", saml(domains=("acme",))),
    ("domain_syntax", "review", saml(domains=("ac me.example",))),
    ("domain_public_suffix", "review", saml(domains=("co.uk",))),
    ("domain_public_suffix", "review", saml(domains=("github.io",))),
    ("domain_free_mail", "review", saml(domains=("gmail.com",))),
    ("organization_missing", "transparent", saml(organizations=())),
    ("organizations_several", "review", saml(organizations=("a", "b"))),
    ("custom_attributes", "transparent", saml(attributes=Attributes(custom={"team": "ou"}))),
    ("formula", "transparent", saml(name="=HYPERLINK()")),
    ("cut", "transparent", saml(warnings=("options: something odd",))),
    ("external_id_too_long", "stop", saml("x" * 129, domains=("a.example",))),
    ("external_id_not_ascii", "stop", saml("käse", domains=("a.example",))),
]


@pytest.mark.parametrize(
    ("rule", "verdict", "connection"), ALONE, ids=[f"{n}-{rule}" for n, (rule, _, _) in enumerate(ALONE)]
)
def test_what_breaks_a_rule(rule: str, verdict: Verdict, connection: Connection) -> None:
    assert rules(connection) == {rule}
    assert one(connection).triage.verdict == verdict
    assert RULES[rule].verdict == verdict


def test_keys_of_the_connections_own_go_along() -> None:
    assert rules(saml(saml={"signs_requests": True, "signing": pair()})) == set()
    assert rules(saml(saml={"encrypts_assertions": True, "decryption": (pair(),)})) == set()
    by_key = {"client_secret": None, "token_auth_method": "private_key_jwt", "jwt_signing": pair()}
    assert rules(oidc(oidc=by_key)) == set()


def test_an_expired_certificate_beside_a_valid_one_is_no_obstacle() -> None:
    both = saml(saml=certificates(certificate(-1, number=2), certificate()))
    assert rules(both) == {"certificate_beside", "certificates_several"}


def test_certificates_for_encryption_sign_nothing() -> None:
    kept = (Certificate(pem=certificate(-1, number=2), use="encryption"), Certificate(pem=certificate()))
    assert rules(saml(saml={"certificates": kept})) == set()
    assert rules(saml(saml={"certificates": kept[:1]})) == {"certificate_missing"}


def test_post_beside_other_bindings_will_do() -> None:
    assert rules(saml(saml={"bindings": (ARTIFACT, POST)})) == set()


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("domain_duplicate", {"domains": ("shared.example",)}),
        ("domain_duplicate", {"domains": ("müller.example", "xn--mller-kva.example")}),
        ("organization_has_another", {"organizations": ("acme",)}),
        ("idp_entity_id_shared", {"saml": {"idp_entity_id": "urn:one-idp"}}),
        ("route_by_issuer", {"saml": {"acs_url": ACS}}),
    ],
)
def test_what_two_have_in_common(rule: str, changes: dict[str, Any]) -> None:
    for examined in examine([saml("a", **changes), saml("b", **changes)], Surroundings(NOW_MS)):
        assert {found.rule for found in examined.findings} == {rule}
        assert examined.triage.verdict == RULES[rule].verdict


def test_one_address_and_one_issuer_tell_nothing_apart() -> None:
    same = {"acs_url": ACS, "idp_entity_id": "urn:one-idp"}
    for examined in examine([saml("a", same), saml("b", same)], Surroundings(NOW_MS)):
        assert examined.triage.verdict == "portal"
    redirect = {"redirect_uri": "https://sso.us.example/callback"}
    for examined in examine([oidc("a", redirect), oidc("b", redirect)], Surroundings(NOW_MS)):
        assert [found.rule for found in examined.findings if found.rule.startswith("route")] == [
            "route_by_state"
        ]


def test_what_is_disabled_stands_in_nobodys_way() -> None:
    first, second = examine(
        [saml("a", organizations=("acme",)), saml("b", organizations=("acme",), enabled=False)],
        Surroundings(NOW_MS),
    )
    assert (first.triage.verdict, second.triage.verdict) == ("transparent", "review")


def around(**changes: Any) -> Surroundings:
    return Surroundings(NOW_MS, **changes)


URL = "https://idp.example/metadata"
BY_URL = {"idp_entity_id": None, "idp_sso_url": None, "certificates": (), "metadata_url": URL}


def test_metadata_fills_what_the_record_leaves_open() -> None:
    known = around(metadata={URL: metadata.parse(idp.metadata())})
    assert rules(saml(saml=BY_URL), known) == set()
    filled = one(saml(saml=BY_URL), known).connection.saml
    assert filled is not None
    assert (filled.idp_entity_id, filled.idp_sso_url, len(filled.certificates)) == (idp.ENTITY, idp.SSO, 1)


def test_metadata_that_was_not_read_is_not_held_against_the_record() -> None:
    assert rules(saml(saml=BY_URL)) == set()
    assert [found.rule for found in one(saml(saml=BY_URL)).findings] == ["metadata_unread"]


def test_metadata_that_can_not_be_had() -> None:
    broken = around(metadata={URL: Unusable("HTTP 404")})
    assert rules(saml(saml={"metadata_url": URL}), broken) == {"metadata_unusable"}
    lost = one(saml(saml=BY_URL), broken)
    assert {found.rule for found in lost.findings} == {
        "metadata_unusable",
        "idp_entity_id_missing",
        "sso_url_missing",
        "certificate_missing",
    }
    assert lost.triage.verdict == "stop"


@pytest.mark.parametrize(
    ("rule", "document", "changes"),
    [
        ("metadata_entity_differs", idp.metadata(), {"idp_entity_id": "urn:other"}),
        (
            "metadata_certificate_differs",
            idp.metadata(keys=[("signing", certificate(number=7))]),
            {"idp_entity_id": idp.ENTITY},
        ),
        (
            "metadata_expired",
            idp.metadata(valid_until="2026-11-01T00:00:00Z"),
            {"idp_entity_id": idp.ENTITY},
        ),
    ],
    ids=("entity", "certificate", "validity"),
)
def test_metadata_that_says_otherwise(rule: str, document: str, changes: dict[str, Any]) -> None:
    known = around(metadata={URL: metadata.parse(document)})
    assert rules(saml(saml={"metadata_url": URL, **changes}), known) == {rule}


WELL_KNOWN = "https://idp.example/.well-known/openid-configuration"


def document(**changes: Any) -> Discovery:
    body = {
        "issuer": "https://idp.example",
        "authorization_endpoint": "https://idp.example/authorize",
        "token_endpoint": "https://idp.example/token",
        "jwks_uri": "https://idp.example/keys",
        "response_types_supported": ["code"],
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
    }
    return discovery.parse(json.dumps({**body, **changes}).encode())


@pytest.mark.parametrize(
    ("found", "rules_"),
    [
        (document(), set()),
        (Unusable("HTTP 500"), {"discovery_unusable"}),
        (document(issuer="https://other.example"), {"discovery_issuer_differs"}),
        (document(jwks_uri=None), {"discovery_incomplete"}),
        (document(response_types_supported=["id_token"]), {"discovery_incomplete"}),
        (document().with_keys(b'{"keys": []}'), {"discovery_incomplete"}),
        (document().with_keys(b'{"keys": [{"kty": "RSA"}]}'), set()),
        (
            document(token_endpoint_auth_methods_supported=["tls_client_auth"]),
            {"discovery_auth_method"},
        ),
    ],
    ids=range(8),
)
def test_what_a_discovery_document_says(found: Discovery | Unusable, rules_: set[str]) -> None:
    connection = oidc(oidc={"token_auth_method": "client_secret_post"})
    assert rules(connection, around(discovery={WELL_KNOWN: found})) == rules_


def test_hosts_that_the_proxy_does_not_serve() -> None:
    assert rules(saml(), around(hosts=("login.us.example",))) == {"callback_not_served"}
    assert rules(saml(), around(hosts=("sso.us.example",))) == set()


def test_a_rehearsal_may_have_its_idps_on_this_machine() -> None:
    rehearsed = saml(saml={"idp_sso_url": "http://127.0.0.1:8000/sso", "acs_url": "http://localhost/acs"})
    assert rules(rehearsed) == {"url_invalid"}
    assert rules(rehearsed, around(allow_private=True)) == set()
    outside = saml(saml={"idp_sso_url": "http://idp.example/sso"})
    assert rules(outside, around(allow_private=True)) == {"url_invalid"}


def test_an_organization_that_was_not_exported() -> None:
    assert rules(saml(), around(organizations=frozenset())) == {"organization_unknown"}
    assert rules(saml(), around(organizations=frozenset({"org-con_1"}))) == set()


def test_details_show_nothing_secret_and_nothing_that_drives_a_terminal() -> None:
    hostile = saml(
        saml={"idp_sso_url": "https://me:s3cret@idp.example/", "name_id_format": "\x1b[31mred"},
        kind="\x1b]0;title",
    )
    said = " ".join(found.detail for found in one(hostile).findings)
    assert "s3cret" not in said
    assert said.isprintable()


def test_every_rule_has_a_connection_that_breaks_it() -> None:
    elsewhere = {
        "unmappable", "external_id_missing", "external_id_long", "callback_not_served", "route_ambiguous",
        "route_by_issuer", "route_by_state", "idp_entity_id_shared", "certificate_beside",
        "certificates_several", "metadata_unread", "metadata_entity_differs", "metadata_certificate_differs",
        "metadata_expired", "discovery_unread", "discovery_unusable", "discovery_issuer_differs",
        "discovery_incomplete", "discovery_auth_method", "domain_duplicate", "organization_unknown",
        "organization_has_another", "encryption_seen", "assertion_unsigned", "attributes_encrypted",
    }  # fmt: skip
    assert {rule for rule, _, _ in ALONE} | elsewhere == set(RULES)
