"""The files of a hand-over: published headers, no formulas, no secrets, nothing dropped."""

import csv
import io
import json
import re
from typing import Any

import pytest
import sqlite_utils.utils
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from cockpit.connections.handoff import package, reader, results, tables
from cockpit.connections.handoff.headers import OIDC, SAML, SECRETS, TEMPLATES, Template
from cockpit.connections.handoff.reader import NotConnections
from cockpit.connections.handoff.results import NotResults, Outcome
from cockpit.connections.handoff.tables import Outgoing
from cockpit.connections.model import Attributes, Certificate, Connection, KeyPair
from cockpit.connections.rules import Verdict
from cockpit.connections.secrets import join, split
from tests.connections.keys import NOW_MS, bare, certificate, private_pem
from tests.connections.made import oidc, saml

KEY = SecretStr(private_pem(9))
FULL = saml(
    "con_full",
    {
        "certificates": (
            Certificate(pem=certificate(), use="signing"),
            Certificate(pem=certificate(400, number=2)),
        ),
        "metadata_url": "https://idp.example/metadata",
        "metadata_xml": "<a>\n```\nb</a>",
        "name_id_format": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "signs_requests": True,
        "wants_signed_requests": True,
        "signing": KeyPair(key=KEY, certificate=certificate(number=3)),
        "encrypts_assertions": True,
        "decryption": (
            KeyPair(key=KEY, certificate=certificate(number=4)),
            KeyPair(key=KEY, certificate=certificate(number=5)),
        ),
        "name_id_decryption_key": KEY,
        "idp_initiated": True,
        "bindings": ("HTTP-POST",),
    },
    kind="samlp",
    enabled=False,
    idp="okta",
    organizations=("org-1", "org-2"),
    domains=("a.example", "b.example"),
    attributes=Attributes(
        idp_id="sub", email="mail", first_name="gn", last_name="sn", name="cn", groups="memberOf",
        custom={"team": "ou", "cost center": "cc"},
    ),
    facts={"signatureAlgorithm": "rsa-sha256", "long": "x" * 500},
    warnings=("options: something odd",),
)  # fmt: skip
CLIENT = oidc(
    "con_oidc",
    {
        "discovery_endpoint": "https://idp.example/.well-known/openid-configuration",
        "token_auth_method": "client_secret_basic",
        "response_mode": "query",
        "response_type": "code",
        "scopes": ("openid", "email"),
        "pkce": True,
        "jwt_signing": KeyPair(key=KEY, certificate=certificate()),
    },
)


def out(connection: Connection, verdict: Verdict = "transparent", **changes: Any) -> Outgoing:
    facts = {"organization": "org-1", "organization_name": "Acme", "organization_target": "org_01"}
    return Outgoing(connection, verdict, NOW_MS, **{**facts, "cutover": "legacy", **changes})


def parsed(text: str) -> list[dict[str, str]]:
    """As another program reads it: sqlite-utils' own reader of CSV."""
    rows, _ = sqlite_utils.utils.rows_from_file(io.BytesIO(text.encode()), sqlite_utils.utils.Format.CSV)
    return [{str(name): str(value) for name, value in row.items()} for row in rows]


HEADERS = {
    "R1": (
        "organizationName,organizationId,organizationExternalId,domains,idpEntityId,idpUrl,x509Cert,"
        "idpMetadataUrl,customEntityId,customAcsUrl,idpIdAttribute,emailAttribute,firstNameAttribute,"
        "lastNameAttribute,nameAttribute,idpInitiatedEnabled,requestSigningKey,assertionEncryptionKey,"
        "nameIdEncryptionKey,importedId",
        "organizationName,organizationId,organizationExternalId,domains,clientId,clientSecret,"
        "discoveryEndpoint,customRedirectUri,importedId",
    ),
    "R2": (
        "name,organizationName,organizationId,organizationExternalId,domains,idpEntityId,idpUrl,x509Cert,"
        "idpMetadataUrl,customEntityId,customAcsUrl,idpIdAttribute,emailAttribute,firstNameAttribute,"
        "lastNameAttribute,nameAttribute,idpInitiatedEnabled,requestSigningKey,assertionEncryptionKey,"
        "nameIdEncryptionKey,externalId",
        "name,organizationName,organizationId,organizationExternalId,domains,clientId,clientSecret,"
        "discoveryEndpoint,customRedirectUri,externalId",
    ),
    "R3": (
        "name,organizationName,organizationId,organizationExternalId,domains,idpEntityId,idpUrl,x509Cert,"
        "idpMetadataUrl,customEntityId,customAcsUrl,idpIdAttribute,emailAttribute,firstNameAttribute,"
        "lastNameAttribute,nameAttribute,idpInitiatedEnabled,requestSigningKey,requestSigningCert,"
        "assertionEncryptionKey,assertionEncryptionCert,nameIdEncryptionKey,externalId,connectionType",
        "name,organizationName,organizationId,organizationExternalId,domains,clientId,clientSecret,"
        "discoveryEndpoint,customRedirectUri,externalId,connectionType",
    ),
}
"""Word for word as published."""


