"""Pane 7: every key that takes logins back, judged by rollout.db."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.state.database import open_state
from cockpit.state.rollout import ROLLOUT, beside, proxies, routes, waves
from cockpit.tui.app import CockpitApp
from cockpit.tui.screens.ask import Ask
from cockpit.tui.screens.chord import Chord
from tests.tui.board_state import HELD, WAVE, seed_rollout
from tests.tui.boarding import column, entry, flip_of, of_three, pane, rollout, to
from tests.tui.driving import Cockpit, drive_over, painted, press, said, settled
from tests.tui.seeded import OPERATOR, Seeded

WIDE, NARROW = (160, 50), (80, 24)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_one_key_takes_one_connection_back(tmp_path: Path, size: tuple[int, int]) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        live, waiting, _ = of_three(seeded)
        await to(pilot, app, live)
        await press(pilot, "exclamation_mark")
        assert len(app.screen_stack) == 1
        assert column(seeded, live) == "held" and column(seeded, waiting) == "canary"
        assert flip_of(seeded, live).stage == "rolled back"
        written = entry(seeded)
        assert (written.action, written.subject, written.operator) == ("route.move", live, OPERATOR)
        assert (written.before, written.after, written.person) == ("workos", "held", 1)
        assert pane(app).current == live
        assert f"{live} back to legacy from the next request on" in painted(app)
        assert "0 of 3 proxies confirmed" in painted(app)
        with closing(open_state(beside(seeded.path), kind=ROLLOUT)) as db:
            for name in ("edge-1", "edge-2"):
                proxies.report(db, name, "database", routes.version(db), pane(app).acts.commands.now)
        await settled(pilot)
        assert "2 of 3 proxies confirmed" in painted(app)

    drive_over(seed_rollout(tmp_path, "wave"), script, size=size)


def test_kill_needs_no_state_that_can_be_written(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        live, *_ = of_three(seeded)
        await to(pilot, app, live)
        locking = sqlite3.connect(seeded.path, isolation_level=None)
        locking.execute("begin exclusive")
        await press(pilot, "exclamation_mark")
        assert column(seeded, live) == "held"
        locking.close()

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_with_a_damaged_state_the_board_comes_from_the_rollout_alone(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        live, *_ = of_three(seeded)
        seeded.path.rename(tmp_path / "elsewhere")
        seeded.path.write_bytes(b"not a database" * 100)
        app.poller._watch._drop()
        await to(pilot, app, live)
        assert "no evidence: " in painted(app) and "damaged" in painted(app)
        await press(pilot, "exclamation_mark")
        assert column(seeded, live) == "held"
        await press(pilot, "ctrl+k", "exclamation_mark")
        assert routes.at_workos(rollout(seeded)) == []

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_without_any_state_the_board_comes_from_the_rollout_alone(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        live, *_ = of_three(seeded)
        seeded.path.unlink()
        await to(pilot, app, live)
        assert "is not there" in painted(app)
        await press(pilot, "exclamation_mark")
        assert column(seeded, live) == "held"

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_a_hard_kill_takes_logins_under_way_too(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        live, *_ = of_three(seeded)
        await to(pilot, app, live)
        await press(pilot, "H")
        assert routes.one(rollout(seeded), live).described.route.hard
        assert "logins under way end there too" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_kill_works_from_the_evidence(tmp_path: Path, outside_words: list[tuple[str, ...]]) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        live, *_ = of_three(seeded)
        await to(pilot, app, live)
        await press(pilot, "enter", "exclamation_mark")
        assert column(seeded, live) == "held"
        assert "■ held" in painted(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_all_go_back_by_a_chord_and_by_nothing_else(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        _, _, armed = of_three(seeded)
        for slip in ("y", "enter", "escape", "k"):
            await press(pilot, "7", "ctrl+k")
            assert isinstance(app.screen, Chord)
            await press(pilot, slip)
            assert len(app.screen_stack) == 1
        assert len(routes.at_workos(rollout(seeded))) == 3
        await press(pilot, "ctrl+k", "exclamation_mark")
        assert routes.at_workos(rollout(seeded)) == []
        assert flip_of(seeded, armed).stage == "cancelled"
        assert waves.get(rollout(seeded), WAVE).state == "halted"
        assert "3 connections back to legacy" in said(app) and f"wave {WAVE} halted" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_an_armed_flip_is_cancelled_where_it_is(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        _, _, armed = of_three(seeded)
        await to(pilot, app, armed)
        await press(pilot, "c")
        assert flip_of(seeded, armed).stage == "cancelled" and column(seeded, armed) == "legacy"
        await press(pilot, "c")
        assert "no flip of it is under way" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_a_held_one_is_released_with_a_reason(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, HELD)
        await press(pilot, "R")
        assert isinstance(app.screen, Ask)
        await press(pilot, *"their IT is back", "enter")
        assert column(seeded, HELD) == "legacy"
        assert entry(seeded).why == "their IT is back"
        await press(pilot, "R")
        assert "only held connections are released" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)
