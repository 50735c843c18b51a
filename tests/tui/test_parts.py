"""The small parts: words, widths, the grid, filters, what a failure names."""

import sqlite3
from array import array
from pathlib import Path

import pytest
from rich.cells import cell_len

from cockpit.state import batches, browse, journal
from cockpit.state.batches import BatchCell
from cockpit.state.database import open_readonly
from cockpit.tui import checklist, clipboard, leave, records, text
from cockpit.tui.app import CockpitApp
from cockpit.tui.records import Side
from cockpit.tui.snapshots import Snapshot
from cockpit.tui.widgets import batch_map, json_lines
from cockpit.tui.widgets.cells import Column, fit, widths
from tests.tui.driving import Cockpit, drive, press, settled
from tests.tui.seeded import BATCH, Scene, Seeded, seed


def test_numbers_and_times_in_words() -> None:
    assert text.span(59.4) == "59 s"
    assert text.span(5000) == "1 h 23 m"
    assert text.span(100_000) == "1 d 3 h"
    assert text.percent(0.99999) == "99.9 %"
    assert text.share(140, 100) == 1.0
    assert text.share(3, None) == 0.0
    assert text.finish(0.0, None) == "done -"
    assert text.size(999) == "999 B"
    assert text.size(4_100_000) == "4.1 MB"
    assert text.rate(None) == "-"
    assert text.bar(0.5, 4) == ("██", "··")


@pytest.mark.parametrize("value", ["short", "名前名前名前名前", "👩‍👩‍👧‍👦 family", "é" * 40, ""])
@pytest.mark.parametrize("width", [1, 5, 12])
def test_cells_are_exactly_as_wide_as_asked(value: str, width: int) -> None:
    assert cell_len(fit(value, width)) == width


def test_columns_share_the_width_and_leave_out_what_does_not_fit() -> None:
    columns = (Column("a", 10, grow=1), Column("b", 5, least=60), Column("c", 5))
    assert widths(columns, 40) == [33, 0, 5]
    assert widths(columns, 60) == [46, 5, 5]


@pytest.mark.parametrize("count", [1, 10, 999, 10_000])
def test_the_grid_of_any_number_of_batches_fits(count: int) -> None:
    cells = tuple(BatchCell(n, 1, 100, 100, 0, 0) for n in range(count))
    folded = batch_map.merged(cells, 500)
    assert len(folded) <= 500
    assert sum(cell.batches for cell in folded) == count
    assert sum(cell.done for cell in folded) == count * 100


def test_a_cell_shows_what_matters_most() -> None:
    assert batch_map.kind(BatchCell(0, 1, 10, 4, 1, 2)) == "flight"
    assert batch_map.kind(BatchCell(0, 1, 10, 9, 1, 0)) == "failed"
    assert batch_map.kind(BatchCell(0, 1, 10, 10, 0, 0)) == "done"
    assert batch_map.kind(BatchCell(0, 1, 10, 1, 0, 0)) == "partly"
    assert batch_map.kind(BatchCell(0, 1, 10, 0, 0, 0)) == "waiting"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> sqlite3.Connection:
    seeded = seed(tmp_path_factory.mktemp("running"), "running")
    seeded.close()
    return open_readonly(seeded.path)


def test_cells_add_up_to_the_batches(running: sqlite3.Connection) -> None:
    cells = batches.cells(running, journal.USER, BATCH, 50)
    counts = journal.counts(running, journal.USER)
    assert len(cells) <= 50
    assert sum(cell.total for cell in cells) == sum(counts.values())
    assert sum(cell.failed for cell in cells) == counts["failed"]
    assert sum(cell.in_flight for cell in cells) == counts["sending"]


@pytest.mark.parametrize(
    ("filter_", "found"),
    [
        ("", 32),
        ("kind:membership", 6),
        ("kind:factor", 1),
        ("Cyberdyne", 1),
        ("code:metadata_too_long", 12),
        ("!code:metadata_too_long", 20),
        ("status:503", 3),
        ("class:fixable !email_syntax", 18),
        ("is:ignored", 0),
        ("100%", 0),
        ("http://x", 0),
        ("@@acme", 2),
    ],
)
def test_filters(running: sqlite3.Connection, filter_: str, found: int) -> None:
    listing = browse.errors()
    ids = browse.ids(running, listing, filter_)
    assert len(ids) == found
    assert browse.newer(running, listing, filter_, 0) == found
    assert browse.still(running, listing, filter_, ids) == set(ids)
    assert browse.ids(running, listing, filter_, "newest") == array("q", reversed(ids))


