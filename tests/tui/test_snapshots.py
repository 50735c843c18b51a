"""Every pane in its states, pixel for pixel, at three sizes."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.tui.driving import press, settled
from tests.tui.seeded import Scene, Seeded

Compare = Callable[..., bool]

SIZES = [(80, 24), (120, 40), (160, 50)]
PANES = {
    "overview": (),
    "export": ("2",),
    "memberships": ("2", "v", "v", "v"),
    "lint": ("2", "V", "V"),
    "lint-users": ("2", "V", "V", "enter"),
    "lint-user": ("2", "V", "V", "enter", "enter"),
    "passwords": ("2", "V"),
    "import": ("3",),
    "import-memberships": ("3", "v", "v", "v"),
    "errors": ("4",),
    "error": ("4", "enter", "j", "enter"),
    "fix": ("4", "enter", "f"),
    "fix-all": ("4", "a", "down", "down", "down"),
    "diff": ("5",),
    "connections": ("6",),
    "connection": ("6", "o", "o", "enter"),
}
STATES: list[tuple[Scene, tuple[str, ...]]] = [
    ("empty", ()),
    ("empty", ("4",)),
    ("empty", ("6",)),
    ("empty", ("8",)),
    ("quieting", ()),
    ("throttled", ("3",)),
    ("stale", ("3",)),
    ("stale", ()),
    ("clean", ()),
    ("clean", ("5",)),
    ("clean", ("6",)),
    ("leading", ()),
    ("resetting", ("2", "V", "j")),
    ("empty", ("9",)),
]
DIALOGS = {
    "records": ("4", "enter"),
    "causes-filtered": ("4", "slash", *"class:conflict", "enter"),
    "ignore": ("4", "i"),
    "stop": ("3", "X"),
    "help": ("4", "question_mark"),
    "palette": ("3", "ctrl+p"),
    "filter": ("2", "slash"),
    "user": ("2", "enter"),
    "difference": ("5", "v", "v", "enter"),
    "organization": ("3", "v", "G", "k", "k", "enter"),
    "membership-error": ("4", "slash", *"kind:membership", "enter", "enter", "enter"),
    "merge": ("4", "j", "m"),
    "rules": ("4", "A"),
    "choose": ("2", "V", "j", "c"),
    "sync": ("5", "S"),
    "connections-filtered": ("6", "slash", *"verdict:stop", "enter"),
    "override": ("6", "o", "o", "v", "home"),
    "strategy": ("6", "S"),
    "invite": ("6", "slash", *"soylent", "enter", "t", "i"),
}
WEBHOOKS: dict[str, tuple[Scene, tuple[str, ...]]] = {
    "sequence": ("quieting", ("8",)),
    "tank": ("quieting", ("8", "v")),
    "drain": ("draining", ("8", "v", "v")),
    "events": ("draining", ("8", "V")),
}
WEBHOOK_DIALOGS: dict[str, tuple[Scene, tuple[str, ...]]] = {
    "act": ("quieting", ("8", "enter")),
    "attest": ("quieting", ("8", "a")),
    "drain-form": ("quieting", ("8", "v", "s", *"https://app.example/webhooks")),
    "discard": ("quieting", ("8", "v", "D", *"unused", "enter")),
    "dead": ("draining", ("8", "v", "d")),
    "redrive": ("draining", ("8", "v", "d", "R")),
    "event": ("draining", ("8", "V", "j", "j", "enter")),
    "gaps": ("draining", ("8", "V", "c")),
    "no-tank": ("empty", ("8", "v")),
}
LOGS: dict[str, tuple[Scene, tuple[str, ...]]] = {
    "audit": ("running", ("9",)),
    "jobs": ("stopped", ("9", "v", "v")),
    "job": ("running", ("9", "v", "v", "enter")),
    "output": ("stopped", ("9", "V")),
    "entry": ("running", ("9", "slash", *"action:override", "enter", "enter")),
}
QUESTIONS = {"run": ("S",), "resets": ("2", "V", "e")}


def check(compare: Compare, seeded: Seeded, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    async def before(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await press(pilot, *keys)

    assert compare(seeded.app(), terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("pane", PANES)
def test_panes(snap_compare: Compare, scenes: dict[Scene, Seeded], pane: str, size: tuple[int, int]) -> None:
    check(snap_compare, scenes["running"], PANES[pane], size)


@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(("scene", "keys"), STATES)
def test_states(
    snap_compare: Compare,
    scenes: dict[Scene, Seeded],
    scene: Scene,
    keys: tuple[str, ...],
    size: tuple[int, int],
) -> None:
    check(snap_compare, scenes[scene], keys, size)


@pytest.mark.parametrize("name", DIALOGS)
def test_dialogs_and_drilling_down(snap_compare: Compare, scenes: dict[Scene, Seeded], name: str) -> None:
    check(snap_compare, scenes["running"], DIALOGS[name], (80, 24))


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_when_nothing_is_at_work(
    snap_compare: Compare, scenes: dict[Scene, Seeded], name: str
) -> None:
    check(snap_compare, scenes["stopped"], QUESTIONS[name], (80, 24))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", WEBHOOKS)
def test_webhooks(
    snap_compare: Compare, scenes: dict[Scene, Seeded], name: str, size: tuple[int, int]
) -> None:
    scene, keys = WEBHOOKS[name]
    check(snap_compare, scenes[scene], keys, size)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", LOGS)
def test_logs(snap_compare: Compare, scenes: dict[Scene, Seeded], name: str, size: tuple[int, int]) -> None:
    scene, keys = LOGS[name]
    check(snap_compare, scenes[scene], keys, size)


@pytest.mark.parametrize("name", WEBHOOK_DIALOGS)
def test_webhooks_drilling_down(snap_compare: Compare, scenes: dict[Scene, Seeded], name: str) -> None:
    scene, keys = WEBHOOK_DIALOGS[name]
    check(snap_compare, scenes[scene], keys, (80, 24))
