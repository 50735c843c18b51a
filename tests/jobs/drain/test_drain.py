"""Draining to a real consumer: everything once, in order, signed anew, at its pace, whatever happens."""

import json
import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.jobs import control
from cockpit.state import jobs, samples
from cockpit.state.database import open_readonly, open_state, transaction
from cockpit.state.jobs import Job
from cockpit.state.tank import TANK, beside, counts, deliveries, standing
from tests.clocks import LeapingClock
from tests.jobs.world import World, person, seed
from tests.webhooks.filled import AT, event, fill, updates
from tests.webhooks.holding import SECRET, Ends, until

MANY = 2000
BACKLOG = 100_000 if "COCKPIT_ENDURANCE" in os.environ else 2000
LIMIT = 5000
"""Events a second above which the consumer falls over; the drain is told to stay below."""
UNTOLD = 1000
"""More than can arrive without an outcome on the disk: what is in flight, and two groups of outcomes."""
FAST = {"sources": ["clerk"], "rate": 20_000.0, "ramp_s": 0.0, "concurrency": 32}


@pytest.fixture(scope="module")
def running() -> Iterator[Ends]:
    with Ends() as ends:
        yield ends


@pytest.fixture
def ends(running: Ends) -> Ends:
    return running.well()


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, "http://127.0.0.1:9")
    made.environment["CLERK_WEBHOOK_SECRET"] = SECRET
    return made


def drain(world: World, ends: Ends, **args: Any) -> Job:
    return world.run_here("drain", **{"to": ends.hook, **FAST, **args})


def tally(world: World) -> counts.Counts:
    """The counters, held against the rows."""
    connection = open_readonly(beside(world.state), kind=TANK)
    told, counted = counts.total(connection), counts.counted(connection)
    connection.close()
    assert told == counted
    return told


def ids(count: int) -> list[str]:
    return [f"msg_{number:06}" for number in range(count)]


def exit_of(job: Job) -> int:
    assert job.result is not None
    return int(job.result["exit"])


def test_everything_arrives_once_in_order_of_each_user_signed_anew(world: World, ends: Ends) -> None:
    fill(world.state, updates(MANY, 40))
    job = drain(world, ends)
    assert exit_of(job) == 0, job.result
    told = ends.call("consumer")
    assert (told["taken"], told["replays"]) == (MANY, MANY)
    assert told["doubles"] == told["unsigned"] == told["out_of_order"] == 0
    assert tally(world).states == {"delivered": MANY}
    assert (job.done, job.total) == (MANY, MANY)
    connection = open_readonly(beside(world.state), kind=TANK)
    seen = standing.read(connection)
    connection.close()
    assert seen is not None and (seen.job, seen.breaker, seen.to) == (job.id, "closed", ends.hook)
    assert seen.p50 is not None


@pytest.mark.parametrize(
    ("sign", "scheme", "secret"), [("workos", "workos", "wh_secret"), ("token", "token", "Bearer abc")]
)
def test_it_may_be_signed_otherwise(world: World, ends: Ends, sign: str, scheme: str, secret: str) -> None:
    world.environment[f"{sign.upper()}_WEBHOOK_SECRET"] = secret
    ends.call("consumer", scheme=scheme, secret=secret)
    fill(world.state, updates(20, 5))
    assert exit_of(drain(world, ends, sign=sign)) == 0
    assert ends.call("consumer")["taken"] == 20


def test_without_the_secret_nothing_is_sent(world: World, ends: Ends) -> None:
    fill(world.state, updates(5, 5))
    del world.environment["CLERK_WEBHOOK_SECRET"]
    job = drain(world, ends)
    assert exit_of(job) == 2
    assert "CLERK_WEBHOOK_SECRET" in str(job.result)
    assert ends.call("consumer")["requests"] == 0


def test_a_consumer_that_knows_another_secret_stops_it_before_anything_is_a_dead_letter(
    world: World, ends: Ends
) -> None:
    fill(world.state, updates(200, 200))
    ends.call("consumer", secret="whsec_YW5vdGhlcg==")
    job = drain(world, ends)
    assert exit_of(job) == 1
    assert "refused 20 in a row (HTTP 401)" in str(job.result)
    assert tally(world).held == 200
    ends.call("consumer", secret=SECRET)
    assert exit_of(drain(world, ends)) == 0
    assert ends.call("consumer")["taken"] == 200


