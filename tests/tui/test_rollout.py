"""Pane 7: what it shows of all connections and of one, and to whom."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.state import events
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, audit, beside, flips, routes, ticks
from cockpit.terms import Event
from cockpit.tui import actions
from cockpit.tui.app import CockpitApp
from cockpit.tui.commands import Refused
from cockpit.tui.screens.ask import Ask
from tests.tui.board_state import EXPIRED, HELD, PORTAL, WAVE, seed_rollout
from tests.tui.boarding import column, entry, flip_of, of_three, pane, rollout, to
from tests.tui.driving import Cockpit, drive_over, not_launched, painted, press, said, settled
from tests.tui.seeded import OPERATOR, Seeded

WIDE, NARROW = (160, 50), (80, 24)


# What it shows


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_board_tells_each_connection_the_waves_the_flips_and_the_proxies(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7")
        screen = painted(app)
        for part in ("RUNNING", "hb 0.4s", "3 of 3 proxies confirmed", "database 25 ms", "16.5 %"):
            assert part in screen, part
        for part in (f"{WAVE} running", "evidence 1 of 2", "1 unproven", "of 48 h", "verifying", "armed"):
            assert part in screen, part
        if size == WIDE:
            for part in ("MANUAL 1", "LEGACY 13", "CANARY 1", "WORKOS 2", "HELD 1", "their IT is away"):
                assert part in screen, part

    drive_over(seed_rollout(tmp_path, "wave"), script, size=size)


def test_lanes_and_table_keep_the_cursor_and_the_marks(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7", "j", "space", "right")
        board = pane(app)
        current, marked = board.current, board.marked
        assert current is not None and len(marked) == 1
        await press(pilot, "v")
        assert board.table is not None
        assert (board.current, board.marked) == (current, marked)
        await press(pilot, "v")
        assert board.table is None
        assert (board.current, board.marked) == (current, marked)
        await pilot.resize_terminal(80, 24)
        await settled(pilot)
        assert board.table is not None and board.current == current
        await press(pilot, "v")
        assert "lanes need 110 columns" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script, size=WIDE)


def test_arrows_go_through_lanes_that_have_cards(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7")
        seen = []
        for key in ("g", "right", "right", "right", "right", "left", "left", "left", "left", "left"):
            await press(pilot, key)
            current = pane(app).current
            assert current is not None
            seen.append(column(seeded, current))
        assert seen == [
            *("legacy", "canary", "workos", "held", "held"),
            *("workos", "canary", "legacy", "manual", "manual"),
        ]

    drive_over(seed_rollout(tmp_path, "wave"), script, size=WIDE)


def test_filter_and_order(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7", "slash", *"board:held", "enter")
        assert pane(app).shown.rows == [HELD]
        assert "filter: board:held" in painted(app)
        await press(pilot, "escape", "slash", *f"wave:{WAVE}", "space", *"!state:armed", "enter")
        assert sorted(pane(app).shown.rows) == sorted(of_three(seeded)[:2])
        await press(pilot, "escape", "o", "o", "o")
        assert pane(app).shown.order == "days"
        assert pane(app).shown.rows[0] == EXPIRED
        await press(pilot, "escape")
        assert app.pane_id == "overview"

    drive_over(seed_rollout(tmp_path, "wave"), script, size=NARROW)


def test_rows_stay_where_they_are_until_a_person_sorts(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7", "o")
        board = pane(app)
        before, current = list(board.shown.rows), board.current
        live, *_ = of_three(seeded)
        with closing(open_state(beside(seeded.path), kind=ROLLOUT)) as db:
            flips.take_back(db, [live], audit.Actor("grace"), 1, "elsewhere")
        await settled(pilot)
        assert board.shown.rows == before and board.current == current
        await press(pilot, "r")
        assert board.shown.rows != before

    drive_over(seed_rollout(tmp_path, "wave"), script, size=NARROW)


def test_a_watch_without_life_says_so_in_words(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7")
        assert "STALE" in painted(app) and "no heartbeat for 34 s" in painted(app)
        seeded.close()
        await settled(pilot)
        assert "its process ended without a word; s takes over" in painted(app)

    drive_over(seed_rollout(tmp_path, "silent"), script, size=WIDE)


def test_what_fails_and_a_wave_that_stands_are_alarms(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7")
        assert f"! wave {WAVE} halted: several fail alike" in painted(app)
        assert "fails: 0 of 4 sign-ins succeeded" in painted(app)

    drive_over(seed_rollout(tmp_path, "failing"), script, size=WIDE)


def test_the_board_is_made_by_whoever_looks_first(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        assert not beside(seeded.path).exists()
        await press(pilot, "7")
        assert len(pane(app).shown.rows) == 18
        assert "LEGACY 17" in painted(app)
        assert "no proxy reports" in painted(app)

    drive_over(seed_rollout(tmp_path, "unlevelled"), script, size=WIDE)


def test_rows_and_records_are_copied_and_written(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, HELD)
        await press(pilot, "y")
        copied = seeded.path.with_name("cockpit-copied.txt")
        assert copied.read_text() == HELD
        await press(pilot, "Y")
        assert json.loads(copied.read_text())["audit"][0]["by"] == "grace"
        await press(pilot, "x")
        (file,) = tmp_path.glob("cockpit-rollout-*.jsonl")
        (row,) = map(json.loads, file.read_text().splitlines())
        assert (row["connection"], row["board"], row["why"]) == (HELD, "held", "their IT is away")

    drive_over(seed_rollout(tmp_path, "wave"), script, size=NARROW)


# Evidence


def test_a_connection_is_opened_with_checklist_health_history_and_audit(
    tmp_path: Path, outside_words: list[tuple[str, ...]]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        live, *_ = of_three(seeded)
        await to(pilot, app, live)
        await press(pilot, "enter")
        assert outside_words == [("rollout", "checklist", "--json", "--", live)]
        screen = painted(app)
        for part in ("event_1, session s_1", "not seen", "look there, then t"):
            assert part in screen, part
        for part in ("6 of 7 succeeded", "1 failed", "profile_not_allowed", "edge-1", "route.move"):
            assert part in screen, part
        await press(pilot, "escape", "escape", "enter", "n", "p")
        assert pane(app).current == live

    drive_over(seed_rollout(tmp_path, "wave"), script, size=WIDE)


def test_logins_that_began_and_succeeded_show_how_long_they_took(
    tmp_path: Path, outside_words: list[tuple[str, ...]]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        live, *_ = of_three(seeded)
        flipped = flip_of(seeded, live).flipped_at
        target = routes.one(rollout(seeded), live).described.route.target_id
        assert flipped is not None
        page: list[Event] = []
        for number, took in enumerate((2_000, 3_000, 10_000)):
            body = json.dumps({"data": {"sso": {"session_id": f"timed_{number}"}}})
            for name, at in (("started", flipped + number), ("succeeded", flipped + number + took)):
                kind = f"authentication.sso_{name}"
                page.append(Event(f"{name}_{number}", kind, at, target, None, None, body))
        with closing(open_state(seeded.path)) as db, transaction(db):
            events.commit(db, page, "succeeded_2", flipped)
        await to(pilot, app, live)
        await press(pilot, "enter")
        assert "p50 3.0 s" in painted(app) and "p95 9.3 s" in painted(app)
        assert "of 3 logins" in painted(app)

    drive_over(seed_rollout(tmp_path, "wave"), script, size=WIDE)


def test_a_person_ticks_what_they_saw(tmp_path: Path, outside_words: list[tuple[str, ...]]) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        live, *_ = of_three(seeded)
        await to(pilot, app, live)
        await press(pilot, "enter", "t")
        assert isinstance(app.screen, Ask)
        await press(pilot, *"session of jo", "enter")
        assert ticks.of(rollout(seeded), live)["dashboard"][::2] == (OPERATOR, "session of jo")
        assert outside_words[-1][:2] == ("rollout", "checklist") and len(outside_words) == 2

    drive_over(seed_rollout(tmp_path, "wave"), script, size=WIDE)


def test_of_one_at_legacy_there_is_nothing_to_check(
    tmp_path: Path, outside_words: list[tuple[str, ...]]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, PORTAL)
        await press(pilot, "enter")
        assert "its logins were never at WorkOS" in painted(app)
        assert outside_words == []
        await press(pilot, "t")
        assert "its logins are not at WorkOS" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script, size=WIDE)


# Who may


def test_read_only_looks_and_does_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outside_words: list[tuple[str, ...]]
) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        before = entry(seeded).id
        for deeper in ((), ("enter",)):
            await press(pilot, "7", *deeper)
            for action in actions.of_pane("rollout"):
                if action.danger != "look" and action.keys:
                    await press(pilot, action.keys[0])
                    assert len(app.screen_stack) == 1, action.id
        assert "kill: this cockpit was opened read-only" in said(app)
        assert entry(seeded).id == before and started == []
        with pytest.raises(Refused, match="read-only"):
            pane(app).acts.kill_all()

    drive_over(seed_rollout(tmp_path, "wave"), script, read_only=True)


def test_read_only_makes_no_board(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7")
        assert not beside(seeded.path).exists()
        assert "cockpit rollout board makes it" in painted(app)

    drive_over(seed_rollout(tmp_path, "unlevelled"), script, read_only=True)


def test_hostile_names_are_shown_escaped(tmp_path: Path) -> None:
    seeded = seed_rollout(tmp_path, "before")
    with closing(open_state(beside(seeded.path), kind=ROLLOUT)) as db:
        db.execute("update routes set organization = 'a' || char(27) || '[2J' || char(8238) || '[b]x'")

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7")
        pane(app)._levelled = app.commands.clock.monotonic()
        screen = app.export_screenshot()
        assert "\x1b" not in screen and "\u202e" not in screen

    drive_over(seeded, script, read_only=True)


def test_the_overview_leads_to_the_board(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        screen = painted(app)
        assert "3 of 17 at WorkOS, 1 held, wave 25% running" in screen
        assert "Decommission" in screen and "14 of 17 connections are not at WorkOS" in screen
        await press(pilot, "G", "k", "enter")
        assert app.pane_id == "rollout"

    drive_over(seed_rollout(tmp_path, "wave"), script, size=WIDE)
