"""What `cockpit audit` and `cockpit jobs JOB` print: who did what, and what a job said."""

import json
from pathlib import Path

import pytest

from cockpit.state import audit, jobs, samples
from cockpit.state.database import open_state, transaction
from tests.cli.shell import Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(tmp_path)
    connection = open_state(shell.state, create=True)
    with transaction(connection):
        job = jobs.create(connection, "import", {"limit": 5, "token": "s3cr3t"}, "ana", 1_000)
        audit.record(connection, "ana", "import.start", f"job {job}", 1_000)
        samples.notice(connection, job, "warn", "throttled\x1b[2J", 2_000)
        audit.record(connection, "bob", "import.throttle", f"job {job}", 3_000, before="auto", after="5/s")
        audit.record(connection, "ana", "errors.ignore", "3 records", 4_000, why="spam\x07")
        samples.notice(connection, job, "info", "import done", 5_000)
        jobs.ended(connection, job, "done", "", {"exit": 0, "message": "all are there"}, 6_000)
    connection.close()
    return shell


def test_the_audit_trail_newest_first_narrowed_and_limited(shell: Shell) -> None:
    assert [row["action"] for row in shell.json("audit")] == [
        "errors.ignore",
        "import.throttle",
        "import.start",
    ]
    (row,) = shell.json("audit", "action:import", "!by:ana")
    assert (row["operator"], row["before"], row["after"]) == ("bob", "auto", "5/s")
    assert row["at"] == "1970-01-01T00:00:03.000Z" and row["host"]
    assert [row["id"] for row in shell.json("audit", "--limit", "1")] == [3]
    assert shell.json("audit", "nobody") == []


def test_the_audit_trail_for_a_person(shell: Shell) -> None:
    done = shell.run("audit", "why:spam")
    assert done.returncode == 0
    assert r"errors.ignore  3 records  -       -      spam\x07" in done.stdout


def test_a_job_with_its_log_and_what_people_did_in_order(shell: Shell) -> None:
    done = shell.run("jobs", "import")
    assert done.returncode == 0 and "\x1b" not in done.stdout
    head, message, _, *lines = done.stdout.splitlines()
    assert (head.split()[:4], message) == (["job", "1:", "import", "DONE"], "all are there")
    assert [line.split(maxsplit=2)[2].split() for line in lines] == [
        ["person", "ana", "import.start"],
        ["warn", r"throttled\x1b[2J"],
        ["person", "bob", "import.throttle", "auto", "->", "5/s"],
        ["info", "import", "done"],
    ]


def test_a_job_as_a_document(shell: Shell) -> None:
    told = shell.json("jobs", "1")
    assert told["result"]["message"] == "all are there"
    assert [line["text"] for line in told["log"]] == ["throttled\x1b[2J", "import done"]
    assert [row["action"] for row in told["actions"]] == ["import.start", "import.throttle"]
    assert told["args"] == {"limit": 5, "token": "***"}
    assert "s3cr3t" not in json.dumps(told)
    assert [line["text"] for line in shell.json("jobs", "1", "--limit", "1")["log"]] == ["import done"]


def test_a_job_that_is_not_there(shell: Shell) -> None:
    assert "there is no job 9" in shell.refused("jobs", "9", code=1)
    assert "no job 'nothing'" in shell.refused("jobs", "nothing", code=2)
