"""Triage with 100,000 errors, through a pty: opening the pane and a cause, stepping; and a fix previewed."""

import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from cockpit.rules.fixes import made
from cockpit.state import preview
from cockpit.state.database import open_readonly
from tests.bench import failing
from tests.bench.figures import Figure
from tests.bench.terminal import Terminal
from tests.bench.ui_latency import idle, p99, started

ERRORS = 100_000
PREVIEWED = 10_000
ROUNDS = 3
STEPS = 150
ENTER = "\r"


def run() -> list[Figure]:
    """Steps and the idle app take turns, so that both see the same machine."""
    opened: list[float] = []
    listed: list[float] = []
    steps: list[float] = []
    quiet: list[float] = []
    with TemporaryDirectory() as folder:
        state = Path(folder, "cockpit.db")
        failing.seed(state, ERRORS, PREVIEWED)
        for _ in range(ROUNDS):
            quiet += idle()
            with started(state) as terminal:
                terminal.wait(lambda text: "Overview" in text)
                terminal.rest(1.0)
                opened.append(terminal.press("4", lambda text: failing.LARGE in text))
                terminal.rest(1.0)
                listed.append(terminal.press(ENTER, lambda text: "user1@example.com" in text))
                terminal.rest(1.0)
                terminal.press(ENTER, lambda text: "1\N{NO-BREAK SPACE}of" in text)
                terminal.rest(0.5)
                steps += [_step(terminal, number) for number in range(2, STEPS + 2)]
        previewed = [_preview(state) for _ in range(ROUNDS)]
    return [
        Figure(f"errors: pane opened, {ERRORS:,} errors", median(opened) * 1000, "ms", 300),
        Figure(f"errors: first rows of a cause of {ERRORS - PREVIEWED:,}", median(listed) * 1000, "ms", 300),
        Figure("errors: next record p99 / idle app p99", p99(steps) / p99(quiet), "", 1.5),
        Figure("errors: next record, p50", median(steps) * 1000, "ms"),
        Figure("errors: next record, p99", p99(steps) * 1000, "ms"),
        Figure("errors: idle app, p99", p99(quiet) * 1000, "ms"),
        Figure(f"errors: fix of {PREVIEWED:,} previewed", median(previewed), "s", 1.0),
    ]


def _step(terminal: Terminal, number: int) -> float:
    """From `n` until the next record's place among all is on the screen."""
    terminal.rest(0.05)
    return terminal.press("n", lambda text: f"{number:,}\N{NO-BREAK SPACE}of" in text)


def _preview(state: Path) -> float:
    connection = open_readonly(state)
    began = time.perf_counter()
    found = preview.preview(connection, made(failing.SMALL_CAUSE, "cut", "metadata.bio"))
    took = time.perf_counter() - began
    connection.close()
    assert found.changed == PREVIEWED, found
    return took
