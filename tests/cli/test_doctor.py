"""cockpit doctor, as a person or a script runs it: against the sandbox, and against nothing at all."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.demo.folder import Choice, Demo
from cockpit.demo.sandbox import Sandbox
from tests.cli.shell import Shell, against, seeded
from tests.sandbox.running import Running


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with Running("--source", "auth0", "--users", "300") as running:
        yield running


@pytest.fixture
def shell(sandbox: Running, tmp_path: Path) -> Shell:
    """In a folder without any settings file."""
    demo = Demo(tmp_path, Choice("auth0", 300, 1, "none"), Sandbox(sandbox.base_url))
    return Shell(tmp_path, **demo.environment())


def configure(sandbox: Running, **switches: Any) -> None:
    body = json.dumps(switches).encode()
    urllib.request.urlopen(f"{sandbox.base_url}/_sandbox/config", body).close()


def stats(sandbox: Running) -> Any:
    with urllib.request.urlopen(f"{sandbox.base_url}/_sandbox/stats") as reply:
        return json.load(reply)


def diagnosed(shell: Shell, *args: str, code: int, **environment: str) -> dict[tuple[str, str], Any]:
    """What the one document says, by subject and check."""
    done = shell.run("doctor", *args, "--json", **environment)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["exit"] == code
    assert told["ok"] == (code == 0)
    return {(check["about"], check["check"]): check for check in told["checks"]}


def test_all_is_well_and_nothing_is_written(shell: Shell, sandbox: Running) -> None:
    before = stats(sandbox)
    found = diagnosed(shell, "--source", "auth0", code=0)
    assert {about for about, _ in found} == {"source", "target", "state", "machine"}
    for key in [
        ("source", "credentials"),
        ("source", "scopes"),
        ("source", "clock"),
        ("source", "quota"),
        ("target", "credentials"),
        ("target", "clock"),
        ("target", "limits"),
        ("state", "disk"),
    ]:
        assert found[key]["level"] == "ok", found[key]
    assert "300 users" in found["source", "amount"]["what"]
    assert found["target", "radar"]["level"] == "warn"  # nothing was created, so it can't be known
    after = stats(sandbox)
    assert (after["users"], after["writes"]) == (before["users"], before["writes"])
    assert list(shell.folder.iterdir()) == []


def test_each_finding_is_a_line_that_says_its_level(shell: Shell) -> None:
    done = shell.run("doctor", "--source", "auth0")
    assert done.returncode == 0
    assert "ok    source   credentials  auth0:sandbox accepts them" in done.stdout
    assert "warn  target   radar" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("0 fail, ")


def test_without_any_settings_it_checks_what_it_can(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    for name in ("WORKOS_BASE_URL", "WORKOS_API_KEY"):
        del shell.environment[name]
    found = diagnosed(shell, code=1)
    assert found["source", "settings"]["level"] == "fail"
    assert "auth0" in found["source", "settings"]["next"]
    assert "WORKOS_API_KEY" in found["target", "credentials"]["next"]
    assert found["state", "filesystem"]["level"] == found["state", "disk"]["level"] == "ok"
    assert list(tmp_path.iterdir()) == []


def test_missing_credentials_of_a_source_are_named(tmp_path: Path) -> None:
    found = diagnosed(Shell(tmp_path), "--source", "clerk", code=1)
    assert "CLERK_SECRET_KEY" in found["source", "settings"]["next"]


def test_a_refused_key_of_the_target_fails(shell: Shell) -> None:
    found = diagnosed(shell, "--source", "auth0", code=1, WORKOS_API_KEY="sk_revoked_one")
    assert found["target", "credentials"]["level"] == "fail"
    assert "401" in found["target", "credentials"]["what"]
    assert "sk_revoked_one" not in json.dumps(list(found.values()))
    assert ("target", "radar") not in found


def test_a_wrong_secret_of_the_source_fails(shell: Shell) -> None:
    found = diagnosed(shell, "--source", "auth0", code=1, AUTH0_CLIENT_SECRET="nobody-s")
    assert found["source", "credentials"]["level"] == "fail"
    assert "nobody-s" not in json.dumps(list(found.values()))
    assert found["target", "credentials"]["level"] == "ok"


def test_a_missing_scope_is_named(shell: Shell, sandbox: Running) -> None:
    configure(sandbox, denied_scope="read:users")
    try:
        found = diagnosed(shell, "--source", "auth0", code=1)
    finally:
        configure(sandbox, denied_scope="")
    assert found["source", "scopes"]["what"] == "the token has no read:users"


def test_a_clock_far_off_fails_on_both_sides(shell: Shell, sandbox: Running) -> None:
    configure(sandbox, skew_s=3600)
    try:
        found = diagnosed(shell, "--source", "auth0", code=1)
    finally:
        configure(sandbox, skew_s=0)
    assert {found[about, "clock"]["level"] for about in ("source", "target")} == {"fail"}
    assert "behind WorkOS's" in found["target", "clock"]["what"]


def test_sides_that_are_down_fail(shell: Shell) -> None:
    found = diagnosed(
        shell, "--source", "auth0", code=1,
        AUTH0_BASE_URL="http://127.0.0.1:9", WORKOS_BASE_URL="http://127.0.0.1:9",
    )  # fmt: skip
    for about in ("source", "target"):
        assert "connection refused" in found[about, "answer"]["what"]
        assert (about, "clock") not in found


def test_a_state_of_another_source_and_target_fails(tmp_path: Path, sandbox: Running) -> None:
    seeded(tmp_path)
    shell = against(tmp_path, sandbox.base_url, "auth0", 300)
    found = diagnosed(shell, "--source", "auth0", code=1)
    assert "auth0:acme.example" in found["source", "binding"]["what"]
    assert found["target", "radar"]["level"] == "ok"  # 97 users were created there
    assert found["target", "limits"]["level"] == "warn"  # this folder's settings have none
    assert found["state", "integrity"]["level"] == "ok"


@pytest.mark.parametrize(
    ("toml", "args", "said"),
    [
        ("[target]\nwrites = 1\n", (), "writes"),
        ("not toml", (), "not TOML"),
        ("", ("--source", "nope"), "nope"),
        ('[source]\nprovider = "clerk"\n', ("--source", "auth0"), "clerk"),
    ],
)
def test_settings_that_can_t_be_read_are_exit_2(
    tmp_path: Path, toml: str, args: tuple[str, ...], said: str
) -> None:
    (tmp_path / "cockpit.toml").write_text(toml)
    assert said in Shell(tmp_path).refused("doctor", *args, code=2)


def test_the_screen_is_not_imported(shell: Shell) -> None:
    code = "import sys; from cockpit.cli.app import run; run(['doctor']); print('textual' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=shell.folder, env=shell.environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "False", done.stderr
