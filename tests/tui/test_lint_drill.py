"""From a rule of lint to its users to one record and back, by keys alone."""

from pathlib import Path

import pytest

from cockpit.rules.lint import RULES
from cockpit.state import holds, lint
from cockpit.state.database import open_state, transaction
from cockpit.tui import actions
from cockpit.tui.actions import key_name
from cockpit.tui.app import CockpitApp
from cockpit.tui.panes.base import Pane
from cockpit.tui.screens.help import Help
from tests.tui.driving import Cockpit, drive, press
from tests.tui.seeded import BATCH, OPERATOR, Seeded

LINT = ("2", "V", "V")
UNVERIFIED = sum(number % 7 == 0 for number in range(1200))


def shown(pane: Pane) -> list[int]:
    assert pane.browser is not None
    return list(pane.browser.ids)


def head(app: CockpitApp) -> str:
    return app.export_screenshot().replace("&#160;", " ")


def test_rules_then_users_then_the_record_and_back_again(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *LINT)
        assert app.pane.level == "lint"
        assert "not an e-mail address" in head(app) and "e-mail beyond ASCII" in head(app)
        await press(pilot, "enter")
        assert (app.pane.level, shown(app.pane)) == ("found", [404, 811])
        assert "two @ in one address" in head(app)
        await press(pilot, "j", "enter")
        assert app.pane.level == "record"
        assert app.pane.opened is not None and app.pane.opened.record is not None
        record = app.pane.opened.record
        (finding,) = record.findings
        assert [text.strip() for text, _ in finding] == [
            "✘ error",
            "not an e-mail address",
            "two @ in one address",
        ]
        assert record.hot == {"email"}
        await press(pilot, "escape")
        assert app.pane.level == "found"
        assert app.pane.browser is not None and app.pane.browser.cursor == 811
        await press(pilot, "escape")
        assert app.pane.level == "lint"
        await press(pilot, "escape")
        assert app.pane_id == "overview"

    drive(tmp_path, "running", script)


def test_errors_come_before_warnings_before_what_a_policy_decides(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *LINT)
        table = app.pane.table
        assert table is not None
        rows = [table.row(id_) for id_ in table.ids]
        assert [row.name for row in rows if row] == [
            *("email_syntax", "domain_duplicate", "factor_unsupported"),
            *("second_factor_lost", "email_not_ascii", "unverified"),
        ]
        await press(pilot, "G", "enter")
        assert len(shown(app.pane)) == UNVERIFIED
        await press(pilot, "G")
        assert app.pane.browser is not None and app.pane.browser.cursor == shown(app.pane)[-1]

    drive(tmp_path, "running", script)


def test_a_filter_narrows_the_users_of_a_rule_and_escape_clears_it_first(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *LINT, "G", "enter", "slash", *"state:failed", "enter")
        failed = shown(app.pane)
        assert 0 < len(failed) < UNVERIFIED
        await press(pilot, "slash", *"state:failed", "space", "exclamation_mark", *"barbara", "enter")
        assert 0 < len(shown(app.pane)) < len(failed)
        await press(pilot, "escape")
        assert (app.pane.level, len(shown(app.pane))) == ("found", UNVERIFIED)
        await press(pilot, "o")
        assert app.pane.browser is not None and app.pane.browser.order == "e-mail"
        await press(pilot, "escape")
        assert app.pane.level == "lint"

    drive(tmp_path, "running", script)


def test_a_filter_on_the_rules_looks_through_the_users_of_all_of_them(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *LINT, "slash", *"rule:email_", "enter")
        assert (app.pane.level, shown(app.pane)) == ("found", [57, 404, 811])
        await press(pilot, "escape")
        unverified = {number + 1 for number in range(0, 1200, 7)}
        losing = {*range(20, 1200, 35), *range(33, 1200, 140)}
        assert set(shown(app.pane)) == {57, 404, 811} | unverified | losing
        await press(pilot, "escape", "slash", "escape")
        assert app.pane.level == "lint"
        await press(pilot, "slash", "enter")
        assert app.pane.level == "lint"

    drive(tmp_path, "running", script)


def test_a_rule_that_moves_up_is_still_the_one_under_the_cursor(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *LINT, *"jjjj")
        connection = open_state(seeded.path)
        with transaction(connection):
            found = [(n, "email_missing", "error", "email", "the record has no e-mail") for n in (1, 2, 3)]
            lint.replace(connection, [1, 2, 3], found)
        connection.close()
        await press(pilot, "enter")
        assert shown(app.pane) == [57]

    drive(tmp_path, "running", script)


def test_whom_a_policy_holds_is_told_in_the_list_and_in_the_record(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        connection = open_state(seeded.path)
        with transaction(connection):
            lint.replace(connection, [1100], [(1100, "banned", "warning", "status", RULES["banned"].title)])
            policy = holds.Policy(("banned",), "silent")
            assert holds.apply(connection, policy, (1001, 1200), OPERATOR, BATCH, 9) == 1
        connection.close()
        await press(pilot, "1", "2", "slash", *"held:banned", "enter")
        assert shown(app.pane) == [1100]
        await press(pilot, "enter")
        assert "held back: banned" in head(app)
        await press(pilot, "1")
        assert "1 held back" in head(app)

    drive(tmp_path, "running", script, size=(160, 50))


@pytest.mark.parametrize(("key", "levels"), [("y", 1), ("y", 2), ("Y", 2), ("x", 1), ("L", 2), ("u", 2)])
def test_what_can_be_done_with_rows_can_be_done_here(tmp_path: Path, key: str, levels: int) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *LINT, *("enter",) * levels, key)
        copied = tmp_path / "cockpit-copied.txt"
        match key:
            case "y":
                assert copied.read_text() == "ada.moreau404@@acme"
            case "Y":
                assert '"passwordHash": "***"' in copied.read_text()
            case "x":
                (file,) = tmp_path.glob("cockpit-export-*.jsonl")
                assert len(file.read_text().splitlines()) == 2
            case "u":
                assert app.pane.opened is not None and app.pane.opened.revealed
            case "L":
                assert app.pane.opened is not None and app.pane.opened._unfolded

    drive(tmp_path, "running", script)


def test_y_on_a_rule_copies_the_name_that_the_command_line_takes(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *LINT, "y")
        assert (tmp_path / "cockpit-copied.txt").read_text() == "email_syntax"

    drive(tmp_path, "running", script)


def test_help_and_footer_say_what_the_registry_says(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *LINT)
        for id_ in ("open", "filter"):
            assert actions.get(id_).why_not(app.situation()) == ""
        assert "filter" in head(app) and "open" in head(app)
        await press(pilot, "question_mark")
        assert isinstance(app.screen, Help)
        lines = "\n".join(line.plain for line in app.screen._lines())
        assert key_name("slash") in lines and "rule:email_syntax" in lines

    drive(tmp_path, "running", script)
