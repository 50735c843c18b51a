"""Every fault of a package is found, with its file and line and without what the cells hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cockpit.package.findings import SHOWN
from cockpit.package.headers import FILES
from cockpit.package.validate import outline, validate
from tests.package.states import ACME, SECRET, fill, packed

Change = Callable[[Path], None]


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of a good package, by their paths."""
    folder = tmp_path_factory.mktemp("good")
    fill(folder / "cockpit.db", ACME)
    packed(folder / "cockpit.db", folder / "package")
    package = folder / "package"
    return {str(file.relative_to(package)): file.read_text() for file in package.rglob("*") if file.is_file()}


@pytest.fixture
def package(tmp_path: Path, good: dict[str, str]) -> Path:
    for name, content in good.items():
        path = tmp_path / "package" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o600)
    return tmp_path / "package"


def manifest(**fields: Any) -> Change:
    def change(package: Path) -> None:
        path = package / "manifest.json"
        told = json.loads(path.read_text()) | fields
        path.write_text(json.dumps({name: value for name, value in told.items() if value is not None}))

    return change


def replace(key: str, old: str, new: str) -> Change:
    def change(package: Path) -> None:
        path = package / FILES[key]
        content = path.read_text()
        assert old in content
        path.write_text(content.replace(old, new, 1))

    return change


def append(key: str, line: str) -> Change:
    def change(package: Path) -> None:
        with (package / FILES[key]).open("a") as file:
            file.write(line + "\n")

    return change


def remove(key: str) -> Change:
    return lambda package: (package / FILES[key]).unlink()


def content(key: str, text: str) -> Change:
    def change(package: Path) -> None:
        (package / FILES[key]).write_text(text)

    return change


def codes(package: Path) -> set[tuple[str, str]]:
    return {(finding.code, finding.file) for finding in validate(package)}


def test_a_good_one_has_no_findings(package: Path) -> None:
    assert codes(package) == set()
    assert list(outline(package)) == []


