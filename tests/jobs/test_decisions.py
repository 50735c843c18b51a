"""What must be decided before the target is written to: which target, and who goes without a password."""

from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.jobs import plan
from cockpit.jobs import target as targets
from cockpit.jobs.launch import JobRefused
from cockpit.jobs.lock import held
from cockpit.records import Password
from cockpit.settings import TargetSettings
from cockpit.state import check, holds, users
from cockpit.state.database import open_state, transaction
from tests.jobs.remote import Remote
from tests.jobs.world import HASH, QUIET, UNLIMITED, World, person, seed

FAR = "http://workos.invalid"
"""A target that is not on loopback and can't be reached."""
LOST = Password.unsupported("no hash in the export")


def world_with(folder: Path, base_url: str, without_hash: str) -> World:
    """Two users with their hash, one whose hash could not be had, one who never had a password."""
    policy = f'{UNLIMITED}[passwords]\nwithout_hash = "{without_hash}"\n'
    world = World(folder, base_url, policy)
    people = [person(1), person(2), person(3, password=LOST), person(4, password=Password())]
    seed(world.state, people)
    return world


def result(world: World, **args: Any) -> dict[str, Any]:
    found = world.run_here("import", **args).result
    assert found is not None
    connection = world.read()
    assert check.check(connection) == []
    connection.close()
    return found


def test_undecided_passwords_close_the_gate_before_anything_is_sent(tmp_path: Path) -> None:
    world = world_with(tmp_path, FAR, "ask")
    world.prove(*QUIET)
    told = result(world)
    assert told["exit"] == 5
    assert told["message"].startswith(
        "1 user had a password whose hash could not be had (1: no hash in the export): load their hashes"
    )
    assert world.counts() == {"ready": 4}
    assert world.ask("select count(*) from operations where sent_at is not null") == [0]


def test_on_loopback_the_gate_is_a_warning(tmp_path: Path, target: Remote) -> None:
    world = world_with(tmp_path, target.base_url, "ask")
    assert result(world)["exit"] == 0
    assert world.counts() == {"imported": 4}
    ((level, text),) = world.ask("select level, text from notices where text like '%password%'")
    assert level == "warn"
    assert "only a warning, the target is on loopback" in text


@pytest.mark.parametrize("decided", ["silent", "email"])
def test_by_decision_they_go_along_without(tmp_path: Path, target: Remote, decided: str) -> None:
    world = world_with(tmp_path, target.base_url, decided)
    assert result(world)["exit"] == 0
    assert [user["password"] for user in target.users()].count(None) == 2


def test_held_they_are_skipped_until_their_hash_is_there(tmp_path: Path, target: Remote) -> None:
    world = world_with(tmp_path, target.base_url, "hold")
    assert result(world)["exit"] == 0
    assert world.counts() == {"imported": 3, "skipped": 1}
    assert world.ask("select action, subject, why from audit") == [("users.hold", "1 user", "password")]
    result(world)
    assert world.counts() == {"imported": 3, "skipped": 1}
    connection = open_state(world.state)
    with transaction(connection):
        assert users.load_password(connection, 3, "bcrypt", HASH, "passwords.ndjson")
    connection.close()
    result(world)
    assert world.counts() == {"imported": 4}
    assert [user["password"] for user in target.users()].count(None) == 1


def test_held_they_go_along_once_it_is_decided_otherwise(tmp_path: Path, target: Remote) -> None:
    world = world_with(tmp_path, target.base_url, "hold")
    result(world)
    world.config.write_text(f'{UNLIMITED}[passwords]\nwithout_hash = "silent"\n')
    result(world)
    assert world.counts() == {"imported": 4}


@pytest.mark.parametrize("other", ["address", "key"])
def test_another_target_is_refused_until_the_journal_starts_anew(
    tmp_path: Path, target: Remote, other: str
) -> None:
    world = world_with(tmp_path, target.base_url, "silent")
    result(world)
    target.call("POST", "/_sandbox/keys/add", {"key": "sk_other"})
    if other == "key":
        world.environment["WORKOS_API_KEY"] = "sk_other"
    else:
        world.environment["WORKOS_BASE_URL"] = target.base_url.replace("127.0.0.1", "localhost")
    refused = result(world)
    assert refused["exit"] == 2
    assert "cockpit target new" in refused["message"]
    assert "sk_" not in refused["message"]
    assert world.counts() == {"imported": 4}

    for user in target.users():
        target.call("DELETE", f"/user_management/users/{user['id']}")
    assert targets.new(world.state, operator="ana", clock=SystemClock()) == 4
    assert world.counts() == {"ready": 4}
    assert result(world)["exit"] == 0
    assert len(target.users()) == 4
    assert world.ask("select action, operator from audit where action = 'target.new'") == [
        ("target.new", "ana")
    ]


def test_the_journal_does_not_start_anew_under_an_import(tmp_path: Path) -> None:
    world = world_with(tmp_path, FAR, "silent")
    with held(world.state, "target-writes"), pytest.raises(JobRefused, match="stop it first"):
        targets.new(world.state, operator="ana", clock=SystemClock())


def test_a_target_that_cannot_be_resolved_is_told_and_nobody_fails(tmp_path: Path) -> None:
    world = world_with(tmp_path, FAR, "silent")
    world.prove(*QUIET)
    process = world.start("import")
    why = "target is down (can't resolve workos.invalid"
    world.wait_for("it says so", "import", lambda job: job.reason.startswith(why))
    process.terminate()
    assert (world.end(process, "import").result or {})["exit"] == 130
    assert world.counts() == {"ready": 4}


def test_without_a_key_it_says_which_variable_to_set(tmp_path: Path, target: Remote) -> None:
    world = world_with(tmp_path, target.base_url, "silent")
    del world.environment["WORKOS_API_KEY"]
    told = result(world)
    assert (told["exit"], told["message"]) == (2, "no WorkOS API key; set WORKOS_API_KEY")


def test_a_dry_run_tells_requests_and_the_least_time_and_sends_nothing(tmp_path: Path) -> None:
    world = world_with(tmp_path, FAR, "ask")
    policy = holds.Policy((), "ask")
    planned = plan.dry_run(world.state, TargetSettings.load({}, "target"), policy)
    assert (planned.users, planned.writes, planned.carried, planned.unlinted) == (4, 4, 2, 0)
    assert planned.seconds == pytest.approx(4 / 49.5)
    assert planned.without_hash == {"no hash in the export": 1}
    unlimited = TargetSettings.load({"writes_per_10s": 0}, "target")
    assert plan.dry_run(world.state, unlimited, policy).seconds is None
    assert planned.held == {}
    planned = plan.dry_run(world.state, unlimited, holds.Policy((), "hold"))
    assert (planned.users, planned.held) == (3, {"password": 1})
    assert world.counts() == {"ready": 4}
