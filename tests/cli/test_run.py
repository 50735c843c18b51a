"""cockpit run and users sync: everything in one command, and again when the source went on."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.cli.shell import Shell, against
from tests.jobs.remote import Remote
from tests.sandbox.running import Running

USERS, ORGANIZATIONS = 300, 9
OTHERS = ("organizations", "memberships", "roles")


@pytest.fixture
def side(tmp_path: Path) -> Iterator[tuple[Shell, Remote]]:
    """Auth0 with organizations, of which nothing was read yet."""
    options = ("--users", str(USERS), "--organizations", str(ORGANIZATIONS), "--limits", "off")
    with Running("--source", "auth0", *options) as running:
        shell = against(tmp_path, running.base_url, "auth0", USERS)
        yield shell, Remote(running.base_url)


def ran(shell: Shell, *args: str, code: int = 0) -> dict[str, Any]:
    done = shell.run(*args, "--json")
    assert done.returncode == code, (done.stdout[-800:], done.stderr[-800:])
    last: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return last


def arrived(shell: Shell) -> dict[str, int]:
    status = shell.json("status")
    return {name: status[name]["imported"] + status[name]["adopted"] for name in ("users", *OTHERS)}


def truth(remote: Remote, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: Any = ""
    while after is not None:
        page = remote.call("GET", f"/_sandbox/source/{path}?limit=1000{after and f'&after={after}'}")
        found += page[path]
        after = page["after"]
    return found


def test_one_command_moves_everything_and_says_so(side: tuple[Shell, Remote]) -> None:
    shell, remote = side
    assert ran(shell, "run", "--source", "auth0")["missing"] == 0
    members = truth(remote, "memberships")
    assert arrived(shell) == {"users": USERS, "organizations": ORGANIZATIONS,
                              "memberships": len(members), "roles": 4}  # fmt: skip
    at_target = remote.all("tenancy/memberships")
    assert {(row["organization"], row["user"]) for row in at_target} == {
        (row["organization"], row["user"]) for row in members
    }
    kinds = [job["kind"] for job in shell.json("jobs")]
    assert sorted(kinds) == ["diff", "export", "import", "lint", "run"]
    assert ran(shell, "run")["missing"] == 0, "and again it finds nothing to do"


def test_it_goes_on_where_a_kill_left_it(side: tuple[Shell, Remote]) -> None:
    shell, remote = side
    process = subprocess.Popen(
        shell.command("run", "--source", "auth0"), cwd=shell.folder, env=shell.environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while '"kind": "import"' not in shell.run("jobs", "--json").stdout:
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGKILL)
    process.wait()
    for pid in shell.working():
        os.kill(pid, signal.SIGKILL)
    ran(shell, "run")
    assert arrived(shell)["memberships"] == len(truth(remote, "memberships"))
    assert len(remote.users()) == USERS


def test_sync_brings_over_what_the_source_did_since(side: tuple[Shell, Remote]) -> None:
    shell, remote = side
    ran(shell, "run", "--source", "auth0")
    users = shell.json("users", "list")
    renamed, joiner = (user["external_id"] for user in users[:2])
    organization = truth(remote, "organizations")[0]["id"]
    remote.correct(renamed, given_name="Augusta", family_name="King")
    remote.call("POST", "/_sandbox/source/sign-up", {})
    remote.call("PATCH", f"/_sandbox/source/organizations/{organization}", {"name": "Renamed Ltd"})
    remote.call("PUT", f"/_sandbox/source/organizations/{organization}/members/{quote(joiner, safe='')}",
                {"roles": ["admin", "billing"]})  # fmt: skip
    ended = ran(shell, "users", "sync")
    assert (ended["missing"], ended["changed"], ended["drifted"]) == (0, 0, 0)
    user = remote.get(renamed)
    assert (user["first_name"], user["last_name"]) == ("Augusta", "King")
    assert len(remote.users()) == USERS + 1
    there = remote.call("GET", f"/organizations/external_id/{organization}")
    assert there["name"] == "Renamed Ltd"
    (seat,) = [row for row in remote.all("tenancy/memberships")
               if (row["organization"], row["user"]) == (organization, joiner)]  # fmt: skip
    assert sorted(seat["roles"]) == ["admin", "billing"]


def test_sync_sends_again_what_is_gone_from_the_target_and_deletes_nothing(
    side: tuple[Shell, Remote],
) -> None:
    shell, remote = side
    ran(shell, "run", "--source", "auth0")
    gone, left = (user["external_id"] for user in shell.json("users", "list")[:2])
    remote.call("DELETE", f"/user_management/users/{remote.get(gone)['id']}")
    remote.delete(left)
    ended = ran(shell, "users", "sync", code=4)
    assert (ended["missing"], ended["deleted"] > 0) == (0, True)
    assert remote.get(gone)["external_id"] == gone
    assert remote.get(left)["external_id"] == left, "a person decides about who left"