@pytest.mark.parametrize(
    ("change", "code", "key"),
    [
        (remove("manifest"), "manifest_unusable", "manifest"),
        (content("manifest", "{"), "manifest_unusable", "manifest"),
        (content("manifest", "[]"), "manifest_unusable", "manifest"),
        (manifest(schemaVersion=2), "manifest_unusable", "manifest"),
        (manifest(provider=""), "manifest_field", "manifest"),
        (manifest(generatedAt="yesterday"), "manifest_field", "manifest"),
        (manifest(entitiesRequested=None), "manifest_field", "manifest"),
        (manifest(entitiesExported={"users": -1}), "manifest_field", "manifest"),
        (manifest(files={"users": "../users.csv"}), "manifest_field", "manifest"),
        (manifest(secretsRedacted="no"), "manifest_field", "manifest"),
        (remove("users"), "file_missing", "users"),
        (remove("proxyRoutes"), "file_missing", "proxyRoutes"),
        (replace("users", "email,password,", "email,"), "header_differs", "users"),
        (replace("users", "email,password,", "e-mail,password,"), "header_unusable", "users"),
        (replace("organizations", "org_id,org_ext", "org_ext"), "header_differs", "organizations"),
        (content("users", ""), "csv_unreadable", "users"),
        (append("users", 'x"y,"z'), "csv_unreadable", "users"),
        (append("organizations", ",o9,New,,"), "count_differs", "organizations"),
        (content("warnings", "{}\n"), "count_differs", "warnings"),
        (content("skippedUsers", "{\n"), "jsonl_unreadable", "skippedUsers"),
        (replace("users", "ana@example.com", ""), "email_missing", "users"),
        (replace("users", "ana@example.com", "ana"), "email_syntax", "users"),
        (replace("users", ",true,", ",maybe,"), "email_verified", "users"),
        (replace("users", "$2a$04", "$9z$04"), "password_hash", "users"),
        (replace("users", ",bcrypt,", ",,"), "password_hash_type", "users"),
        (replace("users", "cy@example.com,,,", "cy@example.com,Sw0rdf1sh,,"), "password_in_clear", "users"),
        (append("users", "cy@example.com,,,,,,,auth0|9,,,,,"), "email_twice", "users"),
        (append("users", "cy@example.com,,,,,,,auth0|3,,,,,"), "user_twice", "users"),
        (append("users", "dy@example.com,,,,,,,d,{,,,,"), "metadata", "users"),
        (append("users", "dy@example.com,,,,,,,d,,,,,,,x"), "row_unusable", "users"),
        (append("users", "dy@example.com,,,,,,,d,,org_1,org_a,,"), "organization_twofold", "users"),
        (append("users", "dy@example.com,,,,,,,d,,org_1,,,"), "organization_by_org_id", "users"),
        (append("users", "dy@example.com,,,,,,,d,,,org_z,,"), "organization_unknown", "users"),
        (append("users", "dy@example.com,,,,,,,d,,,org_a,,boss"), "role_unknown", "users"),
        (append("users", "dy@example.com,,,,=HYPERLINK(1),,,d,,,,,"), "formula", "users"),
        (append("organizations", ",,,,"), None, None),
        (append("organizations", ",,,acme.com,"), "organization_nameless", "organizations"),
        (append("organizations", ",org_a,Acme,,"), "organization_twice", "organizations"),
        (append("memberships", ",nobody,,,org_a,,,"), "user_unknown", "memberships"),
        (append("memberships", ",,,,org_a,,,"), "user_unnamed", "memberships"),
        (append("memberships", ",auth0|3,,,,,,"), "organization_unnamed", "memberships"),
        (append("memberships", ",auth0|1,,,org_a,,,"), "membership_twice", "memberships"),
        (append("roleDefinitions", ",Boss,environment,,,"), "role_nameless", "roleDefinitions"),
        (append("roleDefinitions", "boss,Boss,galaxy,,,"), "role_type", "roleDefinitions"),
        (append("roleDefinitions", "boss,Boss,organization,,,"), "role_type", "roleDefinitions"),
        (append("roleDefinitions", "editor,Editor,environment,,,"), "role_twice", "roleDefinitions"),
        (append("userRoleAssignments", ",,auth0|1,,,org_a"), "role_nameless", "userRoleAssignments"),
        (append("totpSecrets", "zed@example.com,JBSWY3DPEHPK3PXP,,"), "user_unknown", "totpSecrets"),
        (append("totpSecrets", "ana@example.com,no!,,"), "totp_secret", "totpSecrets"),
        (manifest(secretsRedacted=True), "secrets_not_declared", "totpSecrets"),
        (lambda package: (package / FILES["totpSecrets"]).chmod(0o644), "secrets_readable", "totpSecrets"),
    ],
)
def test_each_fault_is_found(package: Path, change: Change, code: str | None, key: str | None) -> None:
    change(package)
    found = codes(package)
    assert found == set() if code is None else (code, FILES[key or ""]) in found
    said = " ".join(finding.message for finding in validate(package))
    assert SECRET not in said and "Sw0rdf1sh" not in said and "$9z$" not in said


def test_a_finding_names_its_line(package: Path) -> None:
    append("users", "nobody,,,,,,,d,,,,,")(package)
    (finding,) = (one for one in validate(package) if one.code == "email_syntax")
    assert finding.line == 7


def test_the_headers_of_older_releases_can_be_used(package: Path) -> None:
    replace("proxyRoutes", "externalId", "importedId")(package)
    assert codes(package) == {("header_differs", FILES["proxyRoutes"])}


def test_a_million_faults_are_counted_and_few_are_kept(package: Path) -> None:
    append("users", "\n".join(f"nobody,,,,,,,d{n},,,,," for n in range(100)))(package)
    findings = validate(package)
    assert len([one for one in findings if one.code == "email_syntax"]) == SHOWN
    assert findings.more() == [
        ("email_syntax", "users.csv", 100 - SHOWN),
        ("email_twice", "users.csv", 99 - SHOWN),
    ]
    assert findings.total("error") == 100 + 99 + 1
