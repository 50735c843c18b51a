"""The state as the doctor finds it; nothing about it is changed."""

import os
from pathlib import Path

import pytest

from cockpit.doctor import state as checks
from cockpit.findings import Finding
from cockpit.state import database
from cockpit.state.database import SCHEMA_VERSION, open_state
from tests.jobs.world import person, seed

GB = 1 << 30


@pytest.fixture
def state(tmp_path: Path) -> Path:
    path = tmp_path / "cockpit.db"
    seed(path, [person(number) for number in range(30)])
    return path


def by_check(findings: list[Finding]) -> dict[str, Finding]:
    assert len({finding.check for finding in findings}) == len(findings)
    return {finding.check: finding for finding in findings}


def test_a_good_state_is_ok_and_told_of(state: Path) -> None:
    findings, known = checks.examine(state)
    found = by_check(findings)
    assert {found[name].level for name in ("filesystem", "permissions", "integrity")} == {"ok"}
    assert known is not None
    assert known.binding.source == "auth0:acme.example"
    assert dict(known.kinds) == {"user": 30}
    assert (known.created, known.about_ip) == (0, 0)


def test_where_there_is_none_its_place_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "not" / "there" / "cockpit.db"
    findings, known = checks.examine(path)
    assert known is None
    assert {finding.level for finding in findings if finding.check != "sqlite"} == {"ok"}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_a_state_that_others_can_read_fails(state: Path, mode: int) -> None:
    state.chmod(mode)
    finding = by_check(checks.examine(state)[0])["permissions"]
    assert finding.level == "fail"
    assert f"{mode:04o}" in finding.what
    assert f"chmod 600 {state}" in finding.next


def test_a_network_file_system_fails(state: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/home {tmp_path} nfs4 rw 0 0\n")
    monkeypatch.setattr(database, "MOUNTS", mounts)
    finding = by_check(checks.examine(state)[0])["filesystem"]
    assert finding.level == "fail"
    assert "nfs4" in finding.what


def test_damage_fails(state: Path) -> None:
    size = state.stat().st_size
    os.truncate(state, size // 2)
    finding = by_check(checks.examine(state)[0])["integrity"]
    assert finding.level == "fail"
    assert "cockpit state backup" in finding.next


def test_a_state_of_an_older_cockpit_is_well(state: Path) -> None:
    connection = open_state(state)
    connection.execute(f"pragma user_version = {SCHEMA_VERSION - 1}")
    connection.close()
    findings, known = checks.examine(state)
    assert known is None
    assert by_check(findings)["integrity"].level == "warn"


@pytest.mark.parametrize(
    ("version", "level"),
    [((3, 40, 1), "warn"), ((3, 51, 2), "warn"), ((3, 51, 3), "ok"), ((3, 52, 0), "ok")],
)
def test_sqlite_is_warned_of_below_3_51_3(version: tuple[int, int, int], level: str) -> None:
    (finding,) = checks.sqlite(version)
    assert finding.level == level


@pytest.mark.parametrize(
    ("free", "level"), [(GB - 1, "fail"), (GB, "warn"), (2 * GB - 1, "warn"), (2 * GB, "ok")]
)
def test_the_disk_must_hold_the_state_and_should_hold_a_backup(free: int, level: str) -> None:
    finding = checks.room(free, GB, 200_000, Path("/data"))
    assert finding.level == level
    assert "200,000 users may take 1.0 GB more" in finding.what


def test_what_is_there_already_is_not_needed_again(state: Path) -> None:
    size = state.stat().st_size
    assert checks.needed(200_000, size) == 200_000 * checks.USER_BYTES - size + checks.BESIDE_BYTES
    assert checks.needed(1, size) == checks.needed(None, 0) == checks.BESIDE_BYTES
