"""What makes the cockpit's screens the same everywhere: one time zone, a cursor that does not blink."""

import json
import os
import time
from collections.abc import Container, Iterator

import pytest
from textual.widgets import Input

from cockpit.tui import outside
from cockpit.tui.commands import Commands
from tests.tui.seeded import SCENES, Scene, Seeded, seed


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """UTC, and no blinking."""
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.delenv("TMUX", raising=False)
    time.tzset()
    monkeypatch.setattr(Input, "_toggle_cursor", lambda self: None)
    yield
    os.environ.pop("TZ", None)
    time.tzset()


@pytest.fixture(scope="session")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Scene, Seeded]]:
    """Every scene, seeded once; for tests that only look."""
    seeded = {scene: seed(tmp_path_factory.mktemp(scene), scene) for scene in SCENES}
    yield seeded
    for one in seeded.values():
        one.close()


@pytest.fixture
def outside_words(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """Commands are noted instead of run; all succeed."""
    words: list[tuple[str, ...]] = []

    async def run(commands: Commands, *told: str, fine: Container[int] = (0,), outlives: bool = False) -> str:
        words.append(told)
        if told[:2] == ("rollout", "checklist"):
            item = {"what": "event", "done": True, "found": "event_1, session s_1", "todo": ""}
            todo = "look there, then: cockpit rollout tick ID dashboard"
            seen = {"what": "dashboard", "done": False, "found": "https://dashboard.example", "todo": todo}
            return json.dumps([item, seen])
        if "--json" in told:
            return json.dumps({"stage": "flipping", "watched": True})
        return "wave canary: running, 1 of 1 armed\n"

    monkeypatch.setattr(outside, "run", run)
    return words
