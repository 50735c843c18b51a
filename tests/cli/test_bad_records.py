"""What a source can get wrong: each ends in a line that says what and what next, and nobody is lost."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.project import Project
from tests.cli.shell import Shell
from tests.jobs.world import UNLIMITED
from tests.sandbox.running import Running

HOSTILE = "\x1b[2J\x1b]0;owned\x07 \u0000 ☃👩‍🚀"
CONTROL = ("\x1b", "\x07", "\x00")


@pytest.fixture(scope="module")
def target() -> Iterator[Running]:
    with Running("--source", "none", "--limits", "off") as running:
        yield running


def shell_for(folder: Path, project: Project, base_url: str = "http://127.0.0.1:9") -> Shell:
    (folder / "cockpit.toml").write_text(
        UNLIMITED + '[source]\nprovider = "firebase"\n[mapping]\nmetadata = '
        + json.dumps(["note", *(f"key{number}" for number in range(51))]) + "\n"
    )  # fmt: skip
    return Shell(folder, WORKOS_BASE_URL=base_url, WORKOS_API_KEY="sk_sandbox", **project.environment)


def page(*users: dict[str, Any], following: int | None = None) -> str:
    return json.dumps(
        {"users": list(users)} | ({} if following is None else {"nextPageToken": str(following)})
    )


def user(number: int, **fields: Any) -> dict[str, Any]:
    return {"localId": f"u{number}", "email": f"user{number}@example.com", "emailVerified": True} | fields


def claims(**values: str) -> dict[str, str]:
    return {"customAttributes": json.dumps(values)}


@pytest.mark.parametrize(
    ("record", "rule"),
    [
        ({"email": None, "phoneNumber": "+15550002"}, "email_missing"),
        ({"email": "x" * 4096 + "@example.com"}, "email_too_long"),
        ({"email": "USER1@Example.com"}, "email_duplicate"),
        (claims(note="n" * 700), "metadata_value_too_long"),
        (claims(**{f"key{number}": "v" for number in range(51)}), "metadata_too_many"),
    ],
)
def test_a_record_that_the_target_would_refuse_is_named_and_never_sent(
    tmp_path: Path, target: Running, record: dict[str, Any], rule: str
) -> None:
    with Project(page(user(1), user(2, **record), user(3)), total=3) as project:
        shell = shell_for(tmp_path, project, target.base_url)
        assert shell.run("users", "export").returncode == 0
        done = shell.run("users", "lint")
    users = shell.json("status")["users"]
    blocked = users["failed"]
    assert users["exported"] == 3 == users["ready"] + blocked
    found = shell.json("errors", "list")
    assert done.returncode == 3 and "blocked" in done.stdout
    assert blocked >= 1 and [group["fingerprint"] for group in found] == [f"lint:{rule}"]
    assert "cockpit errors list" in done.stdout + done.stderr


def test_hostile_names_reach_no_terminal_and_go_along_unharmed(tmp_path: Path, target: Running) -> None:
    with Project(page(user(71, displayName=f"Zoë {HOSTILE}"), user(72)), total=2) as project:
        shell = shell_for(tmp_path, project, target.base_url)
        for command in (["export"], ["import"], ["list"], ["show", "u71"]):
            done = shell.run("users", *command)
            assert done.returncode == 0, (command, done.stderr)
            assert not any(mark in done.stdout + done.stderr for mark in CONTROL)
    assert shell.json("status")["users"]["imported"] == 2


def test_an_id_that_comes_twice_is_one_user_and_is_counted(tmp_path: Path) -> None:
    users = page(user(1), user(2), user(2, displayName="newer"), {"email": "nobody@example.com"})
    with Project(users, total=3) as project:
        shell = shell_for(tmp_path, project)
        assert shell.run("users", "export").returncode == 0
    status = shell.json("status")
    assert status["records"] == {"read": 4, "merged": 1, "held": 1}
    assert status["users"]["exported"] == 2


def test_a_page_that_is_not_json_costs_nothing_of_what_came_before(tmp_path: Path) -> None:
    pages = [page(user(1), following=1), '{"users": [{"localId": "u2", ']
    with Project(*pages, total=2) as project:
        shell = shell_for(tmp_path, project)
        said = shell.refused("users", "export", code=1)
        assert "not JSON" in said and "the same command resumes" in said
        assert shell.json("status")["users"]["exported"] == 1
        project.pages[1] = page(user(2))
        assert shell.run("users", "export").returncode == 0
    assert shell.json("status")["records"] == {"read": 2, "merged": 0, "held": 0}


def test_an_html_page_of_a_gateway_is_asked_again(tmp_path: Path) -> None:
    gone = (502, "text/html", "<html><h1>502 Bad Gateway</h1></html>")
    login = (200, "text/html", "<!doctype html><title>Sign in</title>")
    with Project(page(user(1)), total=1, troubles=[gone, login]) as project:
        shell = shell_for(tmp_path, project)
        assert shell.run("users", "export").returncode == 0
    assert shell.json("status")["users"]["exported"] == 1
