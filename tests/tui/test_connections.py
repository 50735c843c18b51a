"""Pane 6, every key as a person presses it, judged by what the database and the disk say then."""

import csv
from pathlib import Path

import pytest

from cockpit.connections.plan import Strategy
from cockpit.state import connection_decisions, connections
from cockpit.state.connections import ConnectionRow
from cockpit.state.database import open_state, transaction
from cockpit.tui import actions
from cockpit.tui.app import CockpitApp
from cockpit.tui.connections.standing import read
from cockpit.tui.screens.ask import Ask
from cockpit.tui.screens.override import OverrideForm
from cockpit.tui.screens.pick import Pick
from tests.tui.driving import Cockpit, asked, database, drive, last_action, not_launched, painted, press, said
from tests.tui.seeded import CONNECTIONS, OPERATOR, Seeded

BY_VERDICT = ("6", "o", "o")
"""The pane, the gravest verdicts first: con_0006 is under the cursor."""


def row(seeded: Seeded, source_id: str) -> ConnectionRow:
    reading = database(seeded)
    ident = connections.find(reading, source_id)
    assert ident is not None
    return connections.rows(reading, [ident])[0]


def choose(seeded: Seeded, strategy: Strategy) -> None:
    connection = open_state(seeded.path)
    with transaction(connection):
        connection_decisions.choose(connection, strategy, 15, "agreed", OPERATOR, 1)
    connection.close()


def shown(app: CockpitApp) -> list[str]:
    """The names of the rows in their order."""
    table = app.pane.table
    assert table is not None
    return [found.name if (found := table.row(id_)) is not None else "" for id_ in table.ids]


