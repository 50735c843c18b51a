"""Waves as rows: laid out anew without touching what is done, changed only before they start."""

import sqlite3

import pytest

from cockpit.rollout.rules import HOURS_OF_BAKING
from cockpit.rollout.waves import WaveRefused
from cockpit.state.rollout import audit, routes, waves
from cockpit.state.rollout.audit import Actor

LEAD, RULE = Actor("lead"), Actor("watch", person=False)
DIVIDED = {"canary": ["con_0"], "5%": [], "25%": ["con_1"], "100%": ["con_2"]}


@pytest.fixture
def planned(db: sqlite3.Connection) -> sqlite3.Connection:
    waves.plan(db, DIVIDED, HOURS_OF_BAKING, LEAD, 1)
    return db


def members(db: sqlite3.Connection, name: str) -> list[str]:
    return [member.connection for member in waves.members(db, name)]


def test_a_plan_says_who_is_in_which_wave(planned: sqlite3.Connection) -> None:
    assert [wave.name for wave in waves.listed(planned)] == ["canary", "5%", "25%", "100%"]
    assert members(planned, "25%") == ["con_1"]
    assert waves.waves_of(planned)["con_2"] == "100%"
    assert waves.get(planned, "25").name == "25%"
    with pytest.raises(WaveRefused, match="no wave '30'"):
        waves.get(planned, "30")


def test_connections_change_waves_until_these_start(planned: sqlite3.Connection) -> None:
    assert waves.reassign(planned, "con_2", "25%", LEAD, 2) == "100%"
    assert members(planned, "25%") == ["con_1", "con_2"]
    waves.drop(planned, "con_2", LEAD, 3)
    assert members(planned, "25%") == ["con_1"]
    waves.act(planned, "25%", "start", LEAD, 4)
    for move in (("con_2", "25%"), ("con_1", "100%")):
        with pytest.raises(WaveRefused, match="running"):
            waves.reassign(planned, *move, LEAD, 5)
    with pytest.raises(WaveRefused, match="no wave that is planned"):
        waves.drop(planned, "con_1", LEAD, 5)


def test_what_is_under_way_is_not_laid_out_anew_and_what_is_done_stays(planned: sqlite3.Connection) -> None:
    waves.act(planned, "canary", "start", LEAD, 2)
    with pytest.raises(WaveRefused, match="wave canary is running"):
        waves.plan(planned, DIVIDED, HOURS_OF_BAKING, LEAD, 3)
    waves.act(planned, "canary", "finish", RULE, 4)
    anew = {"canary": ["con_0"], "5%": ["con_2"], "25%": [], "100%": ["con_1"]}
    waves.plan(planned, anew, HOURS_OF_BAKING, LEAD, 5)
    assert {name: members(planned, name) for name in anew} == anew
    assert waves.get(planned, "canary").state == "done"


def test_time_held_is_counted_and_a_wave_that_goes_on_begins_to_count_failures_anew(
    planned: sqlite3.Connection,
) -> None:
    waves.act(planned, "25%", "start", LEAD, 1_000)
    waves.act(planned, "25%", "hold", LEAD, 2_000)
    waves.act(planned, "25%", "halt", RULE, 5_000)
    waves.act(planned, "25%", "resume", LEAD, 9_000)
    wave = waves.get(planned, "25%")
    assert (wave.state, wave.held_s, wave.held_at, wave.resumed_at) == ("running", 7, None, 9_000)
    assert (wave.started_at, wave.operator) == (1_000, "lead")


@pytest.mark.parametrize("doing", ["start", "hold", "resume", "abort"])
def test_a_rule_only_halts_and_finishes(planned: sqlite3.Connection, doing: str) -> None:
    with pytest.raises(WaveRefused, match="only a person"):
        waves.act(planned, "25%", doing, RULE, 2)  # type: ignore[arg-type]


def test_every_act_is_told(planned: sqlite3.Connection) -> None:
    waves.act(planned, "25%", "start", LEAD, 2, "go")
    (entry, *_) = audit.tail(planned, subject="25%")
    assert (entry.action, entry.before, entry.after, entry.why) == ("wave.start", "planned", "running", "go")
    assert routes.at_workos(planned) == []
