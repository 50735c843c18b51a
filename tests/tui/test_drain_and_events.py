"""Pane 8, the drain and WorkOS's events: every key, judged by what the state and the tank say then."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cockpit.state.database import open_state, transaction
from cockpit.state.tank import counts
from cockpit.tui.app import CockpitApp
from cockpit.tui.screens.drain import DrainForm
from tests.tui.backlog import DRAIN, EVENTS
from tests.tui.driving import Cockpit, asked, drive, last_action, not_launched, press, read
from tests.tui.seeded import Seeded
from tests.tui.webhooks_shown import control, shown, table, tank

CONSUMER = "https://app.example/webhooks"


def test_a_drain_is_counted_as_it_is_chosen_and_sent_after_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "v", "s")
        assert isinstance(app.screen, DrainForm)
        assert "an http(s) URL is needed" in read(app)
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, DrainForm)
        await press(pilot, *CONSUMER)
        assert "2,600 events to send" in read(app) and "1,320 superseded" in read(app)
        await press(pilot, "tab", "tab", *("backspace",) * 2, *"20", "tab", "tab", "space")
        assert "✔ yes" in read(app)
        assert "1,280 events to send" in read(app) and "at 20/s" in read(app)
        await press(pilot, "ctrl+s")
        assert "Send 1,280 events?" in asked(app) and CONSUMER in asked(app)
        await press(pilot, "enter")
        assert started == []
        await press(pilot, "s", *CONSUMER, "ctrl+s", "y")
        args: Mapping[str, Any] = {
            "to": CONSUMER,
            "sources": ["clerk"],
            "rate": 50.0,
            "ramp_s": 60.0,
            "coalesce": False,
            "skip_stale": False,
        }
        assert started == [("drain", args)]

    drive(tmp_path, "quieting", script)


def test_the_form_refuses_what_no_drain_can_be(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "v", "s", *"http://127.0.0.1:8788/")
        assert "is the tank itself" in read(app)
        await press(pilot, "tab", *("backspace",) * 5, *"mine")
        assert "the tank has no source mine" in read(app)
        await press(pilot, *("backspace",) * 4, *"clerk", "tab", "backspace", "backspace", "x")
        assert "is no number" in read(app)
        await press(pilot, "escape")
        assert not isinstance(app.screen, DrainForm)

    drive(tmp_path, "quieting", script)


def test_a_drain_is_watched_paused_slowed_and_stopped(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "v", "v")
        screen = read(app)
        for part in (
            *("1,190 / 2,080", "42.4 events/s", "p50 38 ms", "p95 121 ms", "429s 2", "● closed", DRAIN["to"]),
            *("what a newer event says again", "520 discarded", "2 dead", "21 s left"),
        ):
            assert part in screen, part
        await press(pilot, "left_square_bracket")
        assert control(seeded, "drain").rate == 40
        await press(pilot, "right_square_bracket")
        assert control(seeded, "drain").rate == 50
        await press(pilot, "p")
        assert control(seeded, "drain").command == "pause"
        await press(pilot, "s")
        assert control(seeded, "drain").command == "run"
        await press(pilot, "X", "enter")
        assert control(seeded, "drain").command == "run"
        await press(pilot, "X", "y")
        assert control(seeded, "drain").command == "stop"
        assert control(seeded, "events").command == "run"

    drive(tmp_path, "draining", script, size=(160, 50))


def test_dead_letters_say_why_and_are_redriven(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        def dead() -> int:
            return counts.total(tank(seeded)).of("dead")

        await press(pilot, "8", "v", "d")
        assert len(shown(app)) == dead() == 2
        assert "HTTP 422" in read(app)
        await press(pilot, "enter")
        assert "✘ dead" in read(app)
        await press(pilot, "escape", "R", "enter")
        assert dead() == 2
        await press(pilot, "R", "t")
        assert dead() == 1
        told = last_action(seeded)
        assert (told.action, told.after) == ("webhooks.redrive", "1 held")
        await press(pilot, "r")
        assert len(shown(app)) == 1

    drive(tmp_path, "draining", script)


def test_events_newest_first_with_a_filter_and_the_body_masked(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "V")
        assert shown(app)[0] == f"event_01JD{EVENTS - 1:04}" and len(shown(app)) == EVENTS
        screen = read(app)
        for part in ("● RUNNING", "lag 2 s", "cursor event_01JD0239", "234 both ways", "2 not by webhook"):
            assert part in screen, part
        await press(pilot, "slash", *"name:sso_failed", "enter")
        assert len(shown(app)) == EVENTS / 6
        await press(pilot, "escape", "slash", *"connection:conn_01JD0003", "enter", "enter")
        assert "user116@acme.example" in read(app)
        assert "unseen" not in read(app)
        await press(pilot, "u")
        assert "unseen" in read(app)
        assert last_action(seeded).action == "record.reveal"
        await press(pilot, "escape", "escape", "c")
        assert shown(app) == ["event_01JD0030", "event_01JD0031"]
        await press(pilot, "j", "enter")
        assert shown(app) == ["event_01JD0031"]
        await press(pilot, "X", "y")
        assert control(seeded, "events").command == "stop"
        assert control(seeded, "drain").command == "run"

    drive(tmp_path, "draining", script, size=(160, 50))


def test_new_events_do_not_move_the_row_under_the_cursor(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "V", "j")
        before = shown(app)
        connection = open_state(seeded.path)
        with transaction(connection):
            connection.execute(
                "insert into events(event, name, at, body) values('event_new', 'connection.deleted', 1, '{}')"
            )
        connection.close()
        await press(pilot, "j")
        assert shown(app) == before
        assert "+1 new, r" in read(app)
        await press(pilot, "r")
        assert shown(app) == ["event_new", *before]
        assert table(app).line == 3

    drive(tmp_path, "draining", script)


def test_follow_starts_the_job_where_nobody_follows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "V")
        assert "f follows WorkOS's events" in read(app)
        await press(pilot, "f")
        assert started == [("events", {"once": False})]

    drive(tmp_path, "quieting", script)
