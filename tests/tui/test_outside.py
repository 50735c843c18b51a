"""Commands of cockpit run beside the cockpit: their word comes back, and why they refused."""

import asyncio
from pathlib import Path

import pytest

from cockpit.tui import outside
from cockpit.tui.commands import Commands, Refused
from cockpit.tui.given import Given
from tests.clocks import FakeClock


def commands(folder: Path, *, read_only: bool = False, config: Path | None = None) -> Commands:
    return Commands(folder / "cockpit.db", "ada", FakeClock(), config, Given(), read_only)


def test_what_it_wrote_comes_back(tmp_path: Path) -> None:
    assert "cockpit" in asyncio.run(outside.run(commands(tmp_path), "--version"))


def test_the_last_word_of_one_that_failed_is_why(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"cockpit\.db"):
        asyncio.run(outside.run(commands(tmp_path), "rollout", "status"))


def test_it_works_on_the_same_state_by_the_same_operator_behind_the_same_gate(tmp_path: Path) -> None:
    config = tmp_path / "other.toml"
    told = outside.line(commands(tmp_path, read_only=True, config=config), "rollout", "board")
    assert told[3:] == [
        *("--state", str(tmp_path / "cockpit.db"), "--operator", "ada"),
        *("--config", str(config), "--read-only", "rollout", "board"),
    ]
