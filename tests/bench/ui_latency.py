"""Key to painted screen, through a pty: the cockpit beside an import at full speed, and an idle minimal app.

Both move the cursor of a list. The cockpit's frame counts when it shows the cursor on another row; a frame
that only refreshes numbers does not.
"""

import os
import random
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from cockpit.jobs.launch import NICENESS
from tests.bench import seeded
from tests.bench.figures import Figure
from tests.bench.terminal import Terminal
from tests.jobs.world import World
from tests.sandbox.running import Running

KEYS = 200
ROUNDS = 3
IMPORTED = 300_000
"""More than an import can send while keys are pressed."""
STARTED = 1_000_000
STARTS = 5
DOWN, UP, ENTER = "\x1b[B", "\x1b[A", "\r"
_CURSOR = re.compile(r"▸[ ◆]\s*(\S+)")


def run() -> list[Figure]:
    """Latencies of all rounds together; the three settings take turns."""
    quiet: list[float] = []
    beside: list[float] = []
    ours: list[float] = []
    for _ in range(ROUNDS):
        quiet += idle()
        with _importing() as world:
            ours += _cockpit(world)
            beside += idle()
    return [
        Figure("key to screen: p99, cockpit / idle app", p99(ours) / p99(quiet), "", 1.5),
        Figure("key to screen: p50, cockpit", median(ours) * 1000, "ms", 30),
        Figure("key to screen: p99, cockpit", p99(ours) * 1000, "ms"),
        Figure("key to screen: p50, idle app", median(quiet) * 1000, "ms"),
        Figure("key to screen: p99, idle app", p99(quiet) * 1000, "ms"),
        Figure("key to screen: p50, idle app beside the import", median(beside) * 1000, "ms"),
        Figure("key to screen: p99, idle app beside the import", p99(beside) * 1000, "ms"),
        *_starts(),
    ]


def p99(latencies: list[float]) -> float:
    """The 99th percentile."""
    return sorted(latencies)[len(latencies) * 99 // 100]


@contextmanager
def _importing() -> Iterator[World]:
    """An import at full speed, as nice as the cockpit starts it; ended when the keys are pressed."""
    with TemporaryDirectory() as folder, Running("--source", "none", "--limits", "off") as sandbox:
        world = World(Path(folder), sandbox.base_url)
        seeded.seed(world.state, IMPORTED)
        process = world.start("import")
        os.setpriority(os.PRIO_PROCESS, process.pid, NICENESS)
        try:
            while not world.counts().get("imported"):
                time.sleep(0.1)
            yield world
            assert process.poll() is None, "the import ended before the keys were pressed"
        finally:
            process.terminate()
            process.communicate(timeout=30)


def idle() -> list[float]:
    """Latencies of the idle minimal app."""
    with _idle_app() as terminal:
        terminal.wait(lambda text: "user1@" in text)
        terminal.rest(0.5)
        return [terminal.press(key) for key in _keys(terminal)]


def _idle_app() -> Terminal:
    return Terminal([sys.executable, "-m", "tests.bench.idle_app"], dict(os.environ))


def _cockpit(world: World) -> list[float]:
    with started(world.state) as terminal:
        terminal.wait(lambda text: "Overview" in text)
        terminal.press("3", lambda text: "What happened" in text)
        terminal.rest(1.0)
        terminal.press(ENTER, lambda text: _CURSOR.search(text) is not None)
        terminal.rest(1.0)
        cursor = ""
        latencies = []

        def moved(text: str) -> bool:
            nonlocal cursor
            found = _CURSOR.search(text)
            if found is None or found[1] == cursor:
                return False
            cursor = found[1]
            return True

        for key in _keys(terminal):
            latencies.append(terminal.press(key, moved))
        return latencies


def started(state: Path) -> Terminal:
    """The cockpit over a state."""
    return Terminal([sys.executable, "-m", "cockpit", "--state", str(state)], dict(os.environ))


def _keys(terminal: Terminal) -> Iterator[str]:
    """Ten down, ten up, at a person's uneven pace."""
    rng = random.Random(1)
    for number in range(KEYS):
        terminal.rest(rng.uniform(0.03, 0.13))
        yield DOWN if number // 10 % 2 == 0 else UP


def _starts() -> list[Figure]:
    """From exec until the number of users is on the screen, in turns with the idle app's first frame."""
    ours, theirs = [], []
    with TemporaryDirectory() as folder:
        state = Path(folder, "cockpit.db")
        seeded.seed(state, STARTED)
        for _ in range(STARTS):
            with started(state) as terminal:
                ours.append(terminal.wait(lambda text: f"{STARTED:,}" in text) - terminal.began)
            with _idle_app() as terminal:
                theirs.append(terminal.wait(lambda text: "user1@" in text) - terminal.began)
    return [
        Figure(f"start: exec to data on screen, {STARTED:,} users", median(ours), "s", 1.0),
        Figure("start: exec to first frame, idle app", median(theirs), "s"),
    ]
