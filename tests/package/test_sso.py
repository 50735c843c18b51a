"""The SSO files of a package, as an independent reader of CSV sees them."""

import csv
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
import sqlite_utils.utils

from cockpit.connections.handoff.headers import SECRETS
from cockpit.connections.model import Attributes, Connection, KeyPair
from cockpit.connections.rules import Verdict, finding
from cockpit.package.headers import FILES, HEADERS, TEMPLATES, Template
from cockpit.package.validate import validate
from cockpit.state import connections, exports
from cockpit.state.connections import Checked
from cockpit.state.database import open_state, transaction
from cockpit.terms import Page, RawItem
from tests.connections.keys import certificate, private_pem
from tests.connections.made import oidc, other, saml
from tests.package.states import ACME, fill, packed

EVIL = "=cmd|' /C calc'!A0"
CONNECTIONS: list[tuple[Connection, Verdict]] = [
    (
        saml(
            "con_1",
            {"signing": KeyPair(key=private_pem(9), certificate=certificate(number=3))},
            name=EVIL,
            organizations=("org_a",),
            attributes=Attributes(email="mail", custom={"team": "ou"}),
        ),
        "transparent",
    ),
    (oidc("con_2", organizations=("org_b",)), "transparent"),
    (saml("con_3", {"name_id_format": "persistent"}), "review"),
    (other("con_4"), "stop"),
]


def keep(connection: sqlite3.Connection, made: Sequence[tuple[Connection, Verdict]]) -> None:
    """Read and checked, but for one that is only read."""
    items = [RawItem(one.source_id, "{}") for one, _ in made] + [RawItem("con_new", "{}")]
    with transaction(connection):
        export = exports.begin(connection, 1, "connection")
        exports.commit_page(connection, export.id, Page("", "", None, items), 100, 2)
        exports.complete(connection, export.id, "complete", 0, 3)
        found = [finding("idp_initiated", "saml.idp_initiated", "the source says so")]
        checked = [
            Checked(number, one, found, verdict, (), None) for number, (one, verdict) in enumerate(made, 1)
        ]
        connections.save(connection, checked, 9)


@pytest.fixture(params=TEMPLATES)
def template(request: pytest.FixtureRequest) -> Template:
    return next(one for one in TEMPLATES if one == request.param)


@pytest.fixture
def package(tmp_path: Path, template: Template) -> Path:
    state, folder = tmp_path / "cockpit.db", tmp_path / "package"
    fill(state, ACME)
    connection = open_state(state)
    keep(connection, CONNECTIONS)
    connection.close()
    report = packed(state, folder, template=template, secrets=False)
    assert {reason: n for reason, n in report.left.items() if "SSO" in reason} == {
        "SSO connections: review, so in sso/proxy_routes.csv and the notes only": 1,
        "SSO connections: stop, so in sso/proxy_routes.csv and the notes only": 1,
        "SSO connections: not checked yet, see cockpit connections check": 1,
    }
    return folder


def rows(package: Path, key: str) -> list[dict[str, str]]:
    """By sqlite-utils, which knows nothing of how the files were made."""
    with (package / FILES[key]).open("rb") as file:
        found, _ = sqlite_utils.utils.rows_from_file(file, format=sqlite_utils.utils.Format.CSV)
        return [{name: str(value) for name, value in row.items()} for row in found]


def test_those_that_move_are_in_the_files_of_their_protocol(package: Path, template: Template) -> None:
    (one,), (two,) = rows(package, "samlConnections"), rows(package, "oidcConnections")
    assert (one["externalId"], one["organizationExternalId"], one["organizationName"]) == (
        *("con_1", "org_a"),
        "Acme; Inc",
    )
    assert (two["externalId"], two["organizationExternalId"], two["clientId"]) == (
        *("con_2", "org_b", "client-con_2"),
    )
    assert ("requestSigningCert" in one) == (template == "2.6")
    assert rows(package, "customAttributeMappings") == [
        {
            "externalId": "con_1",
            "organizationExternalId": "org_a",
            "providerType": "SAML",
            "userPoolAttribute": "team",
            "idpClaim": "ou",
        }
    ]


def test_every_checked_one_is_in_the_routes_and_the_notes(package: Path) -> None:
    assert {row["externalId"]: row["cutoverState"] for row in rows(package, "proxyRoutes")} == {
        **{"con_1": "legacy", "con_2": "legacy"},
        **{"con_3": "manual", "con_4": "manual"},
    }
    notes = (package / FILES["handoffNotes"]).read_text()
    assert all(f"`{one.source_id}`" in notes for one, _ in CONNECTIONS)
    assert "logins may begin at the IdP" in notes


def test_headers_counts_and_validation_agree(package: Path, template: Template) -> None:
    counted = json.loads((package / "manifest.json").read_text())["entitiesExported"]
    for key in ("samlConnections", "oidcConnections", "customAttributeMappings", "proxyRoutes"):
        with (package / FILES[key]).open(newline="") as file:
            header, *records = csv.reader(file)
        assert tuple(header) == HEADERS[template][key]
        assert counted[key] == len(records)
    assert not [found for found in validate(package) if found.file.startswith("sso/")]


def test_no_secret_and_no_formula_is_in_any_of_them(package: Path) -> None:
    for file in (package / "sso").iterdir():
        text = file.read_text()
        assert "PRIVATE KEY" not in text, file
        assert "client-secret-of" not in text, file
        assert file.stat().st_mode & 0o777 == 0o600
    for key in ("samlConnections", "oidcConnections"):
        for row in rows(package, key):
            assert not any(row.get(column) for column in SECRETS)
            assert not any(str(value)[:1] in "=+-@\t\r" for value in row.values() if value)


def test_without_connections_the_notes_say_so(tmp_path: Path) -> None:
    fill(tmp_path / "cockpit.db", ACME)
    packed(tmp_path / "cockpit.db", tmp_path / "package")
    assert "No SSO connections" in (tmp_path / "package" / FILES["handoffNotes"]).read_text()
    assert rows(tmp_path / "package", "proxyRoutes") == []
