"""Jobs that lead others, and e-mails: started after a question, seen, slowed, paused, stopped, taken over."""

from pathlib import Path
from typing import Any

import pytest

from cockpit.state import exports, jobs
from cockpit.state.database import open_state, transaction
from cockpit.state.jobs import Control, JobKind
from cockpit.tui.app import CockpitApp
from tests.tui.driving import Cockpit, asked, database, drive, not_launched, painted, press, said
from tests.tui.seeded import Scene, Seeded


def control(seeded: Seeded, kind: JobKind) -> Control:
    job = jobs.latest(database(seeded), kind)
    assert job is not None
    return jobs.control(database(seeded), job.id)


@pytest.mark.parametrize(
    ("scene", "keys", "says", "kind"),
    [
        ("empty", ("S",), "Exports every kind that is not exported yet", "run"),
        ("stopped", ("S",), "Exports every kind that is not exported yet", "run"),
        ("stopped", ("5", "S"), "Nothing is deleted", "sync"),
    ],
)
def test_it_says_what_it_does_with_the_focus_on_cancel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scene: Scene, keys: tuple[str, ...], says: str, kind: str
) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *keys)
        assert says in asked(app)
        await press(pilot, "enter", "S", "escape")
        assert started == []
        await press(pilot, "S", "y")
        assert started == [(kind, {"source": "auth0", "live_source": False})]

    drive(tmp_path, scene, script, size=(160, 50))


def test_a_source_that_is_not_settled_is_told_and_gone_on_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        connection = open_state(seeded.path)
        with transaction(connection):
            export = exports.latest(connection)
            assert export is not None
            exports.complete(connection, export.id, "open", 3, export.complete_at or 0)
        connection.close()
        await press(pilot, "5", "S")
        assert "open (delta +3)" in asked(app)
        await press(pilot, "y")
        assert started == [("sync", {"source": "auth0", "live_source": True})]

    drive(tmp_path, "stopped", script, size=(160, 50))


def test_a_run_is_seen_everywhere_and_steered_on_the_overview(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        assert "run RUNNING" in painted(app) and "import: within limit" in painted(app)
        await press(pilot, "S")
        assert "run is running already" in said(app)
        await press(pilot, "left_square_bracket")
        assert control(seeded, "run").rate == 500
        await press(pilot, "p")
        assert (control(seeded, "run").command, control(seeded, "import").command) == ("pause", "run")
        await press(pilot, "s")
        assert control(seeded, "run").command == "run"
        await press(pilot, "X", "y")
        assert control(seeded, "run").command == "stop"
        await press(pilot, "5", "S")
        assert "run is running already" in said(app)
        await press(pilot, "3", "p")
        assert control(seeded, "import").command == "pause"

    drive(tmp_path, "leading", script)


def test_e_mails_are_steered_where_they_are_sent(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        assert "reset RUNNING" in painted(app)
        await press(pilot, "2", "V")
        assert "6 / 20" in painted(app)
        await press(pilot, "e")
        assert "reset is running already" in said(app)
        await press(pilot, "p")
        assert control(seeded, "reset").command == "pause"
        await press(pilot, "s", "right_square_bracket", "left_square_bracket")
        assert (control(seeded, "reset").command, control(seeded, "reset").rate) == ("run", 500)
        await press(pilot, "X", "y")
        assert control(seeded, "reset").command == "stop"

    drive(tmp_path, "resetting", script)


def test_what_writes_nothing_has_no_ceiling(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        connection = open_state(seeded.path)
        with transaction(connection):
            job = jobs.create(connection, "lint", {}, "ada", 1)
        connection.close()
        await press(pilot, "2", "left_square_bracket")
        assert "no export is at work" in said(app) or "lint writes nothing" in said(app)
        assert jobs.control(database(seeded), job).rate is None

    drive(tmp_path, "stopped", script)


@pytest.mark.parametrize(
    ("scene", "kind", "keys", "args"),
    [
        ("leading", "run", ("S", "y"), {"source": "auth0", "live_source": False}),
        ("resetting", "reset", ("2", "V", "e", "y"), {"again": False}),
    ],
)
def test_one_whose_process_died_is_an_alarm_that_names_its_key(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scene: Scene,
    kind: JobKind,
    keys: tuple[str, ...],
    args: dict[str, Any],
) -> None:
    started = not_launched(monkeypatch)
    takes_over = {"run": "S takes over (pane 1)", "reset": "e takes over (pane 2)"}[kind]

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        seeded.close()
        await press(pilot, "1")
        [alarm] = [alarm for alarm in app.snapshot.alarms if alarm.startswith(f"{kind}: DEAD")]
        assert takes_over in alarm
        await press(pilot, *keys)
        assert started == [(kind, args)]

    drive(tmp_path, scene, script)
