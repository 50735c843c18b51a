"""Two reviewers, two processes, one group at once: each record is sent once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.jobs import reviewing
from tests.jobs.remote import Remote
from tests.jobs.reviewing import record, still_open
from tests.jobs.world import UNLIMITED, World

PEOPLE = 300


@pytest.fixture
def world(tmp_path: Path, target: Remote) -> World:
    """A group that the target refused, and that would be well now."""
    world = World(tmp_path, target.base_url, UNLIMITED)
    reviewing.export(world, [record(n) for n in range(PEOPLE)])
    theirs = [target.create(email=f"user{n}@example.com", external_id=f"crm-{n}") for n in range(PEOPLE)]
    assert (world.run_here("import").result or {})["exit"] == 3
    assert len(still_open(world)) == PEOPLE
    for user in theirs:
        target.call("DELETE", f"/user_management/users/{user['id']}")
    return world


def command(world: World, operator: str, *args: str) -> "subprocess.Popen[str]":
    files = ("--state", str(world.state), "--config", str(world.config), "--operator", operator)
    return subprocess.Popen(
        [sys.executable, "-m", "cockpit", *args, *files],
        env=world.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_both_retry_and_both_import_is_sent_once(world: World, target: Remote) -> None:
    (cause,) = set(world.ask("select fingerprint from errors"))
    before = target.stats()["writes"]
    both = [command(world, who, "errors", "retry", "--group", cause) for who in ("ana", "bo")]
    told = [process.communicate(timeout=60) for process in both]
    assert sorted(process.returncode for process in both) in ([0, 0], [0, 1]), told
    moved = sum(int(out.split()[0].replace(",", "")) for out, _ in told if out)
    assert moved == PEOPLE, "each is retried by one of them"
    imports = [command(world, who, "users", "import") for who in ("ana", "bo")]
    for process in imports:
        process.communicate(timeout=120)
    assert world.counts() == {"imported": PEOPLE}
    assert target.stats()["writes"] - before == PEOPLE
    assert len(target.users()) == PEOPLE
    assert world.ask("select max(attempts), min(attempts) from operations") == [(2, 2)]
