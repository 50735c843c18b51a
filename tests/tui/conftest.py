"""What makes the cockpit's screens the same everywhere: one time zone, a cursor that does not blink."""

import os
import time
from collections.abc import Iterator

import pytest
from textual.widgets import Input

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
