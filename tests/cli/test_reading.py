"""What the commands that only look print: stable keys, sums, nothing that drives a terminal."""

import json
import os
import pty
import sqlite3
import subprocess
from pathlib import Path

import pytest

from cockpit.rollout.route import Route
from cockpit.state import exports, meta
from cockpit.state.database import open_readonly, open_state, transaction
from cockpit.state.rollout import ROLLOUT, beside, routes
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.routes import Described
from cockpit.state.tank import TANK, counts
from cockpit.terms import KINDS, OP_STATES, PLURALS, Page, RawItem
from tests.cli.shell import SECRET_NOTE, Shell, seeded
from tests.webhooks.filled import fill, updates

STATUS = {
    "version": None,
    "source": None,
    "target": None,
    "users": {"exported", *OP_STATES},
    **{PLURALS[kind]: set(OP_STATES) for kind in KINDS if kind != "user"},
    "holds": set(),
    **{kind: set(OP_STATES) for kind in ("organizations", "permissions", "roles", "memberships", "factors")},
    "records": {"read", "merged", "held"},
    "pages": {"done", "complete", "outcome"},
    "batches": {"total", "done", "failed"},
    "errors": {"open", "transient", "fixable", "permanent", "conflict"},
    "passwords": {"carried", "unsupported", "absent", "by_type", "by_reason"},
    "diff": {"missing", "drifted", "changed", "deleted", "extra", "accepted", "clean", "at"},
    "connections": {"total", "manual", "legacy", "canary", "workos", "held"},
    "webhooks": {"step", "held", "drained", "discarded", "dead"},
    "events": {"cursor", "lag_s"},
    "jobs": None,
}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return seeded(tmp_path)


def test_the_keys_of_status_are_stable(shell: Shell) -> None:
    status = shell.json("status")
    assert status.keys() == STATUS.keys()
    for key, inner in STATUS.items():
        if inner is not None:
            assert status[key].keys() == inner


def test_the_sums_of_status(shell: Shell) -> None:
    status = shell.json("status")
    users, records, errors = status["users"], status["records"], status["errors"]
    assert users["exported"] == sum(users[state] for state in OP_STATES) == 250
    assert records["read"] == users["exported"] + records["merged"] + records["held"]
    assert errors["open"] == sum(n for name, n in errors.items() if name != "open") == users["failed"] == 3
    assert status["batches"] == {"total": 3, "done": 1, "failed": 1}
    assert status["passwords"]["by_type"] == {"bcrypt": 250}
    assert status["diff"]["clean"] is False and status["diff"]["at"] is None


def test_status_for_a_person(shell: Shell) -> None:
    done = shell.run("status")
    assert done.returncode == 0 and done.stderr == ""
    assert "150 ready" in done.stdout and "3 failed" in done.stdout and "auth0:acme.example" in done.stdout


def test_errors_by_cause_and_by_record(shell: Shell) -> None:
    groups = shell.json("errors", "list")
    assert [(group["open"], group["class"]) for group in groups] == [(2, "fixable"), (1, "conflict")]
    rows = shell.json("errors", "list", "--group", groups[0]["fingerprint"])
    assert [row["external_id"] for row in rows] == ["auth0|000001", "auth0|000002"]
    assert [row["id"] for row in shell.json("errors", "list", "--class", "conflict")] == [3]


def test_an_error_shows_both_sides_with_secrets_masked(shell: Shell) -> None:
    record = shell.json("errors", "show", "1")
    assert record["request"]["email"] == "user1@example.com"
    assert record["source"] == {"user_id": "auth0|000001"}
    done = shell.run("errors", "show", "1")
    assert "source record" in done.stdout and "response" in done.stdout
    assert SECRET_NOTE not in done.stdout and SECRET_NOTE not in json.dumps(record)


def test_control_characters_never_reach_the_terminal(shell: Shell) -> None:
    done = shell.run("errors", "show", "1")
    assert "\x1b" not in done.stdout and r"\x1b[31mnot deliverable" in done.stdout


def test_users_are_found(shell: Shell) -> None:
    assert len(shell.json("users", "list")) == 250
    assert [row["email"] for row in shell.json("users", "list", "--search", "user17@")] == [
        "user17@example.com"
    ]
    assert len(shell.json("users", "list", "--state", "imported")) == 97
    by_id = shell.json("users", "show", "auth0|000017")
    assert by_id == shell.json("users", "show", "USER17@example.com")
    assert by_id["target_id"] == "user_17" and by_id["password"] == "carried"
    assert "nobody" in shell.refused("users", "show", "nobody@example.com", code=1)


