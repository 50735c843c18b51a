"""Pane 7: logins go to WorkOS only after a person was told what happens to whom, and said yes."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from cockpit.rollout.rules import RolloutSettings
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, approvals, beside, targets, waves
from cockpit.state.rollout.routes import at_workos
from cockpit.tui import outside
from cockpit.tui.app import CockpitApp
from cockpit.tui.commands import Refused
from cockpit.tui.screens.flip import FlipForm
from cockpit.tui.screens.pick import Pick
from tests.tui.board_state import EXPIRED, PORTAL, WAVE, members, seed_rollout
from tests.tui.boarding import column, entry, flip_of, of_three, pane, rollout, to
from tests.tui.driving import Cockpit, drive_over, not_launched, painted, press, said, settled
from tests.tui.seeded import OPERATOR, Seeded

FIRST = "con_0000"
ASKED = ("rollout", "ask", "--", FIRST)


def test_every_gate_is_shown_and_the_focus_is_on_cancel(
    tmp_path: Path, outside_words: list[tuple[str, ...]]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, FIRST)
        await press(pilot, "f")
        assert isinstance(app.screen, FlipForm)
        screen = painted(app)
        for part in ("Flip acme-okta to WorkOS?", "23 users", "callback endpoint stored", "verified"):
            assert part in screen, part
        for part in ("no difference in its users", "flips are allowed now", "WorkOS was asked just now"):
            assert part in screen, part
        await press(pilot, "enter")
        assert len(app.screen_stack) == 1
        assert outside_words == [ASKED]
        await press(pilot, "f", "escape", "f", "y")
        assert outside_words[-1] == ("rollout", "flip", "--json", "--", FIRST)
        assert f"{FIRST}: flipping; ! takes it back at once" in said(app)

    drive_over(seed_rollout(tmp_path, "before"), script)


def test_a_closed_gate_needs_a_reason(tmp_path: Path, outside_words: list[tuple[str, ...]]) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, EXPIRED)
        await press(pilot, "f")
        assert "certificate ended" in painted(app)
        await press(pilot, "y")
        assert isinstance(app.screen, FlipForm)
        assert "a reason is needed" in painted(app)
        await press(pilot, *"it is renewed", "enter")
        assert outside_words[-1] == (
            *("rollout", "flip", "--json", "--override", "it is renewed", "--", EXPIRED),
        )

    drive_over(seed_rollout(tmp_path, "before"), script)


def test_what_can_not_be_flipped_is_not(tmp_path: Path, outside_words: list[tuple[str, ...]]) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, PORTAL)
        await press(pilot, "f", "y", "a")
        assert isinstance(app.screen, FlipForm)
        assert "there is nothing to flip to" in painted(app)
        await press(pilot, "escape")
        assert [words[1] for words in outside_words] == ["ask"]
        await to(pilot, app, of_three(seeded)[0])
        await press(pilot, "f")
        assert "its logins go to WorkOS already" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_an_armed_flip_waits_by_itself_for_its_moment(
    tmp_path: Path, outside_words: list[tuple[str, ...]]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, FIRST)
        await press(pilot, "f")
        assert "the last flip was less than 5 min ago" in painted(app)
        await press(pilot, "y")
        assert "or a arms it" in painted(app)
        await press(pilot, "shift+tab", "a")
        assert outside_words[-1] == ("rollout", "flip", "--arm", "--json", "--", FIRST)
        assert "1 connection armed" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_more_than_one_needs_the_typed_word(tmp_path: Path, outside_words: list[tuple[str, ...]]) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7", "slash", *"acme", "enter", "space", "space")
        marked = pane(app).marked
        assert len(marked) == 2
        await press(pilot, "f", "y")
        assert isinstance(app.screen, FlipForm)
        assert "2 connections: type flip" in painted(app)
        await press(pilot, *"flp", "enter")
        assert isinstance(app.screen, FlipForm)
        await press(pilot, "backspace", *"ip", "backspace", "backspace", "backspace", *"lip", "enter")
        assert [words for words in outside_words if words[1] == "flip"] == [
            ("rollout", "flip", "--arm", "--json", "--", ident) for ident in marked
        ]
        assert pane(app).marked == []

    drive_over(seed_rollout(tmp_path, "before"), script, size=(80, 24))


def test_what_was_meant_when_the_key_was_pressed_goes(
    tmp_path: Path, outside_words: list[tuple[str, ...]]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, FIRST)
        await press(pilot, "f")
        pane(app).apply_filter("tyrell")
        assert pane(app).current != FIRST
        await press(pilot, "y")
        assert outside_words[-1][-1] == FIRST

    drive_over(seed_rollout(tmp_path, "before"), script)


def test_gates_change_under_the_question_once_workos_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeded = seed_rollout(tmp_path, "before")

    async def run(commands: object, *words: str, **_: object) -> str:
        if words[1] == "ask":
            with closing(open_state(beside(seeded.path), kind=ROLLOUT)) as db, transaction(db):
                told = targets.of(db, FIRST)
                assert told is not None
                targets.put(db, FIRST, told._replace(unverified=("acme.example",)))
        return ""

    monkeypatch.setattr(outside, "run", run)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, FIRST)
        await press(pilot, "f")
        assert "not verified at WorkOS: acme.example" in painted(app)
        await press(pilot, "y")
        assert isinstance(app.screen, FlipForm)

    drive_over(seeded, script)


def test_what_a_command_refuses_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(commands: object, *words: str, **_: object) -> str:
        raise Refused("WorkOS does not answer" if words[1] == "ask" else "no flips on wed")

    monkeypatch.setattr(outside, "run", run)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, FIRST)
        await press(pilot, "f")
        assert "what it said before counts: WorkOS does not answer" in painted(app)
        await press(pilot, "y")
        assert "no flips on wed" in said(app)
        assert column(seeded, FIRST) == "legacy"

    drive_over(seed_rollout(tmp_path, "before"), script, size=(160, 50))


def test_the_real_command_flips_against_a_closed_gate(tmp_path: Path) -> None:
    """No key is at hand, so WorkOS can't be asked and nobody watches; a person's reason stands for both."""

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await to(pilot, app, EXPIRED)
        await press(pilot, "f")
        assert "WorkOS was not asked" in painted(app)
        await press(pilot, "y", *"it is renewed", "enter")
        assert column(seeded, EXPIRED) == "canary", said(app)
        made = flip_of(seeded, EXPIRED)
        assert (made.operator, made.why) == (OPERATOR, "it is renewed")
        assert "certificate" in made.passed
        assert "nobody watches it: s starts the watch" in painted(app)
        await press(pilot, "exclamation_mark")
        assert column(seeded, EXPIRED) == "held"

    drive_over(seed_rollout(tmp_path, "before"), script, size=(160, 50))


# Waves


def test_waves_are_planned_and_started_behind_their_gates(
    tmp_path: Path, outside_words: list[tuple[str, ...]]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7", "w")
        assert isinstance(app.screen, Pick) and "No waves are laid out yet" in painted(app)
        await press(pilot, "enter")
        assert waves.listed(rollout(seeded)) == []
        await press(pilot, "w", "p")
        assert [wave.state for wave in waves.listed(rollout(seeded))] == ["planned"] * 4
        assert "waves laid out: canary 1, 5% 0, 25% 4, 100% 12" in said(app)
        await press(pilot, "w", "s")
        assert isinstance(app.screen, FlipForm)
        assert "Start wave canary?" in painted(app) and "WorkOS was asked just now" in painted(app)
        await press(pilot, "y")
        # Nobody has asked WorkOS yet: the stand-in only notes that it was to be asked.
        assert "a reason is needed" in painted(app)
        await press(pilot, *"agreed", "enter")
        assert outside_words[-1] == ("rollout", "wave", "start", "--override", "agreed", "--", "canary")

    drive_over(seed_rollout(tmp_path, "unlevelled"), script)


def test_a_wave_of_many_needs_the_typed_word(tmp_path: Path, outside_words: list[tuple[str, ...]]) -> None:
    seeded = seed_rollout(tmp_path, "before")
    with closing(open_state(beside(seeded.path), kind=ROLLOUT)) as db:
        db.execute("update waves set state = 'done' where name = 'canary'")

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7", "w", "s", "y")
        assert isinstance(app.screen, FlipForm)
        assert "4 connections: type flip" in painted(app)
        await press(pilot, *"flip", "enter")
        assert outside_words[0] == ("rollout", "ask", "--", *members(seeded, WAVE))
        assert outside_words[-1] == ("rollout", "wave", "start", "--", WAVE)

    drive_over(seeded, script)


def test_connections_are_moved_to_another_planned_wave_or_to_none(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        ident = members(seeded, WAVE)[0]
        await to(pilot, app, ident)
        await press(pilot, "m")
        assert isinstance(app.screen, Pick) and "Move to which wave?" in painted(app)
        await press(pilot, "enter")
        assert waves.waves_of(rollout(seeded))[ident] == WAVE
        names = [wave.name for wave in waves.listed(rollout(seeded)) if wave.state == "planned"]
        await press(pilot, "m", str(names.index("100%") + 1))
        assert waves.waves_of(rollout(seeded))[ident] == "100%"
        moved = entry(seeded)
        assert (moved.action, moved.before, moved.after, moved.operator) == (
            *("wave.move", WAVE, "100%"),
            OPERATOR,
        )
        assert f"{ident}: wave 100%" in said(app)
        await press(pilot, "m", "0")
        assert ident not in waves.waves_of(rollout(seeded))
        assert f"{ident}: in no wave" in said(app)

    drive_over(seed_rollout(tmp_path, "before"), script)


def test_a_connection_of_a_wave_that_has_started_is_not_moved(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        ident = members(seeded, WAVE)[0]
        await to(pilot, app, ident)
        await press(pilot, "m", "1")
        assert waves.waves_of(rollout(seeded))[ident] == WAVE
        assert f"is in wave {WAVE}, which is running" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_a_second_person_agrees_to_a_flip_and_to_a_wave(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        now = seeded.clock.now() * 1000
        await to(pilot, app, FIRST)
        await press(pilot, "a", "enter")
        assert approvals.by_others(rollout(seeded), FIRST, "grace", round(now)) == ()
        await press(pilot, "a", "y")
        assert approvals.by_others(rollout(seeded), FIRST, "grace", round(now)) == (OPERATOR,)
        assert approvals.by_others(rollout(seeded), FIRST, OPERATOR, round(now)) == ()
        assert (entry(seeded).action, entry(seeded).subject) == ("approve", FIRST)
        assert f"{FIRST}: approved by {OPERATOR} until" in said(app)
        await press(pilot, "w", "y", "escape")
        assert approvals.by_others(rollout(seeded), "wave canary", "grace", round(now)) == ()
        given = replace(app.commands.given, rollout=RolloutSettings(two_person=True))
        app.commands = replace(app.commands, given=given)
        await press(pilot, "w", "y")
        assert approvals.by_others(rollout(seeded), "wave canary", "grace", round(now)) == (OPERATOR,)
        assert f"wave canary: approved by {OPERATOR}" in said(app)

    drive_over(seed_rollout(tmp_path, "before"), script)


def test_a_wave_is_held_by_one_key_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7", "h")
        assert waves.get(rollout(seeded), WAVE).state == "holding"
        assert entry(seeded).action == "wave.hold"
        await press(pilot, "h")
        assert f"wave {WAVE} is holding" in said(app)
        await press(pilot, "w", "r")
        assert waves.get(rollout(seeded), WAVE).state == "running"
        assert started == []
        seeded.close()
        await press(pilot, "h", "w", "r")
        assert started == [("rollout", {})]

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_a_wave_is_taken_back_with_all_that_it_flipped(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        (canary,) = members(seeded, "canary")
        await press(pilot, "7", "w", "a")
        assert at_workos(rollout(seeded)) == [canary]
        assert waves.get(rollout(seeded), WAVE).state == "aborted"
        assert f"wave {WAVE}: aborted, 2 connections back to legacy" in said(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_the_watch_is_started_where_nobody_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "7", "s")
        assert started == [] and "rollout is running already" in said(app)
        seeded.close()
        await settled(pilot)
        await press(pilot, "s")
        assert started == [("rollout", {})]

    drive_over(seed_rollout(tmp_path, "wave"), script)
