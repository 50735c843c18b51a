"""Pane 9: the jobs with what they said, and what their processes printed."""

from contextlib import closing
from pathlib import Path

from cockpit.state import files, samples
from cockpit.state.database import open_state, transaction
from cockpit.tui.app import CockpitApp
from cockpit.tui.log import output
from cockpit.tui.widgets.text_view import TextView
from tests.tui.driving import Cockpit, drive, opened, press, read, said, settled
from tests.tui.seeded import Seeded
from tests.tui.webhooks_shown import shown


def test_the_jobs_newest_first_with_those_that_died_told_as_dead(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9", "v", "v")
        assert shown(app) == ["5", "4", "3", "2", "1"]
        assert "● RUNNING" in read(app) and "10 differences" in read(app)
        seeded.close()
        await settled(pilot)
        assert "✘ DEAD" in read(app) and "its process ended without a word" in read(app)
        await press(pilot, "slash", *"kind:diff", "enter")
        assert shown(app) == ["4"]

    drive(tmp_path, "running", script)


def test_a_job_opens_with_its_own_log_which_goes_on(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9", "v", "v", "enter")
        assert app.pane.level == "job"
        assert shown(app) == ["throttled: 429, retry after 10 s"]
        for part in ("import   job 5", "● RUNNING · within limit", '"process": 4243', "auto → 50/s"):
            assert part in read(app)
        with closing(open_state(seeded.path)) as connection, transaction(connection):
            samples.notice(connection, 5, "info", "round 2 \x1b[2J" + "long " * 60, 1_795_443_668_000)
            samples.notice(connection, 4, "info", "another's", 1_795_443_668_000)
        await settled(pilot)
        assert len(shown(app)) == 2 and "another's" not in read(app) and r"round 2 \x1b[2J" in read(app)
        await press(pilot, "enter", "L")
        assert app.pane.level == "record"
        assert "long long" in read(app)
        await press(pilot, "n")
        assert "throttled" in opened(app)
        await press(pilot, "escape", "slash", *"level:warn", "enter")
        assert shown(app) == ["throttled: 429, retry after 10 s"]
        await press(pilot, "escape", "tab")
        assert isinstance(app.focused, TextView)
        await press(pilot, "G", "escape")
        assert app.pane.level == "jobs"
        await press(pilot, "j", "enter")
        assert "diff   job 4" in read(app) and shown(app) == ["another's", "diff done: 10 differences"]

    drive(tmp_path, "running", script, size=(160, 50))


def test_what_processes_printed_is_read_to_its_end_as_it_grows(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        file = files.printed(seeded.path)
        with file.open("a") as opened_:
            opened_.writelines(f"line {number} \x1b]0;owned\x07\n" for number in range(200))
        await press(pilot, "9", "V")
        assert isinstance(app.focused, TextView)
        assert r"line 199 \x1b]0;owned\x07" in read(app) and "line 3 " not in read(app)
        with file.open("a") as opened_:
            opened_.write("the newest\n")
        await settled(pilot)
        assert "the newest" in read(app)
        await press(pilot, "g")
        assert "the job failed" in read(app)
        with file.open("a") as opened_:
            opened_.write("even newer\n")
        await settled(pilot)
        assert "even newer" not in read(app) and "the job failed" in read(app)
        await press(pilot, "G")
        assert "even newer" in read(app)
        await press(pilot, "slash", *"LINE !19", "enter")
        assert "line 188 " in read(app) and "line 199" not in read(app)
        await press(pilot, "slash", "escape", "slash", *" zz", "enter")
        assert "nothing matches" in read(app)
        await press(pilot, "escape")
        assert "even newer" in read(app)
        await press(pilot, "escape")
        assert app.pane_id == "overview"

    drive(tmp_path, "stopped", script, size=(80, 24))


def test_nothing_printed_is_said(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        await press(pilot, "9", "V")
        assert "nothing: a process prints only what" in read(app)

    drive(tmp_path, "running", script)


def test_only_the_end_of_a_long_output_is_shown_in_whole_lines(tmp_path: Path) -> None:
    file = tmp_path / "cockpit.db.log"
    assert output.read(file) == output.Tail()
    file.write_bytes(b"first\nsecond \xff\nthird\n")
    assert output.read(file).lines == ("first", "second �", "third")
    for most, lines in ((6, ("third",)), (7, ("third",)), (15, ("second �", "third"))):
        tail = output.read(file, most)
        assert (tail.lines, tail.cut, tail.size) == (lines, True, 21)
    file.write_bytes(b"x" * 50)
    assert output.read(file, 10).lines == ("x" * 11,)


def test_output_that_cant_be_read_is_told(tmp_path: Path) -> None:
    async def script(pilot: Cockpit, app: CockpitApp, seeded: Seeded) -> None:
        file = files.printed(seeded.path)
        file.unlink()
        file.mkdir()
        (file / "inside").touch()
        await press(pilot, "9", "V")
        assert "what jobs printed can't be read" in said(app)

    drive(tmp_path, "stopped", script)