@pytest.mark.parametrize("template", TEMPLATES)
def test_headers_are_the_published_ones(template: Template) -> None:
    for protocol, header in zip(("saml", "oidc"), HEADERS[template], strict=True):
        text = package.connections([out(FULL), out(CLIENT)], protocol, template)
        assert text.split("\r\n")[0] == header
        assert not text.startswith("\ufeff")


def test_a_row_says_what_the_record_says() -> None:
    (row,) = parsed(package.connections([out(FULL)], "saml", "R3"))
    assert row == {
        "name": "Customer con_full",
        "organizationName": "Acme",
        "organizationId": "org_01",
        "organizationExternalId": "org-1",
        "domains": "a.example;b.example",
        "idpEntityId": "https://idp.example/entity/con_full",
        "idpUrl": "https://idp.example/sso",
        "x509Cert": bare(certificate()),
        "idpMetadataUrl": "https://idp.example/metadata",
        "customEntityId": "urn:us:con_full",
        "customAcsUrl": "https://sso.us.example/acs/con_full",
        "idpIdAttribute": "sub",
        "emailAttribute": "mail",
        "firstNameAttribute": "gn",
        "lastNameAttribute": "sn",
        "nameAttribute": "cn",
        "idpInitiatedEnabled": "TRUE",
        "requestSigningKey": "",
        "requestSigningCert": bare(certificate(number=3)),
        "assertionEncryptionKey": "",
        "assertionEncryptionCert": bare(certificate(number=4)),
        "nameIdEncryptionKey": "",
        "externalId": "con_full",
        "connectionType": "GenericSAML",
    }


def test_only_what_moves_transparently_is_in_the_files_and_everything_is_in_the_routes() -> None:
    several = [out(FULL), out(CLIENT), out(saml("con_x"), "portal", cutover="manual")]
    assert [row["externalId"] for row in parsed(package.connections(several, "saml", "R3"))] == ["con_full"]
    assert [row["externalId"] for row in parsed(package.connections(several, "oidc", "R3"))] == ["con_oidc"]
    routes = {row["externalId"]: row for row in parsed(package.routes(several, "R3"))}
    assert {ident: row["cutoverState"] for ident, row in routes.items()} == {
        "con_full": "legacy",
        "con_oidc": "legacy",
        "con_x": "manual",
    }
    assert routes["con_oidc"]["sourceRedirectUri"] == routes["con_oidc"]["customRedirectUri"]
    assert "persistent" in routes["con_full"]["notes"]


def test_custom_attributes_have_a_file_of_their_own() -> None:
    rows = parsed(package.custom_attributes([out(FULL), out(CLIENT)]))
    assert [(row["externalId"], row["userPoolAttribute"], row["idpClaim"]) for row in rows] == [
        ("con_full", "team", "ou"),
        ("con_full", "cost center", "cc"),
    ]


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("connection", [FULL, CLIENT], ids=["saml", "oidc"])
def test_no_fact_is_dropped(connection: Connection, template: Template) -> None:
    """Every value of the record is in a column, a side file or the notes."""
    sent = out(connection)
    texts = [
        package.connections([sent], connection.protocol, template),
        package.custom_attributes([sent]),
        package.routes([sent], template),
        package.notes([sent], {}, template),
    ]
    said = re.sub(r"\s", "", "".join(texts).replace("\\", ""))
    for path, value in leaves(split(connection)[0]):
        words = {True: "TRUE", False: "FALSE"}.get(value, value) if isinstance(value, bool) else value
        spoken = re.sub(r"\s", "", str(words).replace("```", "```"))
        pem = bare(str(words)) if "BEGIN CERTIFICATE" in str(words) else ""
        assert spoken in said or (pem and pem in said), path


def leaves(value: Any, path: str = "") -> Any:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, f"{path}.{number}")
    elif value not in (None, ""):
        yield path, value


def test_no_secret_is_anywhere_but_in_the_file_of_secrets() -> None:
    sent = [out(FULL), out(CLIENT)]
    secret_parts = [line for line in private_pem(9).splitlines()[1:-1] if len(line) > 20]
    for text in (
        package.connections(sent, "saml", "R3"),
        package.connections(sent, "oidc", "R3"),
        package.routes(sent, "R3"),
        package.custom_attributes(sent),
        package.notes(sent, {}, "R3"),
        json.dumps(split(FULL)[0]) + json.dumps(split(CLIENT)[0]) + repr(FULL) + repr(CLIENT),
    ):
        assert "client-secret-of" not in text
        assert not any(part in text for part in secret_parts)
    secrets = json.loads(package.secrets(sent))
    assert secrets["con_oidc"]["clientSecret"] == "client-secret-of-con_oidc"
    assert secrets["con_full"]["requestSigningKey"] == private_pem(9)
    assert {*SECRETS} <= {*secrets["con_full"], *secrets["con_oidc"]}


