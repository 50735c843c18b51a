"""errors.jsonl: who failed and why, without secrets; and a run of just those."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from cockpit.jobs import errorfile
from cockpit.state.database import StateError, open_state, transaction
from tests.jobs.remote import Remote
from tests.jobs.world import HASH, World, person, seed

TOO_LONG = {"metadata": {"note": "x" * 700}}


@pytest.fixture
def failed(world: World, target: Remote) -> World:
    """Four users of whom the second and the third failed."""
    seed(world.state, [person(1), person(2, **TOO_LONG), person(3, **TOO_LONG), person(4)])
    job = world.run_here("import")
    assert job.result is not None
    assert job.result["exit"] == 3
    assert job.result["errors_file"] == str(file_of(world))
    return world


def file_of(world: World) -> Path:
    return world.state.with_name("errors.jsonl")


def lines(world: World) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file_of(world).read_text(encoding="utf-8").splitlines()]


def cure(world: World, *subjects: int) -> None:
    """What the source's correction and a new mapping would do."""
    connection = open_state(world.state)
    with transaction(connection):
        for subject in subjects:
            connection.execute(
                "update users set request = replace(request, ?, 'x') where id = ?", ("x" * 700, subject)
            )
    connection.close()  # fmt: skip


def test_each_line_is_one_open_error_with_source_request_and_response(failed: World) -> None:
    one, two = lines(failed)
    assert [one["external_id"], two["external_id"]] == ["auth0|000002", "auth0|000003"]
    assert (one["email"], one["class"], one["attempts"]) == ("user2@example.com", "fixable", 1)
    assert one["source"] == {"user_id": "auth0|000002"}
    assert one["request"]["metadata"]["note"] == "x" * 700
    assert one["response"]["status"] == 400
    assert one["response"]["body"]["code"] == "invalid_metadata"


def test_no_hash_is_in_it_and_nobody_else_may_read_it(failed: World) -> None:
    assert HASH not in file_of(failed).read_text()
    assert lines(failed)[0]["request"]["password_hash"] == "***"
    assert stat.S_IMODE(file_of(failed).stat().st_mode) == 0o600


def test_it_is_replaced_whole(failed: World, monkeypatch: pytest.MonkeyPatch) -> None:
    before = file_of(failed).read_text()

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StateError, match=r"can't write .*errors\.jsonl: No space left on device"):
        errorfile.write(failed.state, file_of(failed))
    assert file_of(failed).read_text() == before
    monkeypatch.undo()
    errorfile.write(failed.state, file_of(failed))
    assert [entry.name for entry in failed.state.parent.glob(".errors*")] == []


def test_without_errors_it_is_empty(world: World, target: Remote) -> None:
    seed(world.state, [person(1)])
    job = world.run_here("import")
    assert file_of(world).read_text() == ""
    assert "no errors" in (job.result or {})["hint"]


def test_only_sends_just_its_users(failed: World, target: Remote) -> None:
    file = failed.state.with_name("some.jsonl")
    file.write_text(json.dumps({"external_id": "auth0|000003", "more": "is not looked at"}) + "\n")
    cure(failed, 2, 3)
    job = failed.run_here("import", only=str(file))
    assert job.result is not None
    assert (job.result["exit"], job.result["failed"]) == (3, 1)
    assert [user["external_id"][-1] for user in target.users()] == ["1", "4", "3"]
    assert failed.ask("select resolution from errors order by id") == ["open", "retried"]


def test_only_takes_the_file_that_an_import_wrote(failed: World, target: Remote) -> None:
    cure(failed, 2, 3)
    job = failed.run_here("import", only=str(file_of(failed)))
    assert job.result is not None
    assert job.result["exit"] == 0
    assert failed.counts() == {"imported": 4}
    assert lines(failed) == []


def test_whoever_it_names_that_is_unknown_or_at_the_target_changes_nothing(
    failed: World, target: Remote
) -> None:
    file = failed.state.with_name("some.jsonl")
    file.write_text('{"external_id": "nobody"}\n{"external_id": "auth0|000001"}\n')
    before = target.stats()["writes"]
    failed.run_here("import", only=str(file))
    assert target.stats()["writes"] == before
    assert failed.counts() == {"imported": 2, "failed": 2}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", None),
        (b"not json\n", "line 1: no JSON object with an external_id"),
        (b'{"external_id": "a"}\n["a"]\n', "line 2: no JSON object"),
        (b'{"external_id": 7}\n', "line 1: no JSON object"),
        (b"\xff\xfe", "codec can't decode"),
    ],
)
def test_a_malformed_file_is_refused_before_anything_is_sent(
    failed: World, target: Remote, content: bytes, said: str | None
) -> None:
    file = failed.state.with_name("some.jsonl")
    file.write_bytes(content)
    before = target.stats()["writes"]
    job = failed.run_here("import", only=str(file))
    assert job.result is not None
    assert job.result["exit"] == (2 if said else 3)
    assert said is None or said in job.reason
    assert target.stats()["writes"] == before


def test_a_file_that_is_not_there_is_named(failed: World) -> None:
    job = failed.run_here("import", only="nowhere.jsonl")
    assert job.result is not None
    assert job.result["exit"] == 2
    assert "nowhere.jsonl" in job.reason
