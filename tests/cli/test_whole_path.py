"""The whole path by the command line, against the sandbox: to a clean diff, interrupted, and as a demo."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.demo import sandbox
from tests.cli.shell import ALL, Shell, against
from tests.sandbox.running import Running

USERS = 400


@pytest.fixture(params=["auth0", "firebase"])
def side(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    source: str = request.param
    with Running("--source", source, "--users", str(USERS), "--limits", "off") as running:
        yield source, running.base_url


@pytest.fixture
def auth0(tmp_path: Path) -> Iterator[Shell]:
    with Running("--source", "auth0", "--users", str(USERS), "--limits", "off") as running:
        yield against(tmp_path, running.base_url, "auth0", USERS)


def events(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [json.loads(line) for line in done.stdout.splitlines()]
    assert all("ts" in line and "event" in line for line in lines)
    assert lines[-1]["event"] == "result" and lines[-1]["exit"] == done.returncode
    return lines


def test_export_import_and_a_clean_diff(tmp_path: Path, side: tuple[str, str]) -> None:
    source, url = side
    shell = against(tmp_path, url, source, USERS)
    for verb in ("export", "import", "diff"):
        done = shell.run("users", verb, "--source", source)
        assert done.returncode == 0, (verb, done.stdout, done.stderr)
    assert "clean" in done.stdout
    status = shell.json("status")
    assert status["users"]["imported"] == status["users"]["exported"] == USERS
    assert status["diff"]["clean"] and status["pages"]["complete"]
    assert shell.json("state", "check")["ok"]
    assert [job["kind"] for job in shell.json("jobs")] == ["diff", "import", "export"]


def test_whom_the_source_bars_stays_behind_and_the_diff_is_clean_all_the_same(
    tmp_path: Path, side: tuple[str, str]
) -> None:
    source, url = side
    shell = against(tmp_path, url, source, USERS)
    (shell.folder / "cockpit.toml").write_text("[target]\nwrites_per_10s = 0\n")
    for verb in ("export", "import", "diff"):
        assert shell.run("users", verb, "--source", source).returncode == 0
    status = shell.json("status")
    barred = shell.json("users", "list", "--rule", "banned")
    assert 0 < len(barred) == status["users"]["skipped"] == status["holds"]["banned"]
    assert {(row["state"], row["held"]) for row in barred} == {("skipped", "banned")}
    assert status["users"]["imported"] == USERS - len(barred)
    assert status["diff"]["clean"] and status["diff"]["accepted"] == len(barred)
    assert shell.json("state", "check")["ok"]


def test_long_commands_print_json_lines(auth0: Shell) -> None:
    exported = events(auth0.run("users", "export", "--source", "auth0", "--json"))
    assert exported[0]["event"] == "started" and exported[-1]["users"] == USERS
    imported = events(auth0.run("users", "import", "--limit", "150", "--json"))
    assert imported[-1]["imported"] == 150
    lines = events(auth0.run("users", "diff", "--json"))
    found = [line for line in lines if line["event"] == "finding"]
    assert len(found) == lines[-1]["missing"] == USERS - 150
    assert lines[-1]["exit"] == 4


def test_an_interrupted_import_says_how_to_go_on_and_does(auth0: Shell) -> None:
    assert auth0.run("users", "export", "--source", "auth0").returncode == 0
    (auth0.folder / "cockpit.toml").write_text(f"[target]\nwrites_per_10s = 500\n{ALL}")
    process = subprocess.Popen(
        auth0.command("users", "import"),
        cwd=auth0.folder,
        env=auth0.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: auth0.json("status")["users"]["imported"] > 0)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert "the same command" in said and "Traceback" not in said
    users = auth0.json("status")["users"]
    assert 0 < users["imported"] < USERS and users["sending"] == 0
    (auth0.folder / "cockpit.toml").write_text(f"[target]\nwrites_per_10s = 0\n{ALL}")
    assert auth0.run("users", "import").returncode == 0
    assert auth0.json("status")["users"]["imported"] == USERS
    assert auth0.run("users", "diff").returncode == 0


def test_a_lost_terminal_does_not_stop_the_job(auth0: Shell) -> None:
    assert auth0.run("users", "export", "--source", "auth0").returncode == 0
    process = subprocess.Popen(
        auth0.command("users", "import"),
        cwd=auth0.folder,
        env=auth0.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: any(job["kind"] == "import" for job in auth0.json("jobs")))
    process.send_signal(signal.SIGHUP)
    assert process.wait(timeout=10) == -signal.SIGHUP
    wait_until(lambda: auth0.json("status")["users"]["imported"] == USERS)


def test_a_detached_import_is_paused_throttled_and_stopped(auth0: Shell) -> None:
    assert auth0.run("users", "export", "--source", "auth0").returncode == 0
    (auth0.folder / "cockpit.toml").write_text(f"[target]\nwrites_per_10s = 100\n{ALL}")
    assert auth0.run("users", "import", "--detach").returncode == 0
    wait_until(lambda: auth0.json("jobs")[0]["state"] == "running")
    assert "PAUSED" in auth0.run("pause", "import").stdout
    assert auth0.run("throttle", "import", "5").stdout.strip().endswith("at most 5 writes a second")
    assert auth0.run("resume", "import").returncode == 0
    assert auth0.run("stop", "import").returncode == 0
    wait_until(lambda: auth0.json("jobs")[0]["state"] == "stopped")
    assert "it again" in auth0.refused("pause", "import", code=1)


def test_a_job_that_dies_without_a_word(auth0: Shell) -> None:
    assert auth0.run("users", "export", "--source", "auth0").returncode == 0
    (auth0.folder / "cockpit.toml").write_text(f"[target]\nwrites_per_10s = 100\n{ALL}")
    process = subprocess.Popen(
        auth0.command("users", "import"),
        cwd=auth0.folder,
        env=auth0.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: auth0.json("jobs")[0]["state"] == "running")
    os.kill(auth0.json("jobs")[0]["pid"], signal.SIGKILL)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "died" in said and "cockpit.db.log" in said and "resumes" in said


def test_a_refused_key_stops_the_import_and_fails_nobody(auth0: Shell) -> None:
    assert auth0.run("users", "export", "--source", "auth0").returncode == 0
    said = auth0.refused("users", "import", code=1, WORKOS_API_KEY="sk_of_nobody")
    assert "key" in said and "sk_of_nobody" not in said
    users = auth0.json("status")["users"]
    assert users["failed"] == 0 and users["ready"] == USERS


@pytest.mark.parametrize("source", ["auth0", "firebase"])
def test_a_demo_without_a_person_ends_clean(tmp_path: Path, source: str) -> None:
    shell = Shell(tmp_path)
    options = ("--headless", "--source", source, "--users", "400", "--faults", "some", "--seed", "7")
    try:
        done = shell.run("demo", *options)
        assert done.returncode == 0, (done.stdout, done.stderr)
        assert "the diff is clean" in done.stdout and "sandbox-secret" not in done.stdout + done.stderr
        status = shell.json("--state", "demo/cockpit.db", "status")
        users = status["users"]
        assert users["exported"] == users["imported"] + users["skipped"] == 400
        assert status["errors"]["open"] == 0 and status["diff"]["clean"]
        assert shell.json("--state", "demo/cockpit.db", "state", "check")["ok"]
        other = shell.refused("demo", "--headless", "--users", "300", code=2)
        assert "--users 400" in other
    finally:
        end_sandbox(tmp_path / "demo")


def test_a_demo_leaves_other_peoples_folders_alone(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "cockpit.db").write_text("mine")
    assert "something else" in Shell(tmp_path).refused("demo", "--headless", code=2)
    assert (tmp_path / "demo" / "cockpit.db").read_text() == "mine"


def end_sandbox(folder: Path) -> None:
    """End the sandbox that a demo started in this folder."""
    ready = folder / "sandbox.json"
    if sandbox.found(ready) is not None:
        os.kill(json.loads(ready.read_text())["pid"], signal.SIGTERM)


def wait_until(happened: Any, seconds: float = 60) -> None:
    """Return once it is so."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it never happened"
        time.sleep(0.1)
