"""Pane 8, the sequence and the tank: every key, judged by what the state and the tank say then."""

from pathlib import Path

import pytest

from cockpit.clock import millis
from cockpit.state import webhook_steps
from cockpit.state.database import open_state, transaction
from cockpit.state.tank import TANK, arrivals, beside, counts
from cockpit.tui import actions
from cockpit.tui.app import CockpitApp
from cockpit.tui.screens.ask import Ask
from cockpit.tui.screens.dialog import Confirm
from cockpit.webhooks.sequence import STEPS, Standing, Step
from tests.tui.backlog import HELD
from tests.tui.driving import Cockpit, asked, database, drive, last_action, not_launched, press, read, said
from tests.tui.seeded import OPERATOR, Scene, Seeded
from tests.tui.webhooks_shown import shown, table, tank


def standing(seeded: Seeded, step: Step) -> Standing:
    return webhook_steps.standing(database(seeded), millis(seeded.clock.now()))[step]


def test_each_step_shows_how_it_stands_by_what_and_how_long(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8")
        assert [name.partition(":")[0] for name in shown(app)] == [*STEPS]
        rows = table(app)
        cells = {step: rows.row(number).cells for number, step in enumerate(STEPS, 1)}  # type: ignore[union-attr]
        assert [text for text, _ in cells["legacy_off"]][1:4] == ["✎ proven, said", "6 h 0 m", "in 18 h 0 m"]
        assert cells["quiet"][1:4] == (("! expired", "bad"), ("5 h 0 m", "dim"), ("ended 1 h 0 m ago", "bad"))
        assert cells["import"][1][0] == "· blocked" and cells["import"][4][0] == "waits for 4"
        assert rows.cursor == STEPS.index("quiet") + 1  # what is next
        screen = read(app)
        for part in (
            "observed 5 h 0 m ago by ada",
            "the same in two looks 11 min apart",
            "look again in 10 min",
        ):
            assert part in screen
        await press(pilot, "k", "k")
        assert "it rests on what a person said" in read(app)
        await press(pilot, "G")
        assert "9, Backlog drained or discarded" in read(app)

    drive(tmp_path, "quieting", script, size=(160, 50))


def test_enter_says_what_is_done_where_and_does_it_after_a_yes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "enter")
        assert "Looks at auth0 once" in asked(app) and "10 min apart" in asked(app)
        await press(pilot, "enter")
        assert started == []  # the focus is on Cancel
        await press(pilot, "enter", "y")
        assert started == [("webhooks", {"step": "quiet"})]
        await press(pilot, "k", "enter")
        assert "Proven already" in asked(app) and "WORKOS_API_KEY" in asked(app)
        await press(pilot, "escape", "k", "enter")
        assert "AUTH0_WRITE_TOKEN" in asked(app)
        await press(pilot, "escape", "G", "enter")
        assert not isinstance(app.screen, Confirm)
        assert "waits for Backlog drained or discarded" in said(app)
        assert len(started) == 1

    drive(tmp_path, "quieting", script)


def test_attesting_needs_a_reason_ends_and_still_needs_its_observation(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "a", "enter")
        assert isinstance(app.screen, Ask)
        assert "ends in 4 h" in read(app)
        await press(pilot, "escape")
        assert standing(seeded, "quiet").state == "expired"
        await press(pilot, "a", *"nobody", "enter")
        found = standing(seeded, "quiet")
        assert (found.state, found.valid) == ("attested", False)
        assert found.evidence is not None and found.evidence.ends == found.evidence.at + 4 * 3_600_000
        told = last_action(seeded)
        assert (told.operator, told.action, told.subject, told.why) == (
            *(OPERATOR, "webhooks.attested", "quiet", "nobody"),
        )
        assert "✎ attested" in read(app)
        await press(pilot, "G", "a", *"done", "enter")
        assert standing(seeded, "legacy_stays_off").evidence is None
        assert "legacy_stays_off waits for drained" in said(app)

    drive(tmp_path, "quieting", script)


def test_the_tank_by_class_by_state_and_what_it_heard(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "v")
        assert sorted(shown(app)) == [
            *("organization.updated", "session.created", "user.created", "user.updated"),
        ]
        screen = read(app)
        for part in (
            *("● UP", "clerk by standard at 127.0.0.1:8788", "2,600 events", "newest 12 s ago"),
            *("31 came again", "15 requests", "no signature that matches, 3 min ago"),
        ):
            assert part in screen, part
        await press(pilot, "enter")
        assert app.pane.level == "held"
        first = counts.by_class(tank(seeded))
        assert len(shown(app)) == first["clerk", "user.updated"].held
        await press(pilot, "slash", *"key:user_0007", "enter", "enter")
        assert app.pane.level == "record"
        assert "unseen" not in read(app) and "***" in read(app)
        one = app.pane.opened
        await press(pilot, "n")
        assert one is not None and one.record is not None
        following = one.record.subject
        await press(pilot, "N")
        assert one.record is not None and one.record.subject != following
        await press(pilot, "escape", "escape", "escape")
        assert app.pane.level == "tank"

    drive(tmp_path, "quieting", script, size=(160, 50))


