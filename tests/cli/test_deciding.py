"""retry and ignore, target new and purge: what changes, who did it, and that the sums hold."""

from pathlib import Path

import pytest

from cockpit.state import audit
from cockpit.state.database import open_readonly
from tests.cli.shell import Shell, seeded


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return seeded(tmp_path)


def users(shell: Shell) -> dict[str, int]:
    assert shell.json("state", "check")["ok"]
    found: dict[str, int] = shell.json("status")["users"]
    return found


def trail(shell: Shell) -> list[tuple[str, str, str | None]]:
    connection = open_readonly(shell.state)
    try:
        return [(row.operator, row.action, row.why) for row in audit.tail(connection)]
    finally:
        connection.close()


def test_retry_by_id(shell: Shell) -> None:
    assert shell.run("errors", "retry", "1", "--operator", "ada").returncode == 0
    assert users(shell)["failed"] == 2 and users(shell)["ready"] == 151
    assert trail(shell)[0] == ("ada", "errors.retry", None)


@pytest.mark.parametrize(
    ("selection", "left"), [("--group 422:email", 1), ("--class conflict", 2), ("", 0), ("1 3", 1)]
)
def test_retry_by_cause_by_class_or_all(shell: Shell, selection: str, left: int) -> None:
    assert shell.run("errors", "retry", *selection.split()).returncode == 0
    assert users(shell)["failed"] == left


def test_ignore_wants_a_reason_and_a_selection(shell: Shell) -> None:
    assert "--reason" in shell.refused("errors", "ignore", "3", code=2)
    assert "empty" in shell.refused("errors", "ignore", "3", "--reason", " ", code=2)
    assert "which" in shell.refused("errors", "ignore", "--reason", "left the company", code=2)
    assert users(shell)["failed"] == 3


def test_ignored_users_are_skipped_with_the_reason(shell: Shell) -> None:
    done = shell.run("errors", "ignore", "--class", "conflict", "--reason", "left the company")
    assert done.returncode == 0 and "left the company" in done.stdout
    assert users(shell)["failed"] == 2 and users(shell)["skipped"] == 1
    assert trail(shell)[0][1:] == ("errors.ignore", "left the company")


def test_deciding_twice_says_so(shell: Shell) -> None:
    assert shell.run("errors", "retry", "1").returncode == 0
    assert "none of these errors is open" in shell.refused("errors", "retry", "1", code=1)
    assert "no error 99" in shell.refused("errors", "show", "99", code=1)


def test_a_new_target_keeps_the_export(shell: Shell) -> None:
    assert shell.run("target", "new").returncode == 0
    after = users(shell)
    assert after["exported"] == after["ready"] == 250
    assert shell.json("errors", "list") == []
    assert shell.json("target") == {"target": None}


def test_purge_leaves_no_hash_in_the_file(shell: Shell) -> None:
    def stored() -> bytes:
        return b"".join(file.read_bytes() for file in shell.folder.glob("cockpit.db*"))

    assert b"$2a$04$" in stored()
    assert shell.run("purge").returncode == 0
    assert b"$2a$04$" not in stored()
    assert shell.json("status")["users"]["exported"] == 250