def test_what_is_refused_again_and_again_is_a_dead_letter_and_can_be_redriven(
    world: World, ends: Ends
) -> None:
    fill(world.state, updates(100, 10))
    ends.call("consumer", refuse_users=["user_3"], refuse_status=422)
    job = world.run_here("drain", LeapingClock(), to=ends.hook, **FAST, tries=3)
    assert exit_of(job) == 3, job.result
    told = tally(world)
    assert told.states == {"delivered": 90, "dead": 10}
    tank = open_state(beside(world.state), kind=TANK)
    letters = deliveries.dead(tank)
    assert [letter.key for letter in letters] == ["user_3"] * 10
    assert {(letter.attempts, letter.status, letter.reason) for letter in letters} == {(3, 422, "HTTP 422")}
    with transaction(tank):
        assert deliveries.redrive(tank, [letters[0].id]) == 1
        assert deliveries.redrive(tank) == 9
    tank.close()
    assert tally(world).held == 10
    ends.call("consumer", refuse_users=[])
    assert exit_of(drain(world, ends)) == 0
    assert ends.call("consumer")["taken"] == 100
    assert ends.call("consumer")["out_of_order"] == 0


def test_choices_leave_out_what_need_not_be_sent(world: World, ends: Ends) -> None:
    seed(world.state, [person(1), person(2)])
    state = open_state(world.state)
    for number, at in ((1, AT + 2), (2, AT - 1000)):
        raw = {"user_id": f"auth0|{number:06}", "updated_at": at}
        state.execute("update raw set body = ? where source_id = ?", (json.dumps(raw), raw["user_id"]))
    state.execute("update operations set state = 'imported' where kind = 'user'")
    state.close()
    fill(
        world.state,
        [
            event(0, "user.created", "brief"),
            event(1, "user.updated", "auth0|000001"),
            event(2, "user.updated", "auth0|000002"),
            event(3, "user.deleted", "brief"),
            event(4, "user.updated", "auth0|000002"),
            event(5, "user.deleted", "auth0|000001"),
            event(6, "user.updated", "unknown"),
        ],
    )
    assert exit_of(drain(world, ends, coalesce=True, skip_stale=True)) == 0
    assert tally(world).states == {"paired": 2, "stale": 1, "superseded": 1, "delivered": 3}
    assert sorted(ends.call("consumer/order")) == ["msg_000004", "msg_000005", "msg_000006"]


def test_while_the_consumer_is_down_the_breaker_waits_and_no_event_is_blamed(
    world: World, ends: Ends
) -> None:
    fill(world.state, updates(400, 400))
    ends.call("consumer", limit=100, toppled_s=3.0)
    process = world.start("drain", to=ends.hook, **{**FAST, "rate": 2000.0}, tries=2)
    opened = until(
        "the breaker opens",
        lambda: _standing(world),
        lambda found: found is not None and found.breaker != "closed",
    )
    assert opened.pace < 2000
    ends.call("consumer", limit=0)
    job = world.end(process, "drain")
    assert exit_of(job) == 0, job.result
    assert ends.call("consumer")["taken"] == 400
    assert tally(world).states == {"delivered": 400}


def _standing(world: World) -> standing.Standing | None:
    connection = open_readonly(beside(world.state), kind=TANK)
    try:
        return standing.read(connection)
    finally:
        connection.close()


def test_with_nobody_there_it_says_so_and_everything_stays_held(world: World) -> None:
    fill(world.state, updates(300, 300))
    process = world.start("drain", **{**FAST, "to": "http://127.0.0.1:9/hook"})
    until("the breaker opens", lambda: _standing(world), lambda found: found and found.breaker != "closed")
    world.wait_for("it says why", "drain", lambda job: "breaker" in job.reason)
    _steer(world, "stop")
    assert process.wait(timeout=60) == 130
    process.communicate()
    assert tally(world).held == 300


def test_it_waits_as_long_as_the_consumer_asks(world: World, ends: Ends) -> None:
    fill(world.state, updates(60, 60))
    ends.call("consumer", limit=20, toppled_s=0.5, retry_after=1)
    job = drain(world, ends, rate=500.0)
    assert exit_of(job) == 0, job.result
    told = ends.call("consumer")
    assert told["taken"] == 60 and told["topples"] >= 1
    assert tally(world).states == {"delivered": 60}
    connection = open_readonly(world.state)
    assert samples.tail(connection, job.id, 1)[0].throttled >= 1
    connection.close()


