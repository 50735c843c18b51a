"""What goes into a package, what stays out of it, and that it is whole or not there."""

import csv
import json
import stat
from pathlib import Path
from typing import Any

import pytest

from cockpit.package import PackageError, folder
from cockpit.package.headers import FILES, HEADERS, TEMPLATES, Template
from cockpit.records import Factor, Membership, Organization, User
from cockpit.state import errors, journal
from cockpit.state.database import open_state, transaction
from tests.package.states import ACME, AT, SECRET, People, fill, packed


@pytest.fixture
def state(tmp_path: Path) -> Path:
    path = tmp_path / "cockpit.db"
    fill(path, ACME)
    return path


def rows(package: Path, key: str) -> list[dict[str, str]]:
    with (package / FILES[key]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def lines(package: Path, key: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (package / FILES[key]).read_text().splitlines()]


def manifest(package: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((package / "manifest.json").read_text())
    return found


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_file_of_the_contract_is_there_with_its_header(
    state: Path, tmp_path: Path, template: Template
) -> None:
    package = tmp_path / "package"
    packed(state, package, template=template)
    for key, name in FILES.items():
        content = (package / name).read_text()
        if key in HEADERS[template]:
            assert content.splitlines()[0] == ",".join(HEADERS[template][key])
    assert manifest(package)["files"] == dict(FILES)


def test_somebody_in_several_organizations_has_a_row_for_each(state: Path, tmp_path: Path) -> None:
    packed(state, tmp_path / "package")
    users = rows(tmp_path / "package", "users")
    assert [(row["external_id"], row["org_external_id"], row["role_slugs"]) for row in users] == [
        ("auth0|1", "org_a", "editor,member"),
        ("auth0|1", "org_b", "org-auditor"),
        ("auth0|1", "org_c", ""),
        ("auth0|2", "org_b", "member"),
        ("auth0|3", "", ""),
    ]
    assert {row["org_id"] for row in users} == {""}  # the other tool refuses a row that has both
    assert len(rows(tmp_path / "package", "memberships")) == 4
    assert [row["role_slug"] for row in rows(tmp_path / "package", "userRoleAssignments")] == [
        *("editor", "member", "org-auditor", "member")
    ]
    assert len(rows(tmp_path / "package", "uploadUsers")) == 3


def test_the_manifest_counts_what_is_written(state: Path, tmp_path: Path) -> None:
    packed(state, tmp_path / "package")
    told = manifest(tmp_path / "package")
    assert told["entitiesExported"] == {
        **{key: len(rows(tmp_path / "package", key)) for key in HEADERS["2.5.0"]},
        "warnings": 0,
        "skippedUsers": 0,
    }
    assert (told["schemaVersion"], told["provider"], told["sourceTenant"]) == (
        1,
        "auth0",
        "acme.us.auth0.com",
    )
    assert told["generatedAt"] == AT
    assert told["metadata"]["distinctUsers"] == 3


def test_a_whole_name_is_divided_for_the_other_tool(state: Path, tmp_path: Path) -> None:
    packed(state, tmp_path / "package")
    (bo,) = (row for row in rows(tmp_path / "package", "users") if row["external_id"] == "auth0|2")
    assert (bo["first_name"], bo["last_name"]) == ("Bo van", "Dyk")


def test_without_being_asked_no_totp_secret_is_written(state: Path, tmp_path: Path) -> None:
    report = packed(state, tmp_path / "package", secrets=False)
    assert report.left == {"TOTP secrets, which need --include-secrets": 1}
    told = manifest(tmp_path / "package")
    assert told["secretsRedacted"] is True
    assert told["secretRedaction"]["redactedFields"] == ["totp_secret"]
    for file in (tmp_path / "package").rglob("*"):
        assert file.is_dir() or SECRET not in file.read_text()


def test_asked_for_they_are_and_the_manifest_says_so(state: Path, tmp_path: Path) -> None:
    packed(state, tmp_path / "package", secrets=True)
    told = manifest(tmp_path / "package")
    assert (told["secretsRedacted"], told["secretRedaction"]["mode"]) == (False, "included")
    assert rows(tmp_path / "package", "totpSecrets") == [
        {"email": "ana@example.com", "totp_secret": SECRET, "totp_issuer": "Acme", "totp_user": "'+ana"}
    ]


def test_every_file_is_its_owner_s_alone(state: Path, tmp_path: Path) -> None:
    packed(state, tmp_path / "package")
    for path in [tmp_path / "package", *(tmp_path / "package").rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_no_cell_is_a_formula(tmp_path: Path) -> None:
    evil = "=cmd|' /C calc'!A0"
    people = People(
        users=[
            User(source_id="u1", email="a@example.com", first_name=evil, last_name="\t=1"),
            User(source_id=evil, email="b@example.com"),
            User(source_id="u3", email="c@example.com"),
        ],
        organizations=[Organization(source_id="o1", name=evil), Organization(source_id=evil, name="Evil")],
        memberships=[
            Membership(user="u1", organization="o1"),
            Membership(user="u3", organization=evil),
        ],
    )
    fill(tmp_path / "cockpit.db", people)
    report = packed(tmp_path / "cockpit.db", tmp_path / "package")
    for file in (tmp_path / "package").rglob("*.csv"):
        with file.open(encoding="utf-8", newline="") as content:
            cells = [cell for row in csv.reader(content) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))], file
    assert [told["user_id"] for told in lines(tmp_path / "package", "skippedUsers")] == [evil]
    assert sorted(told["code"] for told in lines(tmp_path / "package", "warnings")) == [
        *("membership_left_out", "organization_left_out")
    ]
    assert report.users == 2 and sum(report.left.values()) == 3


def test_who_is_held_back_or_ignored_stays_out_and_is_named(state: Path, tmp_path: Path) -> None:
    connection = open_state(state)
    operation = connection.execute("select id from operations where kind = 'user' and subject = 2").fetchone()
    with transaction(connection):
        journal.move(connection, "user", [(operation[0], 2, "ready")], "skipped", 100, 1)
        skipped = connection.execute(
            "select o.id, o.subject, o.kind from operations o join resources r on r.id = o.subject "
            "where o.kind = 'organization' and r.source_id = 'org_c'"
        ).fetchone()
        journal.move(connection, "organization", [(skipped[0], skipped[1], "ready")], "skipped", 100, 1)
    connection.close()
    packed(state, tmp_path / "package")
    users = rows(tmp_path / "package", "users")
    assert {row["external_id"] for row in users} == {"auth0|1", "auth0|3"}
    assert {row["org_external_id"] for row in users} == {"org_a", "org_b", ""}
    (told,) = lines(tmp_path / "package", "skippedUsers")
    assert (told["user_id"], told["reason"]) == ("auth0|2", "ignored")
    assert [told["message"] for told in lines(tmp_path / "package", "warnings")] == [
        "organization org_c: skipped",
        "membership org_c/auth0|1: the organization is skipped",
    ]
    assert manifest(tmp_path / "package")["entitiesExported"]["skippedUsers"] == 1


def test_a_factor_that_can_t_move_is_named(tmp_path: Path) -> None:
    user = User(source_id="u1", email="a@example.com")
    factor = Factor(source_id="f", user="u1", problem="it is hotp, not TOTP")
    fill(tmp_path / "cockpit.db", People(users=[user], factors=[factor]))
    packed(tmp_path / "cockpit.db", tmp_path / "package")
    assert [told["code"] for told in lines(tmp_path / "package", "warnings")] == ["factor_left_out"]


def test_what_was_not_linted_is_not_written(state: Path, tmp_path: Path) -> None:
    connection = open_state(state)
    connection.execute("update users set page = 0 where id = 1")
    connection.close()
    with pytest.raises(PackageError, match="cockpit users lint"):
        packed(state, tmp_path / "package")
    assert not (tmp_path / "package").exists()


@pytest.mark.parametrize("there", ["file", "folder"])
def test_nothing_is_overwritten(state: Path, tmp_path: Path, there: str) -> None:
    path = tmp_path / "package"
    inside = path if there == "file" else path / "mine"
    inside.parent.mkdir(exist_ok=True)
    inside.write_text("mine")
    with pytest.raises(PackageError, match="there already"):
        packed(state, path)
    assert inside.read_text() == "mine"


def test_an_empty_folder_is_filled(state: Path, tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    packed(state, tmp_path / "package")
    assert manifest(tmp_path / "package")["metadata"]["distinctUsers"] == 3


def test_it_is_whole_or_not_there(tmp_path: Path) -> None:
    def fail() -> None:
        with folder.written(tmp_path / "package") as files:
            files.open("users.csv").write("email\n")
            raise OSError(28, "No space left on device", "users.csv")

    with pytest.raises(PackageError, match="No space left on device; nothing was written"):
        fail()
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_goes(state: Path, tmp_path: Path) -> None:
    left = tmp_path / ".package.partial"
    left.mkdir()
    (left / "users.csv").write_text("email\n")
    packed(state, tmp_path / "package")
    assert not left.exists()


def test_the_state_is_only_read(state: Path, tmp_path: Path) -> None:
    def told() -> list[Any]:
        connection = open_state(state)
        found = [connection.execute(f"select count(*) from {name}").fetchone() for name in ("audit", "jobs")]
        found.append([group.open for group in errors.groups(connection)])
        connection.close()
        return found

    before = told()
    packed(state, tmp_path / "package")
    assert told() == before