def test_a_record_and_its_secrets_are_whole_again() -> None:
    for connection in (FULL, CLIENT, saml(), oidc()):
        public, secrets = split(connection)
        assert join(json.loads(json.dumps(public)), secrets) == connection


LEADS = ("=cmd()", "+1", "-1", "@sum", "\t=1", "\r=1", " =1", "\n@a")


@pytest.mark.parametrize("lead", LEADS)
def test_no_cell_is_a_formula(lead: str) -> None:
    hostile = saml(lead + "id", name=lead, domains=(), attributes=Attributes(email=lead, custom={lead: lead}))
    sent = out(hostile, organization=lead, organization_name=lead)
    for text in (
        package.connections([sent], "saml", "R3"),
        package.routes([sent], "R3"),
        package.custom_attributes([sent]),
    ):
        for row in csv.reader(io.StringIO(text, newline="")):
            assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in row)


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_written_is_read_back(template: Template) -> None:
    sent = [out(FULL), out(CLIENT)]
    for connection in (FULL, CLIENT):
        text = package.connections(sent, connection.protocol, template)
        (item,), refused = reader.read(text)
        read = reader.connection(json.loads(item.body))
        assert not refused
        assert (read.source_id, read.protocol, read.domains) == (
            connection.source_id,
            connection.protocol,
            connection.domains,
        )
        assert (read.organizations, read.organization_target) == (("org-1",), "org_01")
        if connection.saml and read.saml:
            for field in ("idp_entity_id", "idp_sso_url", "metadata_url", "sp_entity_id", "acs_url"):
                assert getattr(read.saml, field) == getattr(connection.saml, field)
            assert read.attributes.email == "mail"


def read_one(header: str, row: str) -> Connection:
    (item,), refused = reader.read(f"{header}\n{row}\n")
    assert not refused
    return reader.connection(json.loads(item.body))


def test_columns_are_read_by_name_in_any_order() -> None:
    made = read_one("idpUrl,x,importedId,domains", 'https://a/,1,c1,"A.example, *.b.example;c.example"')
    assert (made.source_id, made.domains) == ("c1", ("a.example", "c.example"))
    assert made.facts == {"x": "1"}


def test_an_older_page_calls_the_full_name_just_name() -> None:
    made = read_one("externalId,lastNameAttribute,name,customAttributes", "c1,sn,cn,team=ou")
    assert (made.attributes.last_name, made.attributes.name) == ("sn", "cn")


def test_an_identifier_that_is_not_workos_s_is_the_organizations() -> None:
    made = read_one("externalId,organizationId", "c1,acme-7")
    assert (made.organizations, made.organization_target) == (("acme-7",), None)


@pytest.mark.parametrize("word", ["TRUE", "true", "1", "yes", "y"])
def test_true_in_many_words(word: str) -> None:
    made = read_one("externalId,idpInitiatedEnabled", f"c1,{word}")
    assert made.saml is not None
    assert made.saml.idp_initiated is True


def test_a_column_that_may_hold_a_secret_is_no_note() -> None:
    made = read_one("externalId,webhookSecret,pem", f'c1,hush,"{private_pem()}"')
    assert made.facts == {}
    assert len(made.warnings) == 2
    assert "hush" not in repr(made)


def test_lines_that_can_not_be_taken_are_named() -> None:
    items, refused = reader.read("externalId,name\nc1,A\nc1,B\n,\n,C\nc2,D,E\n")
    assert [item.id for item in items] == ["c1", "C"]
    assert [(each.line, each.why) for each in refused] == [
        (3, "the id 'c1' came before"),
        (6, "3 cells under 2 columns"),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no column"),
        ("a,b\n1,2\n", "no column"),
        ("externalId,importedId\n1,2\n", "comes twice"),
        ('externalId\n"open', "not CSV"),
    ],
)
def test_files_that_are_none(text: str, why: str) -> None:
    with pytest.raises(NotConnections, match=why):
        reader.read(text)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        items, _ = reader.read(f"externalId,name,{text}")
    except NotConnections:
        return
    for item in items:
        assert reader.connection(json.loads(item.body)).source_id == item.id


def test_results_are_read_by_name() -> None:
    text = (
        "state,externalId,workosConnectionId,callbackEndpoint,outcome,code,error\n"
        "validating,c1,conn_1,https://auth.workos.com/acs/1,created,,\n"
        ",c2,,,failed,certificate_expired,The certificate has expired.\n"
    )
    assert results.read(text) == [
        Outcome("c1", "conn_1", "validating", "https://auth.workos.com/acs/1", None),
        Outcome("c2", None, None, None, "certificate_expired: The certificate has expired."),
    ]
    with pytest.raises(NotResults):
        results.read("a,b\n")


def test_left_over_names_a_guarded_column() -> None:
    left = tables.left_over(out(saml(name="=1")), SAML["R3"])
    assert "column name" in left
    made = oidc(organizations=("org-1",))
    assert tables.left_over(out(made), OIDC["R3"]).keys() == {"oidc.issuer", "oidc.client_secret"}
