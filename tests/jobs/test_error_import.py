"""Errors out to a file and back: edits become overlays, decisions are carried out, secrets stay masked."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.jobs import error_import, errorfile
from cockpit.jobs.error_import import Report
from cockpit.settings import SettingsError
from cockpit.state import users
from cockpit.state.error_filter import Filter
from tests.jobs import reviewing
from tests.jobs.remote import Remote
from tests.jobs.reviewing import record, requests, still_open, writing
from tests.jobs.world import HASH, UNLIMITED, World


@pytest.fixture
def world(tmp_path: Path, target: Remote) -> World:
    """Five users; 1 and 2 have no usable e-mail, 3's is a stranger's at the target, 4 and 5 are well."""
    world = World(tmp_path, target.base_url, UNLIMITED)
    target.create(email="user3@example.com", external_id="crm-3")
    bad = [record(n, email="bad@@", secret_note="x", token="s3cret") for n in (1, 2)]
    reviewing.export(world, [*bad, record(3), record(4), record(5)])
    world.run_here("lint")
    with writing(world) as connection:
        users.load_password(connection, 3, "bcrypt", HASH, "hashes.ndjson")
    assert (world.run_here("import").result or {})["exit"] == 3
    assert len(still_open(world)) == 3
    return world


def exported(world: World, reveal: bool = False, **chosen: Any) -> list[dict[str, Any]]:
    file = world.state.with_name("some.jsonl")
    errorfile.write(world.state, file, Filter(**chosen), reveal=reveal)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return [json.loads(line) for line in file.read_text().splitlines()]


def taken(world: World, *lines: Any) -> Report:
    file = world.state.with_name("edited.jsonl")
    file.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    report = error_import.take_over(file, world.state, operator="ana", batch_size=100, clock=SystemClock())
    world.run_here("lint")
    return report


def test_what_is_chosen_is_written_masked(world: World) -> None:
    (line,) = exported(world, search="auth0|3")
    assert (line["kind"], line["external_id"], line["class"]) == ("user", "auth0|3", "conflict")
    assert line["request"]["password_hash"] == "***"
    assert HASH not in json.dumps(exported(world))
    assert "s3cret" not in json.dumps(exported(world))


def test_revealed_it_has_payload_and_hash(world: World) -> None:
    (line,) = exported(world, reveal=True, search="auth0|3")
    assert (line["request"]["password_hash"], line["request"]["password_hash_type"]) == (HASH, "bcrypt")
    assert exported(world, reveal=True)[0]["source"]["token"] == "s3cret"


@pytest.mark.parametrize("reveal", [False, True])
def test_a_file_that_nobody_edited_changes_nothing(world: World, reveal: bool) -> None:
    report = taken(world, *exported(world, reveal))
    assert report == Report(unchanged=3)
    assert world.ask("select count(*) from overlays") == [0]


def test_an_edited_request_becomes_an_overlay(world: World) -> None:
    first, *others = exported(world)
    first["request"] |= {"email": "one@example.com", "first_name": "One", "metadata": {"plan": "team"}}
    assert taken(world, first, *others) == Report(edited=1, unchanged=2)
    assert requests(world)["1"] == {
        "email": "one@example.com", "email_verified": True, "first_name": "One", "external_id": "auth0|1",
        "metadata": {"plan": "team"},
    }  # fmt: skip
    assert world.counts() == {"imported": 2, "failed": 2, "ready": 1}


@pytest.mark.parametrize("reveal", [False, True])
def test_a_hash_that_is_taken_out_is_not_sent(world: World, target: Remote, reveal: bool) -> None:
    (line,) = exported(world, reveal, search="auth0|3")
    for name in [name for name in line["request"] if name.startswith("password")]:
        del line["request"][name]
    line["request"]["email"] = "three@example.com"
    assert taken(world, line).edited == 1
    world.run_here("import")
    by_id = {user["external_id"]: user for user in target.users()}
    assert by_id["auth0|3"]["password"] is None


def test_decisions_in_a_file_are_carried_out(world: World) -> None:
    first, second, third = exported(world)
    first["decision"] = {"do": "ignore", "reason": "left us"}
    second["decision"] = {"do": "skip"}
    third["decision"] = {"do": "link"}
    assert taken(world, first, second, third) == Report(decided=3)
    assert world.counts() == {"imported": 2, "skipped": 2, "ready": 1}
    assert world.ask("select reason from errors where resolution = 'ignored'") == ["left us", "merge: skip"]


def test_an_edited_file_is_one_that_an_import_is_given(world: World, target: Remote) -> None:
    first, *_ = exported(world)
    first["request"]["email"] = "one@example.com"
    taken(world, first)
    file = world.state.with_name("edited.jsonl")
    world.run_here("import", only=str(file))
    assert target.get("auth0|1")["email"] == "one@example.com"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "no JSON object"),
        ('{"external_id": 7}', "no JSON object"),
        ('{"external_id": "nobody"}', "user nobody has no open error"),
        ('{"external_id": "auth0|4"}', "user auth0|4 has no open error"),
        ('{"external_id": "auth0|1", "request": 7}', "its request is no JSON object"),
        ('{"external_id": "auth0|1", "decision": "retry"}', "its decision is not"),
        ('{"external_id": "auth0|1", "decision": {"do": "ignore"}}', "its decision is not"),
        ('{"external_id": "auth0|1", "decision": {"do": "link"}}', "no open conflict"),
        ('{"external_id": "auth0|1", "request": {"email": 5}}', "email: 5 is not what it can hold"),
        ('{"external_id": "auth0|3", "request": {"email": "x@example.com"}}', "email_verified can't be left"),
        (
            '{"external_id": "auth0|1", "request": {"email": "\\u00e9", "email_verified": true, '
            '"external_id": "\\u00e9", "metadata": {"provider": "auth0"}}}',
            "external_id_not_ascii",
        ),
    ],
)
def test_a_line_that_can_not_be_used_is_named_and_changes_nothing(world: World, line: str, said: str) -> None:
    good = exported(world)[1]
    good["decision"] = {"do": "ignore", "reason": "left us"}
    report = taken(world, line, good)
    ((number, why),) = report.refused
    assert number == 1
    assert said in why
    assert report.decided == 1
    assert world.ask("select count(*) from overlays") == [0]


def test_a_file_that_is_no_text_is_refused(world: World) -> None:
    file = world.state.with_name("edited.jsonl")
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="codec can't decode"):
        error_import.take_over(file, world.state, operator="ana", batch_size=100, clock=SystemClock())
