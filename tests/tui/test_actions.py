"""The registry: one meaning a key and pane, a handler for each, and a gate that nothing passes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.jobs import launch
from cockpit.state import audit
from cockpit.state.database import open_readonly
from cockpit.state.password_plan import Group
from cockpit.tui import actions
from cockpit.tui.actions import ACTIONS, key_name
from cockpit.tui.app import CockpitApp
from cockpit.tui.commands import Commands, Refused, faster, slower
from cockpit.tui.given import Given
from cockpit.tui.screens.help import Help
from cockpit.tui.situation import Situation
from cockpit.tui.snapshots import PANES, PaneId, Snapshot
from cockpit.tui.steering import Steering
from tests.clocks import FakeClock
from tests.tui.driving import Cockpit, drive, press
from tests.tui.seeded import OPERATOR, Seeded, seed

CHANGING = [(pane, action.id) for action in ACTIONS if action.danger != "look" for pane in action.panes]


@pytest.mark.parametrize("pane", PANES)
def test_a_key_means_one_thing_in_a_pane(pane: PaneId) -> None:
    keys = [key for action in actions.of_pane(pane) for key in action.keys]
    assert len(keys) == len(set(keys))


def test_every_action_has_a_handler(tmp_path: Path) -> None:
    seeded = seed(tmp_path, "empty")
    app = seeded.app()
    for action in ACTIONS:
        for pane in action.panes:
            owners = (app, app.panes[pane], Steering)
            found = action.id.startswith("go_") or any(hasattr(owner, f"do_{action.id}") for owner in owners)
            assert found, (action.id, pane)
    app.poller.close()


@pytest.mark.parametrize(("pane", "id_"), CHANGING)
def test_the_gate_stands_before_every_change(pane: PaneId, id_: str) -> None:
    situation = Situation(pane, Snapshot(0.0), read_only=True, source="auth0", row=True, record=True)
    assert actions.get(id_).why_not(situation) == "this cockpit was opened read-only"


def test_read_only_changes_nothing_whatever_is_pressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launch, "start", lambda *_, **__: pytest.fail("a job was started"))

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        connection = open_readonly(seeded.path)
        before = audit.tail(connection, 1)[0].id
        for pane, deeper in (
            ("export", 0),
            ("import", 0),
            ("errors", 0),
            ("errors", 1),
            ("errors", 2),
            ("diff", 0),
            ("connections", 0),
            ("connections", 1),
            ("webhooks", 0),
        ):
            app.go(pane)  # type: ignore[arg-type]
            await press(pilot, *("escape",) * 3)
            app.go(pane)  # type: ignore[arg-type]
            await press(pilot, *("enter",) * deeper)
            for action in actions.of_pane(app.pane_id):
                if action.danger != "look":
                    await press(pilot, *action.keys[:1])
                    assert len(app.screen_stack) == 1, action.id
        assert audit.tail(connection, 1)[0].id == before

    drive(tmp_path, "running", script, read_only=True)


def test_the_command_layer_is_gated_too(tmp_path: Path) -> None:
    seeded = seed(tmp_path, "running")
    commands = Commands(seeded.path, OPERATOR, FakeClock(), None, Given(), read_only=True)
    group = Group("a1b2c3", "no hash", 3, "ask")
    changes: list[Callable[[], str]] = [
        lambda: commands.start("lint", {}),
        lambda: commands.choose(group, "silent"),
        lambda: commands.retry([1]),
        lambda: commands.ignore([1], "because"),
        lambda: commands.reveal("x"),
    ]
    for change in changes:
        with pytest.raises(Refused, match="read-only"):
            change()
    seeded.close()


def test_the_steps_of_the_ceiling() -> None:
    assert slower(None, 49.5) == 40
    assert slower(40, 40) == 30
    assert slower(1, 1) == 0.5
    assert slower(0.1, 0.1) == 0.1
    assert slower(None, None) == 500
    assert faster(40, 40) == 50
    assert faster(50, 49.5) is None
    assert faster(None, 49.5) is None


def test_help_lists_every_action_of_the_pane(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "question_mark")
        assert isinstance(app.screen, Help)
        shown = "\n".join(line.plain for line in app.screen._lines())
        for action in actions.of_pane("errors"):
            assert action.description.split()[0] in shown
            assert all(key_name(key) in shown for key in action.keys)

    drive(tmp_path, "running", script)