@pytest.fixture
def linted(tmp_path: Path) -> Shell:
    """Three users of Auth0: one well, one banned, one whose e-mail is none."""
    shell = Shell(tmp_path)
    connection = open_state(shell.state, create=True)
    records: list[dict[str, object]] = [
        {"user_id": "auth0|ana", "email": "ana@example.com", "email_verified": True},
        {"user_id": "auth0|bo", "email": "bo@example.com", "email_verified": True, "blocked": True},
        {"user_id": "auth0|cy", "email": "cy \x1b[31m", "email_verified": True},
    ]
    with transaction(connection):
        meta.bind_source(connection, "auth0:acme.example")
        number = exports.begin(connection, 1).id
        items = [RawItem(str(record["user_id"]), json.dumps(record)) for record in records]
        exports.commit_page(connection, number, Page("", "0", None, items), 100, 2)
        exports.complete(connection, number, "complete", 0, 3)
    connection.close()
    return shell


def test_lint_ends_with_its_rules_and_how_many_users_each_is_about(linted: Shell) -> None:
    done = linted.run("users", "lint")
    assert done.returncode == 3
    first, *lines = done.stdout.splitlines()
    assert first.split() == ["severity", "users", "rule", "finding"]
    assert [line.split()[:3] for line in lines[:2]] == [
        ["error", "1", "email_syntax"],
        ["warning", "1", "banned"],
    ]
    assert "1 blocked, 1 held back by policy (1 banned)" in done.stdout
    told = [json.loads(line) for line in linted.run("users", "lint", "--json").stdout.splitlines()]
    rules = [(line["rule"], line["severity"], line["users"]) for line in told if line["event"] == "rule"]
    assert rules == [("email_syntax", "error", 1), ("banned", "warning", 1)]
    assert told[-1]["held"] == {"banned": 1}


def test_users_of_a_rule_with_what_it_says(linted: Shell) -> None:
    linted.run("users", "lint")
    (row,) = linted.json("users", "list", "--rule", "email_syntax")
    assert (row["external_id"], row["state"], row["held"]) == ("auth0|cy", "failed", None)
    assert row["finding"].startswith("cy ")
    done = linted.run("users", "list", "--rule", "email_syntax")
    assert "auth0|cy" in done.stdout and "\x1b" not in done.stdout and "auth0|bo" not in done.stdout
    assert linted.json("users", "list", "--rule", "hash_invalid") == []
    assert "there are: anonymous, banned" in linted.refused("users", "list", "--rule", "odd", code=2)


def test_who_is_held_is_told_wherever_users_are_told_of(linted: Shell) -> None:
    linted.run("users", "lint")
    assert linted.json("status")["holds"] == {"banned": 1}
    assert "1 of them skipped by policy: 1 banned" in linted.run("status").stdout
    assert "skipped (banned)" in linted.run("users", "list").stdout
    shown = linted.json("users", "show", "auth0|bo")
    assert shown["held"] == "banned"
    assert [(found["rule"], found["field"]) for found in shown["findings"]] == [("banned", "status")]


def test_no_hash_is_ever_printed(shell: Shell) -> None:
    for command in ("users show auth0|000017", "users list", "errors show 1", "status --json"):
        assert "$2a$" not in shell.run(*command.split()).stdout


def test_a_dry_run_counts_and_changes_nothing(shell: Shell) -> None:
    before = shell.json("status")
    planned = shell.json("users", "import", "--dry-run")
    assert planned["users"] == planned["writes"] == 150
    assert shell.json("status") == before


def test_a_check_of_a_whole_state(shell: Shell) -> None:
    assert shell.json("state", "check") == {"ok": True, "problems": []}


