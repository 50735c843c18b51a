"""cockpit events: what is new, once, and where the state stands."""

import json
import signal
import subprocess
from pathlib import Path

from tests.cli.shell import Shell, seeded
from tests.jobs.remote import Remote
from tests.jobs.test_events import connect, sign_in
from tests.sandbox.running import Running


def _shell(folder: Path, sandbox: Running) -> Shell:
    return seeded(folder, WORKOS_BASE_URL=sandbox.base_url, WORKOS_API_KEY="sk_sandbox")


def test_events_come_once_each_and_status_says_how_far_they_are(tmp_path: Path) -> None:
    with Running("--source", "none", "--limits", "off") as sandbox:
        target, shell = Remote(sandbox.base_url), _shell(tmp_path, sandbox)
        assert shell.json("status")["events"] == {"cursor": None, "lag_s": None}
        (ident,) = connect(target, "Acme")
        sign_in(target, ident, "started", "failed")
        lines = [json.loads(line) for line in shell.run("events", "--json").stdout.splitlines()]
        told = [line for line in lines if line["event"] == "event"]
        assert [event["name"] for event in told] == [
            "connection.activated",
            "authentication.sso_started",
            "authentication.sso_failed",
        ]
        assert told[2]["connection"] == ident
        assert told[2]["data"]["error"]["code"] == "sso_failed"
        assert (lines[-1]["event"], lines[-1]["exit"], lines[-1]["events"]) == ("result", 0, 3)
        standing = shell.json("status")["events"]
        assert standing["cursor"] == told[2]["id"]
        assert standing["lag_s"] >= 0
        again = shell.run("events")
        assert again.returncode == 0
        assert again.stdout.count(ident) == 3  # those of the run before, for a person
        assert "0 new events" in again.stdout
        assert "followed until" in shell.run("status").stdout


def test_following_ends_by_ctrl_c_and_goes_on_later(tmp_path: Path) -> None:
    with Running("--source", "none", "--limits", "off") as sandbox:
        target, shell = Remote(sandbox.base_url), _shell(tmp_path, sandbox)
        (ident,) = connect(target, "Acme")
        process = subprocess.Popen(
            shell.command("events", "--follow", "--json"),
            cwd=shell.folder,
            env=shell.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        _until(process, "connection.activated")
        sign_in(target, ident, "started")
        _until(process, "authentication.sso_started")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert json.loads(out.splitlines()[-1])["exit"] == process.returncode == 130
        sign_in(target, ident, "succeeded")
        more = shell.run("events", "--json").stdout
        assert more.count('"name": "authentication.sso_') == 1


def _until(process: "subprocess.Popen[str]", name: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("name") == name:
            return
    raise AssertionError(f"it ended before {name}")


def test_where_a_job_follows_already_its_events_are_only_shown(tmp_path: Path) -> None:
    with Running("--source", "none", "--limits", "off") as sandbox:
        target, shell = Remote(sandbox.base_url), _shell(tmp_path, sandbox)
        (ident,) = connect(target, "Acme")
        assert shell.run("events", "--detach").returncode == 0
        try:
            while "connection.activated" not in shell.run("events").stdout:
                pass
            jobs = [job for job in shell.json("jobs") if job["kind"] == "events"]
            assert len(jobs) == 1
            assert ident in shell.run("events").stdout
        finally:
            shell.run("stop", "events")


def test_without_a_key_or_a_state_it_says_what_is_missing(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    assert "no state" in shell.refused("events", code=1)
    assert "WORKOS_API_KEY" in seeded(tmp_path).refused("events", code=2, WORKOS_API_KEY="")
