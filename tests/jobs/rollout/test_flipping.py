"""A flip by a person: what keeps it, what passes over that, and who else has to agree."""

from contextlib import closing

import pytest

from cockpit.clock import millis
from cockpit.jobs.rollout import flip, waves
from cockpit.jobs.rollout.flip import GatesClosed
from cockpit.rollout.flip import FlipRefused
from cockpit.state import webhook_steps
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import approvals, audit, routes
from cockpit.state.rollout.waves import listed, members
from tests.jobs.rollout.ready import CLOCK, Ready

HOUR_MS = 3_600_000


def test_where_all_is_proven_the_logins_move_in_one_transaction(ready: Ready) -> None:
    made = ready.flip("con_1")
    assert (made.stage, made.operator, made.passed) == ("flipping", "lead", frozenset())
    with ready.rollout() as rollout:
        route = routes.table(rollout).get("con_1")
        assert route is not None and route.side() == "workos"
        assert made.version == routes.version(rollout)
    assert ready.columns() == {"con_1": "canary", "con_2": "legacy", "con_3": "legacy", "con_4": "legacy"}
    assert flip_confirmed(ready) == "verifying"


def flip_confirmed(ready: Ready) -> str:
    with ready.rollout() as rollout:
        return flip.confirm(rollout, ready.newest("con_1")).stage


def test_an_old_diff_keeps_it_until_somebody_says_why_not(ready: Ready) -> None:
    ready.compare(age_ms=30 * HOUR_MS)
    with pytest.raises(GatesClosed, match=r'the last diff is 30 h old .*--override "why"') as refused:
        ready.flip("con_1")
    assert [each.gate for each in refused.value.gates] == ["diff"]
    assert ready.columns()["con_1"] == "legacy"
    assert ready.flip("con_1", override="cut-over call").passed == {"diff"}
    with ready.rollout() as rollout:
        told = {entry.action: entry for entry in audit.tail(rollout, subject="con_1")}
    assert (told["gate.override"].before, told["gate.override"].why) == ("diff", "cut-over call")


def test_differences_keep_those_only_whose_users_they_are(ready: Ready) -> None:
    ready.flip("con_3")  # the first one waits for a diff that is clean altogether
    ready.compare(missing=2)
    with pytest.raises(GatesClosed, match="2 differences in its users"):
        ready.flip("con_1")
    assert ready.flip("con_2").stage == "flipping"


def test_the_very_first_waits_for_a_source_at_rest(ready: Ready) -> None:
    with closing(open_state(ready.world.state)) as state, transaction(state):
        webhook_steps.record(state, "quiet", "refuted", "lead", millis(CLOCK.now()), "somebody signed up")
    with pytest.raises(GatesClosed, match="the first flip waits: the source is not proven quiet") as refused:
        ready.flip("con_1")
    assert [each.gate for each in refused.value.gates] == ["quiet"]
    ready.flip("con_1", override="the last customer of the year")
    assert ready.flip("con_2").passed == frozenset()


def test_what_workos_says_of_it_counts(ready: Ready) -> None:
    ready.target.call("POST", f"/_sandbox/connections/{ready.target_id('con_1')}", {"state": "inactive"})
    ready.ask("con_1")
    with pytest.raises(GatesClosed, match="it is inactive at WorkOS"):
        ready.flip("con_1")
    organization = ready.target.call("GET", "/organizations/external_id/cust_2")
    body = {"domain_data": [{"domain": "customer2.example", "state": "pending"}]}
    ready.target.call("PUT", f"/organizations/{organization['id']}", body)
    ready.ask("con_2")
    with pytest.raises(GatesClosed, match=r"not verified at WorkOS: customer2\.example"):
        ready.flip("con_2")


def test_without_its_connection_at_workos_no_override_helps(ready: Ready) -> None:
    with closing(open_state(ready.world.state)) as state, transaction(state):
        state.execute("update connections set callback_endpoint = null where source_id = 'con_1'")
    with pytest.raises(GatesClosed, match="callback endpoint is not known") as refused:
        ready.flip("con_1", override="please")
    assert "--override" not in str(refused.value)
    assert ready.columns()["con_1"] == "legacy"


def test_a_second_person_is_another_one_and_agrees_once(ready: Ready) -> None:
    ready.rules = ready.rules.model_copy(update={"two_person": True})
    now = millis(CLOCK.now())
    with pytest.raises(GatesClosed, match="a second person has to agree"):
        ready.flip("con_1")
    for operator in ("lead", "second"):
        with ready.rollout() as rollout, transaction(rollout):
            approvals.approve(rollout, "con_1", operator, now, now + HOUR_MS)
        if operator == "lead":
            with pytest.raises(GatesClosed):
                ready.flip("con_1")
    ready.flip("con_1")
    with ready.rollout() as rollout:
        assert approvals.by_others(rollout, "con_1", "lead", now) == ()


def test_a_wave_is_kept_by_a_restless_source_whose_log_is_read_once_for_all_members(ready: Ready) -> None:
    now = millis(CLOCK.now())
    with ready.board() as (state, rollout), transaction(state):
        webhook_steps.record(state, "quiet", "refuted", "lead", now, "somebody signed up")
    asked: list[str] = []
    with ready.board() as (state, rollout):
        waves.plan(state, rollout, ready.rules, "lead", now)
        state.set_trace_callback(asked.append)
        name = next(wave.name for wave in listed(rollout) if len(members(rollout, wave.name)) > 1)
        found, to_arm = waves.examine(state, rollout, name, ready.rules, "lead", now)
        state.set_trace_callback(None)
    shut = [each.why for each in found if each.gate == "quiet"]
    assert len(shut) == len(to_arm) == 3
    assert all("the source is not proven quiet" in why for why in shut)
    assert len([query for query in asked if "from webhook_steps" in query]) == 1


def test_the_next_flip_keeps_its_distance(ready: Ready) -> None:
    ready.rules = ready.rules.model_copy(update={"spacing_min": 5})
    ready.flip("con_1")
    with pytest.raises(GatesClosed, match="less than 5 min ago"):
        ready.flip("con_2")


def test_a_flip_can_be_armed_and_cancelled_and_what_was_flipped_is_held_by_that(ready: Ready) -> None:
    now = millis(CLOCK.now())
    with ready.board() as (state, rollout):
        flip.flip(state, rollout, "con_1", "lead", ready.rules, now, later=True)
        assert flip.cancel(rollout, "con_1", "lead", now).stage == "cancelled"
        assert ready.columns()["con_1"] == "legacy"
        with pytest.raises(FlipRefused, match="no flip of con_1 is under way"):
            flip.cancel(rollout, "con_1", "lead", now)
        ready.flip("con_1")
        assert flip.cancel(rollout, "con_1", "lead", now).stage == "rolled back"
        assert ready.columns()["con_1"] == "held"
        flip.release(rollout, ["con_1"], "lead", now, "cause found")
        with pytest.raises(FlipRefused, match="con_1 is legacy, not held"):
            flip.release(rollout, ["con_1"], "lead", now, "again")
