"""Pane 9: every key of it, pressed as a person does, and what it shows of trails, jobs and their output."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.state import audit, files, jobs, samples
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, beside
from cockpit.state.rollout import audit as chain
from cockpit.state.rollout.audit import Actor
from cockpit.tui import actions
from cockpit.tui.app import CockpitApp
from cockpit.tui.log import chain as verdicts
from cockpit.tui.log.kept import Kept
from cockpit.tui.screens.help import Help
from cockpit.tui.widgets.frame import Tabs
from tests.tui.board_state import seed_rollout
from tests.tui.driving import Cockpit, drive, drive_over, opened, painted, press, read, settled
from tests.tui.seeded import Seeded, seed
from tests.tui.webhooks_shown import shown, table

MANY = 100_000


def act(seeded: Seeded, action: str, subject: str = "job 1", **more: str) -> None:
    """Somebody does something."""
    with closing(open_state(seeded.path)) as connection, transaction(connection):
        audit.record(connection, "grace", action, subject, 1_795_443_668_000, **more)


def title(app: CockpitApp) -> str:
    return str(table(app).border_title)


def test_nine_opens_the_audit_trail_newest_first_and_v_turns_to_the_others(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9")
        assert (app.pane_id, app.pane.level) == ("log", "audit")
        assert shown(app)[:3] == ["job 5", "job 5", "job 4"]
        levels = []
        for key in ("v", "v", "v", "v", "V", "left", "right", "right"):
            await press(pilot, key)
            levels.append(app.pane.level)
        assert levels == ["chained", "jobs", "output", "audit", "output", "jobs", "output", "audit"]
        await press(pilot, "escape")
        assert app.pane_id == "overview"

    drive(tmp_path, "running", script)


def test_the_trail_follows_what_is_done_while_one_is_at_its_top(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        for number in range(30):
            act(seeded, "errors.retry", f"{number} before")
        await press(pilot, "9")
        before = len(table(app).ids)
        act(seeded, "errors.retry", "3 records")
        await settled(pilot)
        assert (len(table(app).ids), shown(app)[0], table(app).line) == (before + 1, "3 records", 0)
        assert title(app) == f"Audit trail {before + 1}"

        await press(pilot, "j")
        here = table(app).cursor
        act(seeded, "errors.undo", "4 records")
        await settled(pilot)
        assert (len(table(app).ids), table(app).cursor) == (before + 1, here)
        assert table(app).border_subtitle == "+1 new, r"

        await press(pilot, "r")
        assert (shown(app)[0], table(app).cursor) == ("4 records", here)
        await press(pilot, "g")
        table(app).scroll_to(y=1, animate=False, immediate=True)
        act(seeded, "errors.retry", "9 records")
        await settled(pilot)
        assert len(table(app).ids) == before + 2, "scrolled away without the cursor"
        await press(pilot, "r", "o", "g")
        act(seeded, "errors.retry", "5 records")
        await settled(pilot)
        assert len(table(app).ids) == before + 3, "the oldest is at the top, so nothing is followed"

    drive(tmp_path, "running", script, size=(80, 24))


def test_what_comes_is_followed_as_filtered(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9", "slash", *"action:retry", "enter")
        assert "nothing matches action:retry" in read(app)
        act(seeded, "errors.undo")
        act(seeded, "errors.retry", "7 records")
        await settled(pilot)
        assert shown(app) == ["7 records"]
        await press(pilot, "escape")
        assert len(shown(app)) > 2

    drive(tmp_path, "running", script)


@pytest.mark.parametrize(
    ("words", "found"),
    [("by:ada import", 2), ("action:webhooks.proven", 4), ("on:con_0015", 1), ("!by:ada", 0)],
)
def test_the_trail_is_searched(tmp_path: Path, words: str, found: int) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9", "slash", *words, "enter")
        assert len(table(app).ids) == found
        assert f"filter: {words}" in title(app)

    drive(tmp_path, "running", script)


def test_an_entry_opens_whole_and_n_and_p_walk(tmp_path: Path) -> None:
    why = "because " * 40

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        act(seeded, "rules.add", "email", before='{"domain": "a.example"}', after="[1]", why=why)
        await press(pilot, "9", "enter")
        assert app.pane.level == "record"
        entry = json.loads(opened(app))["entry"]
        assert (entry["before"], entry["after"], entry["why"]) == ({"domain": "a.example"}, [1], why)
        assert "320 characters, L unfolds" not in read(app) and "characters, L unfolds" in read(app)
        await press(pilot, "L")
        assert "L unfolds" not in read(app)
        await press(pilot, "n")
        assert "import.throttle" in opened(app)
        await press(pilot, "p")
        assert "rules.add" in opened(app)
        await press(pilot, "Y")
        assert json.loads((tmp_path / "cockpit-copied.txt").read_text())["entry"]["why"] == why
        await press(pilot, "escape", "y")
        assert (tmp_path / "cockpit-copied.txt").read_text() == "email"
        await press(pilot, "x")
        (file,) = tmp_path.glob("cockpit-log-*.jsonl")
        assert json.loads(file.read_text().splitlines()[0])["entry"]["action"] == "rules.add"
        await press(pilot, "u")
        assert audit.tail(open_state(seeded.path), 1)[0].action == "rules.add", "there is nothing to reveal"

    drive(tmp_path, "running", script)


def test_without_a_rollout_its_tab_says_so(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9", "v")
        assert "no rollout yet" in read(app)
        await press(pilot, "enter", "r", "slash", "escape", "n", "o", "x")
        assert app.pane.level == "chained"

    drive(tmp_path, "running", script)


def test_the_chain_of_the_rollout_is_followed_and_told(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9", "v")
        assert "✔ CHAIN WHOLE" in read(app)
        assert "watch (rule)" in read(app)
        count = len(table(app).ids)
        with closing(open_state(beside(seeded.path), kind=ROLLOUT)) as rollout:
            chain.record(rollout, Actor("grace"), "approve", "con_0001", 1_795_443_668_000)
            await settled(pilot)
            assert (len(table(app).ids), shown(app)[0]) == (count + 1, "con_0001")
            rollout.execute("drop trigger audit_is_append_only")
            rollout.execute("update audit set operator = 'nobody' where id = 3")
        await seeded.clock.sleep(6)
        await press(pilot, "r")
        assert "✘ CHAIN BROKEN" in read(app) and "entry 3 is not what was written" in read(app)
        assert "Rollout BROKEN" in read(app)
        await press(pilot, "slash", *"by:nobody", "enter", "enter")
        assert "✘ not vouched for" in read(app)
        assert "digest of what it says" in opened(app)

    drive_over(seed_rollout(tmp_path, "wave"), script)


def test_a_rollout_that_cant_be_read_is_told_and_takes_nothing_else_along(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        beside(seeded.path).write_bytes(b"no database at all" * 100)
        await press(pilot, "9", "v")
        assert "✘ can't be read" in read(app)
        await press(pilot, "V")
        assert shown(app)[0] == "job 5"

    drive(tmp_path, "running", script)


def test_a_chain_that_cant_be_followed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged(connection: object) -> None:
        raise sqlite3.DatabaseError("database disk image is malformed")

    seeded = seed_rollout(tmp_path, "wave")
    seeded.close()
    monkeypatch.setattr(chain, "broken", damaged)
    verdict = verdicts.follow(seeded.path, 7.0)
    assert (verdict.at, verdict.broken) == (7.0, None)
    told = "".join(part for part, _ in verdicts.told(Kept(entries=3), verdict))
    assert told.startswith("✘ can't be read") and "rollout.db: database disk image is malformed" in told


def test_without_a_state_each_tab_says_what_is_missing(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9")
        assert "there is no state file yet" in read(app)
        for key in ("v", "v", "v"):
            await press(pilot, key, "enter", "o", "x", "r", "n")
        assert app.pane.level == "output"
        assert not seeded.path.exists()

    drive(tmp_path, "empty", script)


def test_the_rollouts_trail_is_there_without_the_state(tmp_path: Path) -> None:
    with closing(open_state(beside(tmp_path / "cockpit.db"), create=True, kind=ROLLOUT)) as rollout:
        chain.record(rollout, Actor("grace"), "approve", "con_0001", 1_795_443_668_000)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9", "v")
        assert shown(app) == ["con_0001"] and "✔ CHAIN WHOLE" in read(app)

    drive_over(seed(tmp_path, "empty"), script)


@pytest.fixture
def long_trail(tmp_path: Path) -> Iterator[Seeded]:
    """As many actions, by SQL."""
    seeded = seed(tmp_path, "clean")
    with closing(open_state(seeded.path)) as connection:
        connection.execute("pragma synchronous = off")
        connection.execute(
            "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) insert into "
            "audit(at, operator, host, action, subject) select i, 'ada', 'h', 'errors.retry', i from n",
            (MANY,),
        )
    yield seeded
    seeded.close()


def test_a_long_trail_is_read_by_what_can_be_seen(
    long_trail: Seeded, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows, most = audit.rows, 0

    def watched(connection: object, wanted: list[int]) -> list[audit.AuditRow]:
        nonlocal most
        most = max(most, len(wanted))
        return rows(connection, wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(audit, "rows", watched)

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9")
        assert len(table(app).ids) > MANY and shown(app)[0] == str(MANY)
        act(seeded, "errors.undo", "3 records")
        await settled(pilot)
        assert shown(app)[0] == "3 records"
        await press(pilot, "G")
        assert all(table(app).row(id_) is not None for id_ in table(app).visible_ids())
        assert most < 200

    drive_over(long_trail, script)


def test_help_lists_every_action_of_the_pane(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9", "question_mark")
        assert isinstance(app.screen, Help)
        told = "\n".join(line.plain for line in app.screen._lines())
        for action in actions.of_pane("log"):
            assert action.description.split(maxsplit=1)[0] in told
        assert all(action.danger == "look" for action in actions.of_pane("log"))

    drive(tmp_path, "running", script)


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
def test_hostile_text_stays_text(tmp_path: Path, size: tuple[int, int]) -> None:
    nasty = "\x1b]0;owned\x07 [bold red]x[/] \u202egnp.exe"

    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        with closing(open_state(seeded.path)) as connection, transaction(connection):
            audit.record(connection, nasty, nasty, nasty, 1, before=nasty, after=nasty, why=nasty)
            job = jobs.create(connection, "lint", {nasty: nasty}, nasty, 1)
            samples.notice(connection, job, "warn", nasty, 1)
            jobs.ended(connection, job, "failed", nasty, {"exit": 1, "message": nasty}, 2)
        files.printed(seeded.path).write_text(nasty)
        for keys in (("9",), ("enter",), ("escape", "v"), ("v",), ("enter",), ("enter",), ("V",), ("right",)):
            await press(pilot, *keys)
            screen = painted(app)
            assert "\x1b" not in screen and "\x07" not in screen and "\u202e" not in screen, keys
            assert "]0;own" in screen or app.pane.level == "chained", keys

    drive(tmp_path, "running", script, size=size)


def test_the_names_of_the_panes_fit_with_any_number_of_errors(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        tabs = app.query_one(Tabs)
        for errors, names in (
            (0, "6 Conns"),
            (38, "6 Conns 7 Rollout 8 Hooks"),
            (123_456, "6 SSO 7 Roll 8 Hooks"),
        ):
            tabs.show("log", errors)
            await pilot.pause()
            line = str(tabs.render())
            assert len(line) <= 80 and names in line and "9 Log" in line

    drive(tmp_path, "empty", script, size=(80, 24))
