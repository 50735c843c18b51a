"""Keys, names, disks and addresses that fail in the middle: a clear line, and the same command goes on."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.shell import against, seeded
from tests.jobs.remote import Remote
from tests.sandbox.running import Running

USERS = 2500


@pytest.fixture
def sandbox() -> Iterator[Running]:
    with Running("--source", "auth0", "--users", str(USERS), "--limits", "off") as running:
        yield running


def test_a_key_revoked_in_the_middle_stops_the_import_and_blames_nobody(
    tmp_path: Path, sandbox: Running
) -> None:
    shell = against(tmp_path, sandbox.base_url, "auth0", USERS)
    assert shell.run("users", "export", "--source", "auth0").returncode == 0
    assert shell.run("users", "import", "--limit", "300").returncode == 0
    remote = Remote(sandbox.base_url)
    remote.call("POST", "/_sandbox/keys/revoke", {"key": "sk_sandbox"})
    said = shell.refused("users", "import", code=1)
    assert "refused the API key" in said and "sk_sandbox" not in said
    users = shell.json("status")["users"]
    assert users["imported"] == 300 and users["failed"] == 0 and users["ready"] == USERS - 300
    remote.call("POST", "/_sandbox/keys/add", {"key": "sk_sandbox"})
    assert shell.run("users", "import").returncode == 0
    assert shell.json("status")["users"]["imported"] == USERS


def test_an_address_of_the_file_that_has_expired_is_asked_for_anew(tmp_path: Path, sandbox: Running) -> None:
    Remote(sandbox.base_url).call("POST", "/_sandbox/config", {"location_ttl": 0.0})
    shell = against(tmp_path, sandbox.base_url, "auth0", USERS)
    said = shell.refused("users", "export", "--source", "auth0", code=1)
    assert "refused (403)" in said and "run the same command again" in said
    Remote(sandbox.base_url).call("POST", "/_sandbox/config", {"location_ttl": 60.0})
    assert shell.run("users", "export", "--source", "auth0").returncode == 0
    assert shell.json("status")["users"]["exported"] == USERS


def test_a_host_without_an_address(tmp_path: Path) -> None:
    shell = seeded(tmp_path, WORKOS_BASE_URL="https://no-such-host.invalid")
    before = shell.json("status")["users"]
    said = shell.refused("users", "export", "--source", "auth0", code=1, AUTH0_DOMAIN="acme.example",
                         AUTH0_BASE_URL="https://no-such-host.invalid", AUTH0_TOKEN="t")  # fmt: skip
    assert "can't resolve no-such-host.invalid" in said and "DNS" in said
    assert shell.json("status")["users"] == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk that is full")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a tmpfs")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_loses_nothing_and_the_same_command_goes_on(small_disk: Path, sandbox: Running) -> None:
    shell = against(small_disk, sandbox.base_url, "auth0", USERS)
    said = shell.refused("users", "export", "--source", "auth0", code=1)
    assert "no space left" in said and "same command" in said
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert shell.run("users", "export", "--source", "auth0").returncode == 0
    status = shell.json("status")
    assert status["users"]["exported"] == USERS and status["pages"]["complete"]
    assert shell.json("state", "check")["ok"]