def test_five_kills_send_everything_once_to_who_dedupes(world: World, ends: Ends) -> None:
    rng = random.Random(5)
    fill(world.state, updates(BACKLOG, BACKLOG // 50))
    ends.call("consumer", limit=LIMIT)
    for kill in range(5):
        process = world.start("drain", to=ends.hook, **{**FAST, "rate": float(LIMIT)})
        wanted = int((kill + rng.uniform(0.1, 0.9)) * BACKLOG / 5)
        ends.until_taken(wanted)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL, "it was through before the moment came"
        told, taken = tally(world), ends.call("consumer")["taken"]
        assert told.held + told.of("sending") + told.of("delivered") == BACKLOG
        assert taken - UNTOLD <= told.of("delivered") <= taken
    assert exit_of(drain(world, ends, rate=float(LIMIT))) == 0
    told = ends.call("consumer")
    assert (told["taken"], told["out_of_order"], told["topples"]) == (BACKLOG, 0, 0)
    assert told["doubles"] <= 5 * UNTOLD
    assert tally(world).states == {"delivered": BACKLOG}
    assert sorted(ends.call("consumer/order")) == ids(BACKLOG)
    assert any("in flight when the last drain died" in text for text in world.ask("select text from notices"))


def test_pause_throttle_and_stop_are_followed_while_it_runs(world: World, ends: Ends) -> None:
    fill(world.state, updates(MANY, 100))
    process = world.start("drain", to=ends.hook, **{**FAST, "rate": 200.0})
    world.wait_for("some arrived", "drain", lambda job: job.done > 0)
    _steer(world, "pause")
    world.wait_for("paused", "drain", lambda job: job.state == "paused")
    until("nothing is in flight", lambda: world.ask("select in_flight from samples order by at desc limit 1"),
          lambda found: found == [0])  # fmt: skip
    taken = ends.call("consumer")["taken"]
    beat = world.job("drain").heartbeat
    world.wait_for("its heart beats on", "drain", lambda job: job.heartbeat != beat)
    assert ends.call("consumer")["taken"] == taken
    _steer(world, "throttle")
    _steer(world, "run")
    until("the new limit", lambda: _standing(world), lambda found: found is not None and found.limit == 400)
    _steer(world, "stop")
    assert process.wait(timeout=60) == 130
    process.communicate()
    told = tally(world)
    assert told.of("sending") == 0
    assert told.of("delivered") == ends.call("consumer")["taken"] == MANY - told.held
    assert exit_of(drain(world, ends)) == 0
    assert ends.call("consumer")["doubles"] == 0


def _steer(world: World, what: str) -> None:
    connection, clock = open_state(world.state), SystemClock()
    job = jobs.latest(connection, "drain")
    assert job is not None
    match what:
        case "pause":
            control.pause(connection, job, operator="ana", clock=clock)
        case "run":
            control.resume(connection, job, operator="ana", clock=clock)
        case "stop":
            control.stop(connection, job, operator="ana", clock=clock)
        case _:
            control.throttle(connection, job, 400.0, operator="ana", clock=clock)
    connection.close()


def test_what_arrives_or_is_discarded_meanwhile_is_seen(world: World, ends: Ends) -> None:
    fill(world.state, updates(MANY, 100))
    process = world.start("drain", to=ends.hook, **{**FAST, "rate": 1000.0})
    world.wait_for("some arrived", "drain", lambda job: job.done > 0)
    fill(world.state, [event(MANY, "session.created", "user_1", user_id="user_1")])
    tank = open_state(beside(world.state), kind=TANK)
    with transaction(tank):
        gone, left = deliveries.discard(tank, ["clerk"], ["user.updated"], 0, AT, "no need")
    tank.close()
    assert gone > 0 and left is None
    assert exit_of(world.end(process, "drain")) == 0
    told = tally(world)
    assert told.states == {"delivered": MANY + 1 - gone, "discarded": gone}
    assert f"msg_{MANY:06}" in ends.call("consumer/order")