def test_the_fields_a_failure_names() -> None:
    request = {"email": "x", "first_name": "y", "metadata": {"plan": "z"}}
    assert records.offending(request, "metadata_too_long", "", None) == {"metadata"}
    assert records.offending(request, None, "first_name is too long", None) == {"first_name"}
    body = {"errors": [{"field": "email", "code": "bad"}]}
    assert records.offending(request, None, "unprocessable", body) == {"email"}
    assert records.offending(None, "email", "", None) == frozenset()


def test_json_is_folded_marked_and_masked() -> None:
    value = {"password_hash": "$2b$10$x", "bio": "b" * 4000, "many": list(range(500)), "deep": _deep(200)}
    shown = "\n".join(map(json_lines.plain, json_lines.lines(value, frozenset({"bio"}))))
    assert "(4,002 characters, L unfolds)" in shown
    assert "380 more" in shown
    assert '▶ "bio"' in shown
    record = records.Record("x", (), (), (Side("source payload", value),))
    assert record.document()["source payload"]["password_hash"] == "***"


def _deep(levels: int) -> object:
    return [] if levels == 0 else [_deep(levels - 1)]


def test_copying_through_tmux_is_wrapped() -> None:
    assert clipboard.sequence("hi", tmux=False) == "\x1b]52;c;aGk=\a"
    assert clipboard.sequence("hi", tmux=True).startswith("\x1b]52;c;aGk=\a\x1bPtmux;\x1b\x1b]52")


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        ("empty", ["to do", "waits", "waits", "waits", "waits"]),
        ("running", [*["done"] * 5, *["running"] * 3, "look", "to do", "look"]),
        ("throttled", [*["done"] * 5, *["throttled"] * 3, "look", "to do", "look"]),
        ("stopped", [*["done"] * 5, *["partly"] * 3, "look", "to do", "look"]),
        ("clean", ["done"] * 11),
    ],
)
def test_the_checklist(tmp_path: Path, scene: Scene, words: list[str]) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        assert [step.mark.word for step in checklist.steps(app.snapshot)] == words

    drive(tmp_path, scene, script)


def test_a_database_error_is_an_alarm_and_passes(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        moved = seeded.path.rename(tmp_path / "elsewhere")
        seeded.path.write_bytes(b"not a database" * 100)
        app.poller._watch._drop()
        await settled(pilot)
        assert any("damaged" in alarm for alarm in app.snapshot.alarms)
        assert app.snapshot.summary is not None
        moved.replace(seeded.path)
        await press(pilot, "2")
        assert not app.snapshot.problem

    drive(tmp_path, "clean", script)


def test_what_is_said_on_the_way_out(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        said = leave.lines(app.snapshot, seeded.path)
        assert said[0].startswith("1,200 users: 427 ready, 12 sending, 730 imported")
        assert said[1] == "import goes on as job 5 (process 4243): running, done ~15:44 (1 h 23 m left)"
        assert said[2] == f"To come back: cockpit --state {seeded.path}"

    drive(tmp_path, "running", script)


def test_a_display_that_stops_moving_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no such column")

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        monkeypatch.setattr(app.pane, "update", broken)
        await app._guarded_tick()
        await pilot.pause()
        assert "ValueError: no such column" in app.export_screenshot().replace("&#160;", " ")

    drive(tmp_path, "clean", script)


def test_a_long_log_is_an_alarm() -> None:
    assert "write-ahead log" in Snapshot(0.0, wal=65 << 20).alarms[0]


def test_new_matches_are_counted_until_reloaded(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "2", *"vvvvv")
        browser = app.pane.browser
        assert browser is not None
        browser.ids = browser.ids[4:]
        browser._newest = browser.ids[0]
        await settled(pilot)
        assert browser.border_subtitle == "+4 new, r"
        await press(pilot, "r")
        assert browser.border_subtitle == ""
        assert len(browser.ids) == 26

    drive(tmp_path, "clean", script)


def test_only_the_visible_pane_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        for pane in app.panes.values():
            monkeypatch.setattr(pane, "update", lambda *_, name=pane.pane_id: asked.append(name))
        await press(pilot, "3")
        assert set(asked) == {"import"}

    drive(tmp_path, "running", script)
