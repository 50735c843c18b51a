"""The plan for those who lose their password: who they are, what is chosen, and e-mails to them."""

from pathlib import Path

import pytest

from cockpit.state import merges, password_plan, resets
from cockpit.state.database import open_state, transaction
from cockpit.state.password_plan import Choice
from cockpit.tui.app import CockpitApp
from cockpit.tui.screens.choose import Choose
from tests.tui.driving import Cockpit, asked, database, drive, last_action, not_launched, painted, press, said
from tests.tui.seeded import OPERATOR, Seeded

PLAN = ("2", "V")
PHPASS = "phpass is not taken by the target"


def choice(seeded: Seeded) -> str:
    return next(g.choice for g in password_plan.groups(database(seeded), "ask") if g.reason == PHPASS)


def test_every_row_opens_its_users(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *PLAN)
        table = app.pane.table
        assert table is not None
        for line, id_ in enumerate(list(table.ids)):
            row = table.row(id_)
            assert row is not None
            users = int(row.cells[1][0].replace(",", ""))
            await press(pilot, "g", *"j" * line, "enter")
            assert app.pane.browser is not None
            assert len(app.pane.browser.ids) == users > 0
            await press(pilot, "escape")
            assert app.pane.level == "passwords"

    drive(tmp_path, "stopped", script)


@pytest.mark.parametrize(("key", "chosen"), [("s", "silent"), ("e", "email"), ("h", "hold")])
def test_a_choice_is_one_key_is_audited_and_can_be_made_again(
    tmp_path: Path, key: str, chosen: Choice
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *PLAN, "j", "j", "c")
        assert isinstance(app.screen, Choose)
        assert PHPASS in painted(app) and "? undecided" in painted(app)
        await press(pilot, key)
        assert choice(seeded) == chosen
        row = last_action(seeded)
        assert (row.operator, row.action, row.subject) == (OPERATOR, "passwords.choose", PHPASS)
        assert (row.before, row.after) == ("ask", chosen)
        assert f"19 users: {chosen}" in said(app)
        await press(pilot, "c", "s")
        assert choice(seeded) == "silent"

    drive(tmp_path, "stopped", script)


def test_the_focus_is_on_cancel_and_buttons_choose(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        before = last_action(seeded)
        await press(pilot, *PLAN, "j", "j", "c", "enter")
        await press(pilot, "c", "escape")
        assert last_action(seeded) == before
        await press(pilot, "c", "right", "right", "right", "enter")
        assert choice(seeded) == "hold"

    drive(tmp_path, "stopped", script)


def test_only_a_group_that_loses_something_can_be_decided(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *PLAN, "c")
        assert "choose for a group that is not carried" in said(app)
        await press(pilot, "V", "c")
        assert "in the list of passwords" in said(app)
        assert len(app.screen_stack) == 1

    drive(tmp_path, "stopped", script)


def test_whom_a_reviewer_marked_is_written_to_as_well(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        connection = open_state(seeded.path)
        with transaction(connection):
            assert merges.mark_for_reset(connection, 2, OPERATOR, 9)
        connection.close()
        await press(pilot, *PLAN, *"jjjj")
        assert "@ to be reset" in painted(app) and "marked by a reviewer" in painted(app)
        await press(pilot, "enter")
        assert app.pane.browser is not None
        assert list(app.pane.browser.ids) == [2]
        await press(pilot, "escape", "e")
        assert "1: marked by a reviewer" in asked(app)

    drive(tmp_path, "stopped", script)


def test_e_mails_are_sent_after_a_question_with_the_focus_on_cancel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        [group] = resets.standings(database(seeded), "ask")
        assert (group.sent, group.failed, group.unknown) == (7, 1, 1)
        await press(pilot, *PLAN, "e")
        assert f"Send {group.waiting} reset e-mails?" in asked(app)
        assert f"{group.waiting}: no hash in the support file), by WorkOS" in asked(app)
        assert "can't be taken back" in asked(app)
        await press(pilot, "enter")
        assert started == []
        await press(pilot, "e", "y")
        assert started == [("reset", {"again": False})]

    drive(tmp_path, "stopped", script, size=(160, 50))


def test_nothing_is_sent_while_the_import_writes_or_nobody_is_chosen(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *PLAN, "e")
        assert "the import writes to the target now" in said(app)
        await press(pilot, "j", "c", "s", "e")
        assert "nobody is to be written to" in said(app)
        assert len(app.screen_stack) == 1

    drive(tmp_path, "running", script)
