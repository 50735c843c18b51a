"""Every key that changes something, pressed as a person does, judged by what the database says then."""

import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import Clock
from cockpit.jobs import launch
from cockpit.state import browse, errors, jobs, journal
from cockpit.state.error_filter import Filter
from cockpit.state.jobs import Job
from cockpit.tui.app import CockpitApp
from cockpit.tui.panes.errors import ErrorsPane
from tests.tui.driving import Cockpit, database, drive, last_action, press, said
from tests.tui.refusals import BLOCKED, REFUSED
from tests.tui.seeded import OPERATOR, Seeded


def import_job(seeded: Seeded) -> Job:
    found = jobs.latest(database(seeded), "import")
    assert found is not None
    return found


def test_pause_resume_and_the_ceiling(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        def control() -> jobs.Control:
            return jobs.control(database(seeded), import_job(seeded).id)

        await press(pilot, "3", "p")
        assert control().command == "pause"
        assert last_action(seeded).action == "import.pause"
        await press(pilot, "p")
        assert "s resumes it" in said(app)
        await press(pilot, "s")
        assert control().command == "run"
        await press(pilot, "left_square_bracket")
        assert control().rate == 40
        await press(pilot, "left_square_bracket")
        assert control().rate == 30
        await press(pilot, "right_square_bracket")
        assert control().rate == 40
        row = last_action(seeded)
        assert (row.operator, row.action, row.before, row.after) == (
            OPERATOR,
            "import.throttle",
            "30/s",
            "40/s",
        )

    drive(tmp_path, "running", script)


def test_stop_asks_with_the_focus_on_cancel(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        def command() -> str:
            return jobs.control(database(seeded), import_job(seeded).id).command

        await press(pilot, "3", "X", "enter")
        assert command() == "run"
        await press(pilot, "X", "escape")
        assert command() == "run"
        await press(pilot, "X", "y")
        assert command() == "stop"

    drive(tmp_path, "running", script)


@pytest.mark.parametrize(
    ("scene", "keys", "kind", "args"),
    [
        ("empty", ("s",), "export", {"source": "auth0"}),
        ("clean", ("2", "s"), "export", {"source": "auth0"}),
        ("clean", ("2", "l"), "lint", {}),
        ("clean", ("3", "s"), "import", {}),
        ("clean", ("4", "s"), "import", {}),
        ("clean", ("5", "s"), "diff", {}),
    ],
)
def test_start_launches_the_work_of_the_pane(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    scene: Any,
    keys: tuple[str, ...],
    kind: str,
    args: dict[str, Any],
) -> None:
    started: list[tuple[str, Mapping[str, Any], str]] = []

    def start(
        state: Path, kind: str, args: Mapping[str, Any], *, operator: str, clock: Clock, config: Path | None
    ) -> int:
        started.append((kind, args, operator))
        return 9

    monkeypatch.setattr(launch, "start", start)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *keys)
        assert started == [(kind, args, OPERATOR)]
        assert f"{kind} started as job 9" in said(app)

    drive(tmp_path, scene, script)


def test_a_disabled_key_says_why(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "3", "s")
        assert "import is running already" in said(app)
        await press(pilot, "5", "X")
        assert "no diff is at work" in said(app)

    drive(tmp_path, "running", script)


def test_a_job_whose_process_died_is_said_to_be_dead_and_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    def start(state: Path, kind: str, args: Mapping[str, Any], **_: object) -> int:
        started.append(kind)
        return 9

    monkeypatch.setattr(launch, "start", start)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        seeded.close()
        await press(pilot, "3")
        assert any("DEAD" in alarm for alarm in app.snapshot.alarms)
        await press(pilot, "s")
        assert started == ["import"]

    drive(tmp_path, "running", script)


def test_a_hung_job_is_stale_in_words_and_not_started_twice(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        assert any("STALE" in alarm and "4243" in alarm for alarm in app.snapshot.alarms)
        await press(pilot, "3", "s")
        assert "process 4243 still holds the lock" in said(app)

    drive(tmp_path, "stale", script)


def test_retry_one_marked_and_a_whole_cause(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        def left() -> int:
            return len(errors.ids(database(seeded), Filter(fingerprint=REFUSED[0].fingerprint)))

        before = left()
        ready = journal.counts(database(seeded), journal.USER)["ready"]
        await press(pilot, "4", "enter", "r")
        assert left() == before - 1
        await press(pilot, "j", "space", "space", "r")
        assert left() == before - 3
        await press(pilot, "R")
        assert left() == 0
        assert journal.counts(database(seeded), journal.USER)["ready"] == ready + before
        assert last_action(seeded).action == "errors.retry"

    drive(tmp_path, "running", script)


def test_actions_mean_ids_not_the_row_that_is_there_by_then(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "enter", "j", "j")
        browser = app.pane.browser
        assert browser is not None
        chosen = browser.cursor
        app.commands.retry([browser.ids[0]])
        await press(pilot, "ctrl+r")
        assert browser.cursor == chosen
        assert browser.line == 1

    drive(tmp_path, "running", script)


def test_a_row_that_left_the_filter_stays_greyed_until_reloaded(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "enter", "r")
        browser = app.pane.browser
        assert browser is not None
        row = browser.row(browser.ids[0])
        assert row is not None and row.gone
        count = len(browser.ids)
        await press(pilot, "ctrl+r")
        assert len(browser.ids) == count - 1

    drive(tmp_path, "running", script)


def test_ignore_needs_a_reason_and_keeps_it(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        def skipped() -> int:
            return journal.counts(database(seeded), journal.USER)["skipped"]

        await press(pilot, "4", "enter", "i", "enter", "escape")
        assert skipped() == 0
        await press(pilot, "i", *"left us", "enter")
        assert skipped() == 1
        assert last_action(seeded).why == "left us"
        await press(pilot, "escape", *"jjjj", "i", *"spam", "enter")
        assert not errors.ids(database(seeded), Filter(fingerprint=BLOCKED.fingerprint))
        assert skipped() == 3

    drive(tmp_path, "running", script)


def test_next_and_previous_walk_the_records(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "enter", "enter")

        def subject() -> str:
            assert app.pane.opened is not None and app.pane.opened.record is not None
            return app.pane.opened.record.subject

        first = subject()
        await press(pilot, "n")
        second = subject()
        assert second != first
        await press(pilot, "p")
        assert subject() == first
        await press(pilot, "escape", "escape")
        assert app.pane.level == "groups"

    drive(tmp_path, "running", script)


def test_secrets_are_masked_until_revealed_and_that_is_audited(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "enter", "enter")
        assert "$2b$10$" not in app.export_screenshot()
        await press(pilot, "u")
        assert last_action(seeded).action == "record.reveal"
        assert app.pane.opened is not None and app.pane.opened.revealed
        assert "2b$10$" in app.export_screenshot()
        await press(pilot, "n")
        assert "2b$10$" not in app.export_screenshot()

    drive(tmp_path, "running", script, size=(160, 50))


def test_filter_sort_and_their_way_back(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "2", "slash", *"state:failed", "enter")
        browser = app.pane.browser
        assert browser is not None
        assert len(browser.ids) == 23
        assert "state:failed" in str(browser.border_title)
        await press(pilot, "o")
        assert browser.order == "e-mail"
        await press(pilot, "escape")
        assert len(browser.ids) == 1200
        await press(pilot, "slash", *"grace", "escape")
        assert browser.filter == ""

    drive(tmp_path, "running", script)


def test_a_filter_on_causes_goes_along_to_their_records(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "slash", *"code:metadata_too_long", "enter", "enter")
        assert app.pane.level == "records"
        assert app.pane.browser is not None
        assert len(app.pane.browser.ids) == 12

    drive(tmp_path, "running", script)


def test_export_of_rows_is_masked_and_private(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "enter", "x")
        (file,) = tmp_path.glob("cockpit-errors-*.jsonl")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert len(lines) == 12
        assert lines[0]["source payload"]["passwordHash"] == "***"
        assert file.name in said(app)

    drive(tmp_path, "running", script)


def test_the_records_of_a_cause_are_exported_from_the_list_of_causes(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "j", "x")
        assert isinstance(app.pane, ErrorsPane) and app.pane.level == "groups"
        cause = app.pane.cause
        assert cause is not None
        (file,) = tmp_path.glob("cockpit-errors-*.jsonl")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        assert len(lines) == cause.group.open
        assert {line["source payload"]["passwordHash"] for line in lines} == {"***"}
        assert f"{len(lines)} rows, masked, in {file}" in said(app)
        file.unlink()
        who = lines[0]["source payload"]["email"].partition("@")[0]
        await press(pilot, "slash", *who, "enter", "x")
        assert app.pane.narrowed_group is not None
        listing, words = app.pane.narrowed_group
        wanted = list(browse.ids(database(seeded), listing, words))
        (file,) = tmp_path.glob("cockpit-errors-*.jsonl")
        assert 0 < len(file.read_text().splitlines()) == len(wanted) < cause.group.open

    drive(tmp_path, "running", script)


def test_copy_goes_to_the_terminal_and_to_a_file(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        file = tmp_path / "cockpit-copied.txt"
        await press(pilot, "4", "enter", "y")
        assert file.read_text().endswith("@acme.example")
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        await press(pilot, "Y")
        assert json.loads(file.read_text())["source payload"]["passwordHash"] == "***"
        assert file.name in said(app)

    drive(tmp_path, "running", script)


def test_freeze_holds_the_display_and_says_so(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "F")
        held = app.snapshot
        await seeded.clock.sleep(5)
        await press(pilot, "3")
        assert app.snapshot is held
        assert "FROZEN" in app.export_screenshot()
        await press(pilot, "F")
        assert app.snapshot.at == seeded.clock.now()

    drive(tmp_path, "running", script)


def test_the_ways_down_and_back(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *"jjjj", "enter")
        assert app.pane_id == "import"
        await press(pilot, "right", "right", "enter")
        assert app.pane.browser is not None
        assert list(app.pane.browser.ids) == list(range(21, 31))
        await press(pilot, "enter")
        assert app.pane.level == "record"
        await press(pilot, "escape", "escape", "2", "v", "enter")
        assert app.pane.level == "record"
        await press(pilot, "escape", *"vvvvv", "enter", "enter")
        assert app.pane.level == "record"
        await press(pilot, "escape")
        assert app.pane.level == "found"
        await press(pilot, "5", "v", "enter", "L")
        assert app.pane.level == "record"

    drive(tmp_path, "running", script)


def test_leaving_ends_only_the_cockpit(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        before = import_job(seeded)
        await pilot.press("q")
        await pilot.pause()
        assert import_job(seeded) == before
        assert jobs.control(database(seeded), before.id).command == "run"

    drive(tmp_path, "running", script)
