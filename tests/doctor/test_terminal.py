"""Whether the screen can be drawn."""

import os

import pytest

from cockpit.doctor import terminal


@pytest.mark.parametrize(
    ("columns", "lines", "level"), [(80, 24, "ok"), (200, 60, "ok"), (79, 60, "warn"), (200, 23, "warn")]
)
def test_80x24_is_enough(columns: int, lines: int, level: str) -> None:
    finding = terminal.fits(columns, lines)
    assert (finding.level, finding.what) == (level, f"{columns}x{lines}")


@pytest.mark.parametrize(
    ("environment", "level", "said"),
    [
        ({"TERM": "xterm-256color"}, "ok", "256"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "ok", "16 million"),
        ({"TERM": "xterm", "NO_COLOR": "1"}, "ok", "NO_COLOR"),
        ({"TERM": "linux"}, "ok", "linux"),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, "warn", "dumb"),
        ({}, "warn", "not set"),
    ],
)
def test_colours_are_those_that_the_variables_tell(
    environment: dict[str, str], level: str, said: str
) -> None:
    finding = terminal.colours(environment)
    assert finding.level == level
    assert said in finding.what


@pytest.mark.parametrize(
    ("encoding", "level"), [("utf-8", "ok"), ("UTF8", "ok"), ("ascii", "warn"), ("x", "warn")]
)
def test_utf_8_is_needed(encoding: str, level: str) -> None:
    assert terminal.charset(encoding).level == level


def test_a_pipe_is_no_terminal_and_needs_none() -> None:
    reading, writing = os.pipe()
    try:
        (finding,) = terminal.examine(writing, "ascii", {})
    finally:
        os.close(reading)
        os.close(writing)
    assert finding.level == "ok"


def test_a_terminal_has_three_lines() -> None:
    leader, follower = os.openpty()
    try:
        found = terminal.examine(follower, "utf-8", {"TERM": "xterm"})
    finally:
        os.close(leader)
        os.close(follower)
    assert [finding.check for finding in found] == ["size", "colours", "charset"]
