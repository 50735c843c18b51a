"""Triage by keys: causes, forms, rules, merges, claims, undo; judged by what the database says then."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from cockpit.clock import millis
from cockpit.state import decisions, errors, fixrules, journal, overlays, resolve, reviewers
from cockpit.state.database import open_state, transaction
from cockpit.state.error_filter import Filter
from cockpit.tui.app import CockpitApp
from cockpit.tui.panes.errors import ErrorsPane
from cockpit.tui.screens.edit import NEW, EditForm
from cockpit.tui.screens.rule import RuleForm
from tests.tui.driving import (
    Cockpit,
    asked,
    database,
    drive,
    last_action,
    not_launched,
    painted,
    press,
    said,
    settled,
)
from tests.tui.refusals import REFUSED
from tests.tui.seeded import BATCH, NOW, OPERATOR, Seeded

TOO_LONG, TAKEN, UNANSWERED = REFUSED


@contextmanager
def colleague(seeded: Seeded) -> Iterator[sqlite3.Connection]:
    """Somebody else's cockpit writes."""
    connection = open_state(seeded.path)
    with transaction(connection):
        yield connection
    connection.close()


def pane(app: CockpitApp) -> ErrorsPane:
    assert isinstance(app.pane, ErrorsPane)
    return app.pane


def causes(app: CockpitApp) -> list[str]:
    table = pane(app).query_one("#causes")
    return [table.row(id_).name for id_ in table.ids]  # type: ignore[attr-defined]


def open_of(seeded: Seeded, fingerprint: str) -> list[int]:
    return errors.ids(database(seeded), Filter(fingerprint=fingerprint))


def form(app: CockpitApp) -> EditForm:
    assert isinstance(app.screen, EditForm)
    return app.screen


async def retype(pilot: Cockpit, words: str) -> None:
    """Replace what stands in the line with the focus."""
    await press(pilot, "end", "ctrl+u", *words)


@pytest.fixture(autouse=True)
def launched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return not_launched(monkeypatch)  # type: ignore[return-value]