def test_rows_of_classes_stay_where_they_are_until_read_again(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8", "v", "j")
        before, cursor = shown(app), table(app).cursor
        held = open_state(beside(seeded.path), kind=TANK)
        with transaction(held):
            arrivals.keep(held, [_arrival(number) for number in range(3_000)])
        held.close()
        await press(pilot, "v", "V")
        assert shown(app) == [*before, "user.deleted"]
        assert table(app).cursor == cursor
        await press(pilot, "r")
        assert shown(app)[0] == "user.deleted"

    drive(tmp_path, "quieting", script)


def _arrival(number: int) -> arrivals.Arrival:
    at = 1_795_443_000_000
    return arrivals.Arrival("clerk", f"new_{number}", "user.deleted", "", "", None, at, "{}", b"{}")


def test_discard_shows_the_counts_and_needs_a_reason_and_the_word(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        def discarded() -> int:
            return counts.total(tank(seeded)).of("discarded")

        await press(pilot, "8", "v", "space", "space", "D")
        assert "1,040 user.updated" in read(app) and "520 organization.updated" in read(app)
        await press(pilot, *"unused", "enter", *"yes", "enter")
        assert "type discard, or Esc" in read(app)
        await press(pilot, "escape")
        assert discarded() == 0
        await press(pilot, "D", *"unused", "enter", *"discard", "enter")
        assert discarded() == 1_560
        assert counts.counted(tank(seeded)) == counts.total(tank(seeded))
        told = last_action(seeded)
        assert (told.action, told.why) == ("webhooks.discard", "unused")
        assert "1,560 events discarded" in said(app)
        await press(pilot, "D")
        assert not isinstance(app.screen, Confirm)

    drive(tmp_path, "quieting", script)


@pytest.mark.parametrize(
    ("scene", "keys", "why"),
    [
        ("empty", ("8", "v", "s"), "there is no tank"),
        ("empty", ("8", "v", "D"), "there is no tank"),
        ("quieting", ("8", "s", "v", "d"), "there is no dead letter"),
        ("quieting", ("8", "D"), "choose classes in the tank"),
        ("quieting", ("8", "v", "a"), "choose a step"),
        ("quieting", ("8", "v", "p"), "no drain is at work"),
        ("quieting", ("8", "v", "R"), "there is no dead letter"),
        ("draining", ("8", "v", "s"), "drain is running already"),
        ("draining", ("8", "V", "f"), "events is running already"),
        ("draining", ("8", "c"), "the events are compared in Events"),
        ("draining", ("8", "v", "R"), "choose in the list of dead letters"),
    ],
)
def test_a_key_that_can_do_nothing_says_why(
    tmp_path: Path, scene: Scene, keys: tuple[str, ...], why: str
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        for key in keys:
            await press(pilot, key)
            if len(app.screen_stack) > 1:
                await press(pilot, "escape")
        assert why in said(app)

    drive(tmp_path, scene, script)


def test_read_only_looks_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        before, held = last_action(seeded).id, counts.counted(tank(seeded))
        await press(pilot, "8", "enter")
        assert len(app.screen_stack) == 1 and "read-only" in said(app)
        for way in ((), ("v",), ("d",), ("escape", "v"), ("v",)):
            await press(pilot, *way)
            for action in actions.of_pane("webhooks"):
                if action.danger != "look":
                    await press(pilot, *action.keys[:1])
                    assert len(app.screen_stack) == 1, action.id
        assert last_action(seeded).id == before
        assert counts.counted(tank(seeded)) == held
        assert started == []

    drive(tmp_path, "draining", script, read_only=True)


def test_hostile_names_cannot_drive_the_terminal(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        held = open_state(beside(seeded.path), kind=TANK)
        evil = "user.\x1b]0;owned\x07[bold]x"
        with transaction(held):
            row = arrivals.Arrival("clerk", evil, evil, evil, "", None, 1, "{}", b"\xff\x1b[31m")
            arrivals.keep(held, [row])
        held.close()
        await press(pilot, "8", "v", "r", "G", "enter", "enter")
        assert app.pane.level == "record"
        screen = read(app)
        assert "\x1b" not in screen and "\x07" not in screen
        assert "[bold]x" in screen

    drive(tmp_path, "quieting", script, size=(160, 50))


def test_the_overview_has_a_row_for_it_with_evidence_and_key(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        screen = read(app)
        assert "source expired; 2 of 3 proven" in screen and "8, then" in screen
        await press(pilot, "j", "j", "enter")
        assert app.pane_id == "webhooks"

    drive(tmp_path, "quieting", script)


def test_tabs_and_the_way_back(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "8")
        for level in ("tank", "drain", "events", "sequence"):
            await press(pilot, "v")
            assert app.pane.level == level
        await press(pilot, "V")
        assert app.pane.level == "events"
        await press(pilot, "escape")
        assert app.pane_id == "overview"
        assert counts.total(tank(seeded)).arrived == HELD

    drive(tmp_path, "quieting", script, size=(80, 24))
