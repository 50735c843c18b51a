"""What was done and what jobs said, as people browse it: by filter and order, a page by ids."""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cockpit.state import audit, browse, jobs, logs, samples
from cockpit.state.database import open_state
from cockpit.state.jobs import JobKind
from cockpit.state.rollout import ROLLOUT
from cockpit.state.rollout import audit as chain
from cockpit.state.rollout.audit import Actor

ACTIONS: list[tuple[str, str, str, Mapping[str, Any]]] = [
    ("ana", "import.start", "job 1", {}),
    ("bob", "import.throttle", "job 1", {"before": "auto", "after": "5/s", "why": "the night"}),
    ("ana", "errors.ignore", "50% of them", {"why": "spam"}),
    ("bob", "errors.undo", "errors.ignore: 3 records", {"after": "3 restored"}),
]


@pytest.fixture
def trail(connection: sqlite3.Connection) -> sqlite3.Connection:
    for now, (operator, action, subject, more) in enumerate(ACTIONS):
        audit.record(connection, operator, action, subject, now, **more)
    return connection


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", [4, 3, 2, 1]),
        ("action:import", [2, 1]),
        ("by:ana", [3, 1]),
        ("on:job", [2, 1]),
        ("why:night", [2]),
        ("restored", [4]),
        ("errors !by:bob", [3]),
        ("50%", [3]),
        ("5_%", []),
    ],
)
def test_actions_are_found_by_what_who_on_what_and_why(
    trail: sqlite3.Connection, words: str, found: list[int]
) -> None:
    assert list(browse.ids(trail, logs.actions(), words)) == found


def test_actions_in_their_orders(trail: sqlite3.Connection) -> None:
    orders = {order: list(browse.ids(trail, logs.actions(), order=order)) for order in logs.actions().orders}
    assert orders == {
        "newest": [4, 3, 2, 1],
        "oldest": [1, 2, 3, 4],
        "action": [3, 4, 1, 2],
        "who": [3, 1, 4, 2],
    }


def test_actions_come_by_id_and_what_came_since_alone(trail: sqlite3.Connection) -> None:
    assert [row.action for row in audit.rows(trail, [3, 1, 99])] == ["errors.ignore", "import.start"]
    assert audit.total(trail) == 4
    assert list(browse.ids(trail, logs.actions(), "bob", after=2)) == [4]


def test_actions_on_one_subject(trail: sqlite3.Connection) -> None:
    assert [row.id for row in audit.tail(trail, subject="job 1")] == [2, 1]


def test_an_empty_state_has_none(connection: sqlite3.Connection) -> None:
    assert (audit.total(connection), jobs.total(connection)) == (0, 0)
    for listing in (logs.actions(), logs.jobs(), logs.said_by(1)):
        assert not browse.ids(connection, listing)


def job(connection: sqlite3.Connection, kind: JobKind, operator: str, exit_: int | None = None) -> int:
    made = jobs.create(connection, kind, {}, operator, 1)
    if exit_ is not None:
        state: jobs.JobState = "failed" if exit_ else "done"
        jobs.ended(connection, made, state, "", {"exit": exit_, "message": f"{kind} ended"}, 2)
    return made


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", [3, 2, 1]),
        ("kind:import", [3, 2]),
        ("state:failed", [2]),
        ("exit:1", [2]),
        ("by:bob", [3]),
        ("said:export", [1]),
        ("ended !export", [2]),
    ],
)
def test_jobs_are_found_by_kind_state_person_and_what_they_said(
    connection: sqlite3.Connection, words: str, found: list[int]
) -> None:
    job(connection, "export", "ana", 0)
    job(connection, "import", "ana", 1)
    job(connection, "import", "bob")
    assert list(browse.ids(connection, logs.jobs(), words)) == found
    assert [row.kind for row in jobs.rows(connection, [2, 1])] == ["import", "export"]
    assert jobs.total(connection) == 3


def test_a_job_has_a_log_of_its_own(connection: sqlite3.Connection) -> None:
    for now, (of, level, text) in enumerate(
        [(1, "info", "round 1"), (2, "info", "another"), (1, "warn", "throttled"), (None, "info", "nobody's")]
    ):
        samples.notice(connection, of, level, text, now)
    assert list(browse.ids(connection, logs.said_by(1))) == [3, 1]
    assert list(browse.ids(connection, logs.said_by(1), "level:warn")) == [3]
    assert [notice.text for notice in samples.notice_rows(connection, [3, 1])] == ["throttled", "round 1"]
    assert [notice.id for notice in samples.notices(connection, job=1)] == [3, 1]
    assert len(samples.notices(connection)) == 4


def test_the_chained_trail_is_browsed_alike_and_knows_who_was_no_person(tmp_path: Path) -> None:
    rollout = open_state(tmp_path / "rollout.db", create=True, kind=ROLLOUT)
    assert chain.newest(rollout) == 0
    chain.record(rollout, Actor("ana"), "route.move", "con_1", 1, before="legacy", after="canary")
    chain.record(rollout, Actor("watch", person=False), "route.move", "con_1", 2, why="failing")
    assert list(browse.ids(rollout, logs.chained())) == [2, 1]
    assert list(browse.ids(rollout, logs.chained(), "by:rule")) == [2]
    assert list(browse.ids(rollout, logs.chained(), "by:ana")) == [1]
    assert [entry.why for entry in chain.rows(rollout, [2])] == ["failing"]
    assert chain.newest(rollout) == 2
    rollout.close()


def test_a_chain_is_followed_over_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain, "_PAGE", 2)
    rollout = open_state(tmp_path / "rollout.db", create=True, kind=ROLLOUT)
    for now in range(5):
        chain.record(rollout, Actor("ana"), "wave.plan", "waves", now)
    assert chain.broken(rollout) is None
    rollout.execute("drop trigger audit_is_kept")
    rollout.execute("delete from audit where id = 3")
    assert chain.broken(rollout) == 4
    rollout.close()