def test_causes_are_sorted_and_narrowed_by_whatever_their_errors_have(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4")
        everything = causes(app)
        assert everything[0] == TOO_LONG.title and len(everything) == 8
        await press(pilot, "o")
        assert causes(app)[0] == TOO_LONG.title, "it is the newest, too"
        await press(pilot, "o", "o")
        assert causes(app)[0] == UNANSWERED.title, "transient ones first"
        await press(pilot, "o", "o", "slash", *"class:conflict code:409", "enter")
        assert causes(app) == []
        await press(pilot, "slash", "ctrl+u", *"class:conflict !domain", "enter")
        assert causes(app) == [TAKEN.title]
        await press(pilot, "enter")
        browser = app.pane.browser
        assert browser is not None and browser.ids.tolist() == open_of(seeded, TAKEN.fingerprint)
        await press(pilot, "escape", "escape")
        assert causes(app) == everything
        await press(pilot, "slash", *"batch:6", "enter")
        assert sum(1 for _ in causes(app)) >= 1
        await press(pilot, "R")
        left = open_of(seeded, TOO_LONG.fingerprint)
        subjects = [row.subject for row in errors.rows(database(seeded), left)]
        assert subjects and not any(6 * BATCH < subject <= 7 * BATCH for subject in subjects)

    drive(tmp_path, "running", script)


def test_a_form_checks_as_one_types_and_saves_beside_the_raw_record(
    tmp_path: Path, launched: list[tuple[str, object]]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        raws = database(seeded).execute("select body from raw").fetchall()
        await press(pilot, "4", "enter", "f")
        error = open_of(seeded, TOO_LONG.fingerprint)[0]
        focused = form(app).focused
        assert isinstance(focused, Input) and focused.name == "metadata.plan"
        await press(pilot, *["up"] * 6)
        await retype(pilot, "ada@@acme")
        assert "email:" in painted(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, EditForm), "nothing that breaks a rule is saved"
        await retype(pilot, "ada@acme.example")
        await press(pilot, "enter")
        subject = overlays.subject(database(seeded), error)
        assert subject is not None and subject.values == {"email": "ada@acme.example"}
        assert (last_action(seeded).action, last_action(seeded).operator) == ("errors.fix", OPERATOR)
        assert launched[-1][0] == "lint"
        assert database(seeded).execute("select body from raw").fetchall() == raws
        (mine,) = reviewers.alive(database(seeded), millis(NOW))
        assert (mine.scope, mine.key, mine.operator) == ("error", str(error), OPERATOR)
        await press(pilot, "enter")
        assert "set by ada" in painted(app)
        await press(pilot, "f", *["up"] * 6, "ctrl+r", "enter")
        subject = overlays.subject(database(seeded), error)
        assert subject is not None and subject.values == {}

    drive(tmp_path, "running", script)


def test_a_key_of_metadata_that_is_not_there_yet_is_added(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        error = open_of(seeded, TOO_LONG.fingerprint)[0]
        await press(pilot, "4", "enter", "f")
        new = next(line for line in app.screen.query(Input) if line.name == NEW)
        new.focus()
        await press(pilot, *"region")
        assert "written KEY=VALUE" in painted(app)
        await press(pilot, *["backspace"] * 6, *"plan=x")
        assert "has a line of its own" in painted(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, EditForm)
        await press(pilot, *["backspace"] * 6, *"region=eu west")
        assert "saves metadata.region" in painted(app)
        await press(pilot, "enter")
        subject = overlays.subject(database(seeded), error)
        assert subject is not None and subject.values == {"metadata.region": "eu west"}

    drive(tmp_path, "running", script)


def test_an_emptied_line_leaves_its_field_out_and_escape_saves_nothing(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        error = open_of(seeded, TOO_LONG.fingerprint)[0]
        await press(pilot, "4", "enter", "f")
        await retype(pilot, "")
        await press(pilot, "escape")
        subject = overlays.subject(database(seeded), error)
        assert subject is not None and not subject.values
        await press(pilot, "f")
        await retype(pilot, "")
        await press(pilot, "ctrl+s")
        subject = overlays.subject(database(seeded), error)
        assert subject is not None and subject.values == {"metadata.plan": None}
        assert "plan" not in subject.fields["metadata"]

    drive(tmp_path, "running", script)


def test_a_fix_for_a_cause_is_previewed_applied_listed_and_taken_back(
    tmp_path: Path, launched: list[tuple[str, object]]
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        count = len(open_of(seeded, TOO_LONG.fingerprint))
        await press(pilot, "4", "a")
        assert isinstance(app.screen, RuleForm)
        assert f"changes 0 of {count}" in painted(app)
        await press(pilot, "ctrl+s")
        assert isinstance(app.screen, RuleForm), "a fix that changes nothing is not applied"
        await press(pilot, "down", "down", "down")
        assert f"changes {count} of {count}" in painted(app) and "(left out)" in painted(app)
        await press(pilot, "ctrl+s")
        (standing,) = fixrules.standing(database(seeded))
        assert (str(standing.rule), standing.marked) == ("drop metadata.plan", count)
        assert f"{count} of {count} fixed" in said(app) and launched[-1][0] == "lint"
        await press(pilot, "A")
        assert "drop metadata.plan" in painted(app)
        await press(pilot, "r")
        assert "these are rules" in said(app)
        await press(pilot, "d", "enter")
        assert fixrules.standing(database(seeded))
        await press(pilot, "d", "y")
        assert fixrules.standing(database(seeded)) == []

    drive(tmp_path, "running", script)


def test_a_fix_asks_for_what_it_needs(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "a", "end")
        assert "skip needs a value" in painted(app)
        await press(pilot, "enter", *"gone", "ctrl+s")
        assert open_of(seeded, TOO_LONG.fingerprint) == []
        assert "rule 1: gone" in str(
            database(seeded).execute("select reason from errors where resolution = 'ignored'").fetchone()
        )
        await press(pilot, "a", "escape")
        assert len(app.screen_stack) == 1

    drive(tmp_path, "running", script)


def test_undo_says_what_it_takes_back_and_asks(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        before = open_of(seeded, UNANSWERED.fingerprint)
        await press(pilot, "4", "z")
        assert "has decided nothing" in said(app)
        await press(pilot, "j", "j", "j", "R")
        assert open_of(seeded, UNANSWERED.fingerprint) == []
        await press(pilot, "z")
        assert "errors.retry 3 records" in asked(app)
        await press(pilot, "enter")
        assert open_of(seeded, UNANSWERED.fingerprint) == []
        await press(pilot, "z", "y")
        assert open_of(seeded, UNANSWERED.fingerprint) == before

    drive(tmp_path, "running", script)


def test_conflicts_are_merged_and_users_marked_for_a_reset(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        def merged() -> list[tuple[int, str]]:
            return database(seeded).execute("select user, choice from merges order by user").fetchall()

        first, *others = open_of(seeded, TAKEN.fingerprint)
        await press(pilot, "4", "j", "enter", "m", "enter")
        assert merged() == []
        await press(pilot, "m", "l")
        assert [choice for _, choice in merged()] == ["link"]
        await press(pilot, "escape", "m", "a")
        assert sorted(choice for _, choice in merged()) == ["adopt"] * len(others) + ["link"]
        assert open_of(seeded, TAKEN.fingerprint) == []
        await press(pilot, "k", "k", "enter", "e")
        marked = database(seeded).execute("select count(*) from reset_marks").fetchone()[0]
        assert marked == 1 and first not in open_of(seeded, TAKEN.fingerprint)
        await press(pilot, "m", "l")
        assert "is no open conflict" in said(app)

    drive(tmp_path, "running", script)


def test_all_that_may_go_by_itself_is_retried_from_the_palette(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "ctrl+p", *"retry all", "enter")
        assert open_of(seeded, UNANSWERED.fingerprint) == []
        assert open_of(seeded, TOO_LONG.fingerprint)

    drive(tmp_path, "running", script)


def test_two_reviewers_see_who_is_on_what_and_what_the_other_decides(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        now = millis(NOW)
        await press(pilot, "4", "c")
        (mine,) = reviewers.alive(database(seeded), now)
        assert (mine.scope, mine.key) == ("group", TOO_LONG.fingerprint)
        await press(pilot, "c")
        assert reviewers.alive(database(seeded), now) == []
        with colleague(seeded) as connection:
            reviewers.take(connection, "group", TOO_LONG.fingerprint, "grace", now)
        await press(pilot, "c")
        assert "grace on " in said(app)
        await press(pilot, "enter")
        assert "grace is on this cause" in painted(app)
        error = open_of(seeded, TOO_LONG.fingerprint)[0]
        with colleague(seeded) as connection:
            reviewers.take(connection, "error", str(error), "grace", now)
        await press(pilot, "f")
        assert "grace is on this record" in painted(app)
        await press(pilot, "escape", "enter")
        with colleague(seeded) as connection:
            resolve.retry(connection, [error], operator="grace", batch_size=BATCH, now=now)
        await press(pilot, "v")
        assert "grace: errors.retry 1 record" in said(app)
        assert " by grace" in painted(app), "the open record follows"
        await press(pilot, "escape")
        browser = app.pane.browser
        assert browser is not None
        row = browser.row(error)
        assert row is not None and row.gone
        assert decisions.last(database(seeded), OPERATOR) is None

    drive(tmp_path, "running", script)


def test_a_claim_shows_life_while_one_is_there(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "c")
        (taken,) = reviewers.alive(database(seeded), millis(NOW))
        await seeded.clock.advance(61)
        await press(pilot, "j")
        (renewed,) = reviewers.alive(database(seeded), millis(seeded.clock.now()))
        assert renewed.at > taken.at

    drive(tmp_path, "running", script)


def test_the_next_record_is_there_before_it_is_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        first, second, *_ = open_of(seeded, TOO_LONG.fingerprint)
        await press(pilot, "4", "enter", "enter", "n", "p")
        assert app.pane.source is not None and app.pane.source.cursor == first
        with colleague(seeded) as connection:
            resolve.retry(connection, [second], operator="grace", batch_size=BATCH, now=millis(NOW))
        reading = asyncio.Event()
        ask = app.poller.ask

        async def slowly(question: Callable[[sqlite3.Connection], Any]) -> Any:
            await reading.wait()
            return await ask(question)

        monkeypatch.setattr(app.poller, "ask", slowly)
        await pilot.press("n")
        await pilot.pause()
        assert "2 of 12" in painted(app).replace("\N{NO-BREAK SPACE}", " ")
        assert " by grace" not in painted(app)
        reading.set()
        await settled(pilot)
        assert " by grace" in painted(app), "what was decided meanwhile comes with the reading"

    drive(tmp_path, "running", script)


def test_a_record_opened_again_is_masked_again(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "enter", "enter")
        assert "*** (u shows it)" in painted(app)
        await press(pilot, "u")
        assert "*** (u shows it)" not in painted(app)
        await press(pilot, "escape", "enter")
        assert "*** (u shows it)" in painted(app)

    drive(tmp_path, "running", script)


def test_a_small_screen_shows_one_side_at_a_time(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "4", "enter", "enter")
        assert "user_id" in painted(app) and "req_01JD8M2" not in painted(app)
        await press(pilot, "v", "v")
        assert "user_id" not in painted(app) and "req_01JD8M2" in painted(app)
        await press(pilot, "n")
        assert "req_01JD8M2" in painted(app), "the side stays from record to record"
        await press(pilot, "v")
        assert "user_id" in painted(app)

    drive(tmp_path, "running", script, size=(80, 24))


def test_what_is_ready_after_a_rule_was_not_sent_by_it(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        before = journal.counts(database(seeded), journal.USER)
        await press(pilot, "4", "a", "down", "down", "down", "ctrl+s")
        assert journal.counts(database(seeded), journal.USER) == before

    drive(tmp_path, "running", script)
