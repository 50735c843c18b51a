"""cockpit package: out of one state, checked, into another, and from there to the target."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from cockpit.package.headers import FILES, HEADERS
from tests.cli.shell import Shell
from tests.package.states import ACME, SECRET, everything, fill
from tests.sandbox.running import Running

TARGET = "[target]\nwrites_per_10s = 0\nreads_per_10s = 0\nrequests_per_60s = 0\nfactors_per_s = 0\n"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    folder = tmp_path / "from"
    folder.mkdir()
    shell = Shell(folder)
    fill(shell.state, ACME)
    return shell


def fresh(tmp_path: Path, **environment: str) -> Shell:
    folder = tmp_path / "to"
    folder.mkdir()
    (folder / "cockpit.toml").write_text(TARGET)
    return Shell(folder, **environment)


def test_write_validate_and_load(tmp_path: Path, shell: Shell) -> None:
    done = shell.run("package", "write", "../package", "--include-secrets")
    assert done.returncode == 0, done.stderr
    assert "3 users (1 with a password hash), 3 organizations, 4 memberships, 3 roles" in done.stdout
    assert "1 TOTP secret" in done.stdout
    assert shell.run("package", "validate", "../package").returncode == 0
    other = fresh(tmp_path)
    done = other.run("package", "load", "../package")
    assert done.returncode == 0, done.stderr
    assert "3 organizations exported; 3 roles exported; 3 users exported" in done.stdout
    assert other.run("users", "lint").returncode == 0
    assert everything(other.state) == everything(shell.state)


def test_secrets_are_left_out_unless_asked_for_and_it_is_said(tmp_path: Path, shell: Shell) -> None:
    done = shell.run("package", "write", "../package")
    assert "1 left out: TOTP secrets, which need --include-secrets" in done.stdout
    package = tmp_path / "package"
    assert (package / FILES["totpSecrets"]).read_text() == ",".join(HEADERS["2.5.0"]["totpSecrets"]) + "\n"
    told = shell.json("package", "write", "../again", "--include-secrets", "--template", "2.6")
    assert (told["users"], told["hashes"], told["secrets"], told["left"]) == (3, 1, 1, {})
    secrets = tmp_path / "again" / FILES["totpSecrets"]
    assert SECRET in secrets.read_text()
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o600
    assert SECRET not in json.dumps(told)


def test_findings_are_lines_or_json_and_exit_3(tmp_path: Path, shell: Shell) -> None:
    shell.run("package", "write", "../package")
    with (tmp_path / "package" / FILES["users"]).open("a") as file:
        file.write("\x1b[31mnobody,,,,,,,u9,,,,,\n")
    done = shell.run("package", "validate", "../package")
    assert done.returncode == 3
    assert "users.csv:7: email" in done.stdout and "\x1b[31m" not in done.stdout
    assert "2 errors, 0 warnings" in done.stdout
    done = shell.run("package", "validate", "../package", "--json")
    told: dict[str, Any] = json.loads(done.stdout)
    assert (done.returncode, told["valid"], told["errors"]) == (3, False, 2)
    assert {finding["code"] for finding in told["findings"]} == {"email_syntax", "count_differs"}


def test_mistakes_end_in_a_line(tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("mine")
    assert "there already" in shell.refused("package", "write", "../full", code=1)
    other = fresh(tmp_path)
    assert "no state at" in other.refused("package", "write", "../new", code=1)
    assert "does not exist" in other.refused("package", "validate", "../new", code=2)
    assert "a migration package has one" in other.refused("package", "load", "../full", code=2)
    assert "--read-only" in other.refused("package", "load", "../full", "--read-only", code=2)
    assert "no folder is named" in other.refused("users", "export", "--source", "package", code=2)
    assert "no file is named" in other.refused("users", "export", "--source", "csv", code=2)
    assert "no such setting" in other.refused(
        "users", "export", "--source", "auth0", "--dir", "../full", code=2
    )


def test_where_the_files_are_is_remembered(tmp_path: Path) -> None:
    other = fresh(tmp_path)
    for name in ("a", "b"):
        (other.folder / f"{name}.csv").write_text(f"email,org_name\n{name}@example.com,Acme\n")
    assert other.run("users", "export", "--source", "csv", "--file", "a.csv").returncode == 0
    done = other.run("orgs", "export")
    assert (done.returncode, done.stdout.splitlines()[0]) == (0, "1 organizations exported")
    assert other.json("status")["source"] == f"csv:{other.folder / 'a.csv'}"
    said = other.refused("users", "export", "--source", "csv", "--file", "b.csv", code=2)
    assert "a.csv" in said and "name another file with --state" in said
    assert "come with the users" in other.refused("memberships", "export", code=2)


def test_a_package_goes_to_the_target_by_one_command(tmp_path: Path, shell: Shell) -> None:
    shell.run("package", "write", "../package", "--include-secrets")
    with Running("--source", "none", "--limits", "off") as running:
        other = fresh(tmp_path, WORKOS_BASE_URL=running.base_url, WORKOS_API_KEY="sk_sandbox")
        args = ("--source", "package", "--dir", "../package", "--override", "passwords were looked at")
        done = other.run("run", *args)
        assert done.returncode == 0, (done.stdout, done.stderr)
        status = other.json("status")
        assert {
            kind: status[kind]["imported"] for kind in ("users", "organizations", "memberships", "factors")
        } == {
            "users": 3,
            "organizations": 3,
            "memberships": 4,
            "factors": 1,
        }
        assert status["diff"]["clean"]