def test_the_list_shows_what_is_known_of_each(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6")
        assert len(shown(app)) == CONNECTIONS
        table = app.pane.table
        assert table is not None and table.cursor is not None
        first = table.row(table.cursor)
        assert first is not None
        texts = [text for text, _ in first.cells]
        assert texts[:4] == ["Acme", "acme-okta", "oidc", "okta"]
        users = read(database(seeded), 15).users["con_0000"]
        assert texts[4:] == [str(users), "acme.example", "-", "✔ transparent", "✔ active"]
        screen = painted(app)
        for part in ("all 18: ", "capable 11: ", "! S chooses", "1 flagged", "check done"):
            assert part in screen

    drive(tmp_path, "running", script, size=(160, 50))


def test_filter_and_order(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6", "slash", *"verdict:stop", "enter")
        assert shown(app) == ["stark-freight-entra", "tyrell-ping", "globex-onelogin-2"]
        await press(pilot, "escape", "slash", *"organization:umbra", "enter")
        assert shown(app) == ["umbra-labs-ping", "umbra-labs-okta-2"]
        await press(pilot, "escape", "o", "o", "o")
        assert shown(app)[0] == "stark-freight-entra"  # the certificate that ended first

    drive(tmp_path, "running", script)


def test_a_connection_is_opened_with_its_findings_and_the_next_is_one_key_away(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *BY_VERDICT, "enter")
        screen = painted(app)
        assert "the IdP&#x27;s certificate has expired" in screen or "certificate has expired" in screen
        assert "and 1 more, in standing" in screen
        assert "not-to-be-seen" not in screen and "***" in screen
        await press(pilot, "n")
        assert "tyrell-ping" in painted(app)
        await press(pilot, "p", "u")
        assert "not-to-be-seen" in painted(app)
        assert (last_action(seeded).action, last_action(seeded).subject) == ("record.reveal", "con_0006")
        await press(pilot, "escape")
        assert app.pane.level == "connections-list"

    drive(tmp_path, "running", script, size=(160, 50))


def test_override_says_what_happens_needs_a_reason_and_is_audited(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *BY_VERDICT, "v")
        assert isinstance(app.screen, OverrideForm)
        await press(pilot, "home")
        assert "12 of 18 move transparently then" in painted(app)
        await press(pilot, "ctrl+s")
        assert "a reason is needed" in painted(app)
        assert row(seeded, "con_0006").verdict == "stop"
        await press(pilot, *"they", "enter")
        assert row(seeded, "con_0006").verdict == "transparent"
        told = last_action(seeded)
        assert (told.operator, told.action, told.subject) == (OPERATOR, "connections.override", "con_0006")
        assert (told.before, told.after, told.why) == ("stop", "transparent", "they")
        assert "stark-freight-entra: transparent" in said(app)
        await press(pilot, "v", "end")
        assert "withdraw" in painted(app)
        await press(pilot, "enter", *"no", "enter")
        assert row(seeded, "con_0006").verdict == "stop"

    drive(tmp_path, "running", script)


def test_an_override_that_turns_the_plan_says_so(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *BY_VERDICT, *("space",) * 4, "v", "home")
        assert "4 marked connections" in painted(app)
        assert "15 of 18 move transparently then" in painted(app)
        assert "the strategy becomes transparent" in painted(app)
        await press(pilot, "tab", *"agreed", "enter")
        verdicts = connections.verdicts(database(seeded))
        assert verdicts["transparent"] == 15
        assert app.pane.table is not None and not app.pane.table.marked

    drive(tmp_path, "running", script)


def test_of_several_organizations_one_is_chosen(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6", "slash", *"cyberdyne", "enter", "v", "home", "tab", *"org_0001", "tab", *"y")
        await press(pilot, "ctrl+s")
        assert "shared by org_0009, org_0010 only" in painted(app)
        await press(pilot, "end", "backspace", "backspace", "1", "0", "ctrl+s")
        found = row(seeded, "con_0009")
        assert (found.verdict, found.organization) == ("transparent", "Soylent")

    drive(tmp_path, "running", script)


def test_the_strategy_is_chosen_with_a_reason(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6", "S")
        assert isinstance(app.screen, Pick)
        assert "15 customers to ask" in painted(app)
        await press(pilot, "t", *"waves", "enter")
        assert connection_decisions.planned(database(seeded), 15).strategy == "transparent"
        assert last_action(seeded).why == "waves"
        assert "transparent (chosen)" in painted(app)

    drive(tmp_path, "running", script)


def test_jobs_start_with_what_they_are_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = not_launched(monkeypatch)
    folder = str(tmp_path.resolve() / "handoff")

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        choose(seeded, "transparent")
        await press(pilot, "6", "c", "m", "e")
        await press(pilot, "C")
        assert "11 connections at WorkOS" in asked(app)
        await press(pilot, "y")
        await press(pilot, "space", "space", "C", "y")
        assert started == [
            ("check", {"offline": False}),
            ("match", {"results": None}),
            ("export", {"source": "auth0", "kinds": ["connection"]}),
            ("create", {"folder": folder, "template": "R3"}),
            ("create", {"folder": folder, "template": "R3", "connections": [1, 2]}),
        ]

    drive(tmp_path, "stopped", script)


def test_create_against_the_plan_needs_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6", "C")
        assert isinstance(app.screen, Ask)
        assert "S chooses" in painted(app)
        await press(pilot, "escape")
        assert started == []
        await press(pilot, "C", *"now", "enter")
        assert [(kind, args["override"]) for kind, args in started] == [("create", "now")]

    drive(tmp_path, "stopped", script)


def test_create_of_marked_ones_that_do_not_move_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *BY_VERDICT, "space", "C")
        assert "none of these moves transparently" in said(app)
        assert started == []

    drive(tmp_path, "stopped", script)


def test_an_invitation_goes_to_the_address_that_was_typed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = not_launched(monkeypatch)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6", "slash", *"umbra-labs-ping", "enter", "t", "i")
        await press(pilot, *"it", "enter")
        assert "no e-mail address" in painted(app)
        await press(pilot, *"@umbra.example", "enter")
        await press(pilot, "escape", "slash", *"soylent", "enter", "t", "i")
        assert "it@customer.example was invited" in painted(app)
        await press(pilot, *"a@b.example", "enter")
        assert started == [
            ("invite", {"invitations": [[4, "it@umbra.example"]], "again": False}),
            ("invite", {"invitations": [[11, "a@b.example"]], "again": True}),
        ]

    drive(tmp_path, "stopped", script)


def test_the_csv_is_written_beside_the_state_after_a_yes(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6", "w")
        assert "No secret is in them" in asked(app)
        await press(pilot, "escape")
        assert not (tmp_path / "handoff").exists()
        await press(pilot, "w", "y")
        with (tmp_path / "handoff" / "saml_connections.csv").open(newline="") as file:
            written = {found["externalId"] for found in csv.DictReader(file)}
        moving = connections.ids(database(seeded), verdict="transparent")
        rows = connections.rows(database(seeded), moving)
        assert written == {found.source_id for found in rows if found.protocol == "saml"}
        assert row(seeded, "con_0001").handoff == "written"
        assert "5 files written" in said(app)

    drive(tmp_path, "running", script)


def test_how_far_the_hand_over_is_can_be_noted(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6", "j", "M", "s")
        assert row(seeded, "con_0001").handoff == "sent"
        await press(pilot, "M", "f", "escape")
        assert row(seeded, "con_0001").handoff == "sent"
        await press(pilot, "M", "f", *"taken", "enter")
        found = row(seeded, "con_0001")
        assert (found.handoff, found.handoff_why) == ("flagged", "taken")
        told = last_action(seeded)
        assert (told.action, told.subject, told.before, told.after, told.why) == (
            *("connections.mark", "con_0001"),
            *("sent", "flagged", "taken"),
        )

    drive(tmp_path, "running", script)


def test_rows_are_exported_as_filtered_and_masked(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6", "slash", *"verdict:portal", "enter", "x")
        (file,) = tmp_path.glob("cockpit-connections-*.jsonl")
        text = file.read_text()
        assert len(text.splitlines()) == 2
        assert "not-to-be-seen" not in text

    drive(tmp_path, "running", script)


def test_what_is_open_shows_what_was_decided_meanwhile(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *BY_VERDICT, "enter")
        connection = open_state(seeded.path)
        with transaction(connection):
            connection_decisions.override(connection, 7, "portal", None, "they agreed", "ben", 1)
        connection.close()
        await press(pilot, "L")
        assert "against the check: they agreed" in painted(app)

    drive(tmp_path, "running", script)


def test_without_connections_the_keys_say_what_comes_first(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "6")
        assert "e reads them from the source" in painted(app)
        for action in (
            "check",
            "override",
            "create",
            "portal",
            "write_csv",
            "strategy",
            "mark_handed",
            "match",
        ):
            assert "e reads them" in actions.get(action).why_not(app.situation())
            await press(pilot, *actions.get(action).keys)
            assert len(app.screen_stack) == 1
        assert "there are no connections yet" in said(app)

    drive(tmp_path, "empty", script)


def test_the_row_stays_under_the_cursor_whatever_changes(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, *BY_VERDICT, "j")
        before = shown(app)
        connection = open_state(seeded.path)
        with transaction(connection):
            connection_decisions.override(connection, 7, "transparent", None, "why", "ben", 1)
        connection.close()
        await press(pilot, "k", "j")
        assert shown(app) == before
        assert app.pane.table is not None and app.pane.table.cursor == 9
        await press(pilot, "r")
        assert shown(app) != before
        assert app.pane.table.cursor == 9

    drive(tmp_path, "running", script)
