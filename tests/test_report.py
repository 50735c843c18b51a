"""The report: every number is the state's, and hostile text stays text."""

import re
from pathlib import Path

import pytest

from cockpit import report
from cockpit.rules.fixes import made
from cockpit.state import diffs, errors, fix, history, jobs, meta, resolve
from cockpit.state.database import open_state, transaction
from cockpit.state.diffs import Finding
from tests.cli.shell import seeded

EVIL = "<img src=x> | [click](http://evil.example) \x1b[31m\n# @team"


@pytest.fixture
def text(tmp_path: Path) -> str:
    """A report of 250 users, 97 imported, one failure ignored for a hostile reason, one rule, one diff."""
    shell = seeded(tmp_path)
    connection = open_state(shell.state)
    with transaction(connection):
        meta.put(connection, "bound.target", "https://api.workos.com#4f1d09ab")
        resolve.ignore(connection, [3], operator="ana|x", reason=EVIL, batch_size=100, now=1_700_000_000_000)
        rule = made("422:email", "trim", "email")
        fix.add_rule(connection, rule, operator="bo", now=1_700_000_001_000)
        job = jobs.create(connection, "import", {}, "ana", 0)
        jobs.started(connection, job, 1, "boot", 1.0, 1_700_000_000_000)
        connection.execute("update jobs set done = 1000 where id = ?", (job,))
        jobs.ended(connection, job, "done", "fine", {"exit": 0}, 1_700_000_100_000)
        diff = diffs.begin(connection, 5)
        diffs.add(connection, diff, [Finding("missing", 1, "a", None, None, {})])
        diffs.finish(connection, diff, 250, 97, 1_700_000_200_000)
    found = history.read(connection)
    connection.close()
    assert sum(group.open for group in found.causes) == 2
    return report.render(found, 1_700_000_300.0)


def section(text: str, title: str) -> list[str]:
    return re.split(r"^##+ ", text, flags=re.M)[1 + [
        part.split("\n")[0] for part in re.split(r"^##+ ", text, flags=re.M)[1:]
    ].index(title)].splitlines()[2:]  # fmt: skip


def test_what_moved_by_kind(text: str) -> None:
    assert section(text, "What moved")[2] == "| users | 250 | 150 | 0 | 97 | 0 | 2 | 1 | 0 |"


def test_what_failed_by_cause_and_what_to_do(text: str) -> None:
    assert section(text, "What failed")[2].startswith(
        r"| the target refuses the e-mail | fixable | email\_invalid | 422 | 2 | 2 | "
    )


def test_who_decided_what(text: str) -> None:
    lines = section(text, "What was decided, and by whom")
    assert any(r"ana\|x" in line and r"errors.ignore" in line for line in lines)
    assert any("rules.add" in line for line in lines)
    assert section(text, "Rules in force")[2].startswith(
        r"| 1 | 422\:email | trim email | 0 | bo | 2023-11-14 22:13:21"
    )


def test_how_long_it_took_and_the_diff(text: str) -> None:
    (line,) = [line for line in section(text, "How long it took") if "import" in line]
    assert "| 0 h 1 m 40 s | 1,000 | 0 | 10.0 |" in line
    assert section(text, "Diff")[0] == "**Not clean**, made 2023-11-14 22:16:40 UTC."


def test_hostile_text_stays_text(text: str) -> None:
    assert "<img" not in text and "\x1b" not in text
    assert r"\[click\]\(http\://evil.example\)" in text
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.M):
        cells = {len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}
        assert len(cells) == 1, table
    headings = re.findall(r"^# .*", text, flags=re.M)
    assert headings == ["# Migration report"]


def test_an_empty_state_has_a_report(tmp_path: Path) -> None:
    connection = open_state(tmp_path / "cockpit.db", create=True)
    assert "Nothing yet." in report.render(history.read(connection), 0)
    assert errors.groups(connection) == []
    connection.close()