@pytest.mark.parametrize(
    ("spoil", "check"),
    [
        ("update counters set n = n + 1 where state = 'ready'", "counters"),
        ("update exports set read = read + 1", "records"),
        ("update batches set done = done - 1 where n = 0", "batches"),
        ("update error_groups set open = 7 where class = 'conflict'", "errors"),
        ("update errors set resolution = 'retried' where id = 1", "errors"),
        ("delete from users where id = 9", "passwords"),
    ],
)
def test_a_check_finds_sums_that_do_not_add_up(shell: Shell, spoil: str, check: str) -> None:
    connection = sqlite3.connect(shell.state, isolation_level=None)
    connection.execute(spoil)
    connection.close()
    done = shell.run("state", "check", "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert not found["ok"] and check in {problem["check"] for problem in found["problems"]}
    said = shell.run("state", "check")
    assert check in said.stdout and "state backup" in said.stderr


def test_a_copy_is_whole_private_and_the_same(shell: Shell) -> None:
    (shell.folder / "copy.db").write_text("an older file of that name")
    done = shell.run("state", "backup", "copy.db")
    assert done.returncode == 0, done.stderr
    copy = shell.folder / "copy.db"
    assert copy.stat().st_mode & 0o777 == 0o600
    assert shell.json("--state", "copy.db", "state", "check")["ok"]
    assert shell.json("--state", "copy.db", "status") == shell.json("status")
    assert not list(shell.folder.glob(".copy.db*"))


def rolled_out(shell: Shell) -> None:
    """A rollout of one connection that was moved, and a tank that holds ten events."""
    rollout = open_state(beside(shell.state), create=True, kind=ROLLOUT)
    with transaction(rollout):
        routes.describe(
            rollout,
            [
                Described(
                    Route(
                        "con_1",
                        "saml",
                        "legacy",
                        target_id="conn_1",
                        callback_endpoint="https://idp.test/acs",
                    )
                )
            ],
        )
        routes.move(rollout, {"con_1": "canary"}, Actor("ada"), 5)
    rollout.close()
    fill(shell.state, updates(10, 3))


def test_a_copy_takes_what_lies_beside_the_state_along(shell: Shell) -> None:
    rolled_out(shell)
    done = shell.run("state", "backup", "copy.db")
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == [
        *("copy.db", "copy.rollout.db", "copy.webhooks.db")
    ]
    rollout = open_readonly(shell.folder / "copy.rollout.db", kind=ROLLOUT)
    assert routes.one(rollout, "con_1").described.route.column == "canary"
    rollout.close()
    tank = open_readonly(shell.folder / "copy.webhooks.db", kind=TANK)
    assert counts.total(tank).held == counts.counted(tank).held == 10
    tank.close()
    assert (shell.folder / "copy.webhooks.db").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("file", "spoil", "check"),
    [
        ("webhooks.db", "update arrived set n = n + 1", "webhooks"),
        ("webhooks.db", "delete from arrivals where id = 3", "webhooks"),
        ("rollout.db", "drop trigger audit_is_append_only; update audit set operator = 'eve'", "audit"),
    ],
)
def test_a_check_looks_at_what_lies_beside_the_state(shell: Shell, file: str, spoil: str, check: str) -> None:
    rolled_out(shell)
    assert shell.json("state", "check")["ok"]
    connection = sqlite3.connect(shell.folder / file, isolation_level=None)
    connection.executescript(spoil)
    connection.close()
    (problem,) = shell.json_of("state", "check", code=1)["problems"]
    assert problem["check"] == check and problem["detail"].startswith(f"{file}: ")


def test_a_check_tells_a_damaged_file_beside_the_state(shell: Shell) -> None:
    rolled_out(shell)
    (shell.folder / "webhooks.db").write_bytes(b"no database at all, " * 500)
    (problem,) = shell.json_of("state", "check", code=1)["problems"]
    assert problem["check"] == "integrity" and "webhooks.db is damaged" in problem["detail"]


def test_a_copy_never_replaces_the_state(shell: Shell) -> None:
    assert "state itself" in shell.refused("state", "backup", "cockpit.db", code=1)
    assert "can't write" in shell.refused("state", "backup", "nowhere/copy.db", code=1)


@pytest.mark.parametrize(
    ("options", "environment", "coloured"),
    [([], {}, True), (["--no-color"], {}, False), ([], {"NO_COLOR": "1"}, False)],
)
def test_colours_on_a_terminal(
    shell: Shell, options: list[str], environment: dict[str, str], coloured: bool
) -> None:
    ours, theirs = pty.openpty()
    subprocess.run(
        shell.command("errors", "list", *options),
        cwd=shell.folder,
        env={**shell.environment, **environment, "TERM": "xterm-256color"},
        stdout=theirs,
        check=True,
    )
    os.close(theirs)
    shown = os.read(ours, 65536)
    os.close(ours)
    assert b"fixable" in shown and (b"\x1b[" in shown) == coloured


def test_no_colour_without_a_terminal(shell: Shell) -> None:
    assert "\x1b" not in shell.run("errors", "list").stdout


def test_global_options_may_stand_in_any_place(shell: Shell) -> None:
    elsewhere = shell.folder / "elsewhere"
    elsewhere.mkdir()
    away = Shell(elsewhere)
    path = str(shell.state)
    assert away.json("--state", path, "status") == away.json("status", "--state", path)
