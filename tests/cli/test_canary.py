"""The canary: one user goes ahead and signs in with the password they have always had."""

import json
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.cli.shell import Shell, against
from tests.sandbox.running import Running

USERS = 60


@pytest.fixture(params=["auth0", "firebase"])
def exported(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Shell, str, str]]:
    """A shell whose users are exported with their hashes, one of them, and that user's password."""
    source: str = request.param
    with Running("--source", source, "--users", str(USERS), "--limits", "off") as running:
        shell = against(tmp_path, running.base_url, source, USERS)
        assert shell.run("users", "export", "--source", source).returncode == 0
        if source == "auth0":
            assert shell.run("passwords", "load", "passwords.ndjson").returncode == 0
        assert shell.run("users", "lint").returncode == 0
        user = next(user for user in shell.json("users", "list") if user["password_type"])
        ident = user["external_id"]
        with urllib.request.urlopen(
            f"{running.base_url}/_sandbox/password?id={quote(ident, safe='')}"
        ) as told:
            yield shell, ident, json.load(told)["password"]


def sing(shell: Shell, ident: str, password: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        shell.command("users", "canary", "--user", ident),
        input=f"{password}\n", cwd=shell.folder, env=shell.environment, capture_output=True, text=True,
        timeout=60,
    )  # fmt: skip


def test_the_right_password_opens_the_gate_and_a_wrong_one_does_not(exported: tuple[Shell, str, str]) -> None:
    shell, ident, password = exported
    wrong = sing(shell, ident, "not-" + password)
    assert wrong.returncode == 1 and "invalid_credentials" in wrong.stderr
    right = sing(shell, ident, password)
    assert right.returncode == 0, right.stderr
    assert "signs in" in right.stdout
    assert password not in wrong.stdout + wrong.stderr + right.stdout + right.stderr
    assert shell.json("status")["users"]["imported"] == 1
    assert password not in (shell.folder / "cockpit.db.log").read_text()


def test_who_has_no_password_can_prove_nothing(exported: tuple[Shell, str, str]) -> None:
    shell, _, _ = exported
    other = next(user for user in shell.json("users", "list") if not user["password_type"])
    said = shell.refused("users", "canary", "--user", other["external_id"], code=1)
    assert "no password that goes along" in said
    assert "no user" in shell.refused("users", "canary", "--user", "nobody", code=1)
