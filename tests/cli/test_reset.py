"""passwords reset: look first, try one, then write to all."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.records import Password
from tests.cli.shell import Shell
from tests.jobs.remote import Remote
from tests.jobs.world import UNLIMITED, person, seed
from tests.sandbox.running import Running

CHOSEN = '[passwords]\nwithout_hash = "email"\n'
REASON = "md5, which the target does not take"


@pytest.fixture(scope="module")
def target() -> Iterator[Remote]:
    with Running("--source", "none", "--limits", "off") as running:
        yield Remote(running.base_url)


@pytest.fixture
def shell(tmp_path: Path, target: Remote) -> Shell:
    """Two users at the target without their password."""
    target.reset()
    shell = Shell(tmp_path, WORKOS_BASE_URL=target.base_url, WORKOS_API_KEY="sk_sandbox")
    (tmp_path / "cockpit.toml").write_text(UNLIMITED + CHOSEN)
    seed(shell.state, [person(n, password=Password.unsupported(REASON)) for n in (1, 2)])
    assert shell.run("users", "import").returncode == 0
    return shell


def test_a_dry_run_says_who_waits_and_sends_nothing(shell: Shell, target: Remote) -> None:
    waiting = {"reason": REASON, "waiting": 2, "sent": 0, "failed": 0, "unknown": 0}
    assert shell.json("passwords", "reset", "--dry-run") == [waiting]
    assert REASON in shell.run("--read-only", "passwords", "reset", "--dry-run").stdout
    assert target.stats()["resets"] == {}


def test_one_is_tried_before_anybody_says_who_sends(shell: Shell, target: Remote) -> None:
    assert "passwords reset --user" in shell.refused("passwords", "reset", code=2)
    done = shell.run("passwords", "reset", "--user", "user1@example.com")
    assert done.returncode == 0 and "mailer" in done.stdout
    assert target.stats()["resets"] == {"user1@example.com": 1}


def test_then_all_are_written_to(shell: Shell, target: Remote) -> None:
    (shell.folder / "cockpit.toml").write_text(UNLIMITED + CHOSEN + 'mailer = "workos"\n')
    done = shell.run("passwords", "reset", "--json")
    assert json.loads(done.stdout.splitlines()[-1])["sent"] == 2
    assert target.stats()["resets"] == {"user1@example.com": 1, "user2@example.com": 1}


def test_whom_the_target_does_not_have_is_refused(shell: Shell) -> None:
    assert "no user" in shell.refused("passwords", "reset", "--user", "nobody", code=1)


def test_it_writes(shell: Shell) -> None:
    assert "--read-only" in shell.refused("--read-only", "passwords", "reset", code=2)
