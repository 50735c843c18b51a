"""The watch against the sandbox's WorkOS: it proves, takes back, halts, freezes, and goes no further."""

import signal

import pytest

from cockpit.clock import millis
from cockpit.jobs.rollout import kill
from cockpit.jobs.rollout import waves as planning
from cockpit.jobs.rollout.flip import GatesClosed
from cockpit.state.database import transaction
from cockpit.state.rollout import proxies, routes, traffic, waves
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.traffic import Cell
from tests.jobs.remote import Remote
from tests.jobs.rollout.ready import CLOCK, Ready

LEAD = Actor("lead")


def test_a_real_sign_in_makes_a_canary_live_and_none_does_not(ready: Ready) -> None:
    ready.flip("con_1")
    ready.flip("con_2")
    ready.sign_in("con_1", "started", "succeeded")
    ready.watch()
    assert (ready.newest("con_1").stage, ready.newest("con_2").stage) == ("live", "verifying")
    assert ready.columns()["con_1"] == "workos"
    assert ready.columns()["con_2"] == "canary"


def test_what_fails_goes_back_alone_and_stays_there(ready: Ready) -> None:
    for ident in ("con_1", "con_2"):
        ready.flip(ident)
    ready.sign_in("con_1", "started", "failed", count=3, error={"code": "audience_mismatch", "message": "no"})
    ready.sign_in("con_2", "started", "succeeded")
    ready.watch()
    found = ready.newest("con_1")
    assert (found.stage, ready.columns()["con_1"], ready.columns()["con_2"]) == ("failed", "held", "workos")
    assert found.detail is not None and "audience_mismatch" in found.detail
    ready.sign_in("con_1", "started", "succeeded", count=50)
    ready.watch()
    assert ready.columns()["con_1"] == "held"


def test_what_breaks_long_after_it_was_live_goes_back_too(ready: Ready) -> None:
    ready.flip("con_1")
    ready.sign_in("con_1", "started", "succeeded", count=5)
    ready.watch()
    ready.sign_in("con_1", "started", "failed", count=60)
    ready.watch()
    assert (ready.newest("con_1").stage, ready.columns()["con_1"]) == ("failed", "held")


def test_sign_ins_of_an_earlier_flip_prove_and_condemn_nothing(ready: Ready) -> None:
    ready.flip("con_1")
    ready.sign_in("con_1", "started", "failed", count=9)
    ready.watch()
    assert ready.columns()["con_1"] == "held"
    ready.flip("con_1")
    ready.watch()
    assert ready.newest("con_1").stage == "verifying"
    ready.sign_in("con_1", "started", "succeeded")
    ready.watch()
    assert ready.newest("con_1").stage == "live"


def test_a_connection_is_held_to_what_the_proxy_counted_at_legacy(ready: Ready) -> None:
    minute = millis(CLOCK.now()) // traffic.MINUTE_MS - 5
    with ready.rollout() as rollout, transaction(rollout):
        counted = {("ok"): 20, ("refused"): 20}
        traffic.add(rollout, {Cell("con_1", minute, "legacy", what): n for what, n in counted.items()})  # type: ignore[arg-type]
    for ident in ("con_1", "con_2"):
        ready.flip(ident)
        ready.sign_in(ident, "started", "succeeded", count=20)
        ready.sign_in(ident, "started", "failed", count=20)
    ready.watch()
    assert ready.columns()["con_1"] == "workos", "it failed as often before"
    assert ready.columns()["con_2"] == "held"


def start(ready: Ready, name: str) -> list[str]:
    with ready.board() as (state, rollout):
        return planning.start(state, rollout, name, ready.rules, "lead", millis(CLOCK.now()))


def plan(ready: Ready) -> dict[str, list[str]]:
    with ready.board() as (state, rollout):
        planning.plan(state, rollout, ready.rules, "lead", millis(CLOCK.now()))
        return {
            wave.name: [member.connection for member in waves.members(rollout, wave.name)]
            for wave in waves.listed(rollout)
        }


def wave_states(ready: Ready) -> dict[str, str]:
    with ready.rollout() as rollout:
        return {wave.name: wave.state for wave in waves.listed(rollout)}


@pytest.fixture
def unbaked(ready: Ready) -> Ready:
    """Waves without baking: what a test waits for is their end."""
    nothing = dict.fromkeys(ready.rules.bake_hours, 0.0)
    ready.rules = ready.rules.model_copy(update={"bake_hours": nothing})
    return ready


def test_waves_one_after_the_other_to_a_hundred_percent(unbaked: Ready) -> None:
    divided = plan(unbaked)
    assert [len(idents) for idents in divided.values()] == [1, 0, 0, 3]
    with pytest.raises(GatesClosed, match="wave canary comes first and is planned"):
        start(unbaked, "100%")
    (canary,) = start(unbaked, "canary")
    unbaked.watch()
    assert unbaked.newest(canary).stage == "verifying"
    assert wave_states(unbaked)["canary"] == "running", "unproven"
    unbaked.sign_in(canary, "started", "succeeded")
    unbaked.watch()
    assert wave_states(unbaked)["canary"] == "done"
    rest = start(unbaked, "100")
    unbaked.watch()
    for ident in rest:
        unbaked.sign_in(ident, "started", "succeeded")
    unbaked.watch()
    assert wave_states(unbaked)["100%"] == "done"
    assert {*unbaked.columns().values()} == {"workos"}


def test_a_wave_that_bakes_is_not_done(ready: Ready) -> None:
    plan(ready)
    (canary,) = start(ready, "canary")
    ready.watch()
    ready.sign_in(canary, "started", "succeeded")
    ready.watch()
    assert ready.newest(canary).stage == "live"
    assert wave_states(ready)["canary"] == "running"


def test_k_failures_halt_a_wave_and_a_person_takes_it_from_there(unbaked: Ready) -> None:
    plan(unbaked)
    with unbaked.board() as (_, rollout), transaction(rollout):
        for ident in ("con_1", "con_2", "con_3", "con_4"):
            waves.reassign(rollout, ident, "25%", LEAD, 1)
    start(unbaked, "25%")
    unbaked.watch()
    for ident in ("con_1", "con_2"):
        unbaked.sign_in(ident, "started", "failed", count=3, error={"code": f"of_{ident}", "message": ""})
    unbaked.watch()
    assert wave_states(unbaked)["25%"] == "halted"
    assert unbaked.columns() == {"con_1": "held", "con_2": "held", "con_3": "canary", "con_4": "canary"}
    with unbaked.board() as (_, rollout), transaction(rollout):
        waves.act(rollout, "25%", "resume", LEAD, millis(CLOCK.now()))
    for ident in ("con_3", "con_4"):
        unbaked.sign_in(ident, "started", "succeeded")
    unbaked.watch()
    assert wave_states(unbaked)["25%"] == "done"
    with unbaked.board() as (_, rollout):
        back = planning.abort(rollout, "25%", "lead", millis(CLOCK.now()), "after all")
    assert back == ["con_3", "con_4"]
    assert {*unbaked.columns().values()} == {"held"}


def test_held_waves_let_nothing_go_and_what_was_killed_meanwhile_stays(unbaked: Ready) -> None:
    plan(unbaked)
    (canary,) = start(unbaked, "canary")
    with unbaked.board() as (_, rollout), transaction(rollout):
        waves.act(rollout, "canary", "hold", LEAD, 1)
    unbaked.watch()
    assert unbaked.newest(canary).stage == "armed"
    kill.kill(unbaked.world.state, [canary], operator="lead", clock=CLOCK)
    with unbaked.board() as (_, rollout), transaction(rollout):
        waves.act(rollout, "canary", "resume", LEAD, 2)
    unbaked.watch()
    assert (unbaked.newest(canary).stage, unbaked.columns()[canary]) == ("cancelled", "held")
    assert wave_states(unbaked)["canary"] == "halted", "none of it is left"


def test_an_armed_flip_waits_for_the_calendar_and_says_so(ready: Ready) -> None:
    plan(ready)
    config = ready.world.config
    before = config.read_text()
    config.write_text(f"{before}weekdays = []\n")
    (canary,) = start(ready, "canary")
    ready.watch()
    waiting = ready.newest(canary)
    assert (waiting.stage, waiting.detail) == ("armed", "no flips on " + (waiting.detail or "")[12:])
    assert ready.columns()[canary] == "legacy"
    config.write_text(before)
    ready.watch()
    assert ready.newest(canary).stage == "verifying"


def test_without_metrics_nothing_goes_back_and_nothing_forward(ready: Ready, target: Remote) -> None:
    ready.flip("con_1")
    ready.sign_in("con_1", "started", "failed", count=5)
    ready.world.config.write_text(ready.world.config.read_text() + "blind_min = 0.02\n")
    process = ready.world.start("rollout")
    ready.world.wait_for("the watch", "rollout", lambda job: job.pid is not None and "held" not in job.reason)
    ready.world.wait_for("a rollback", "rollout", lambda _: ready.columns()["con_1"] == "held")
    ready.flip("con_2")
    ready.world.wait_for("con_2", "rollout", lambda _: ready.newest("con_2").stage == "verifying")
    target.configure(down=True)
    ready.world.wait_for("a freeze", "rollout", lambda job: job.reason.startswith("FROZEN"))
    assert ready.columns()["con_2"] == "canary"
    target.configure(down=False)
    ready.sign_in("con_2", "started", "succeeded")
    ready.world.wait_for("metrics", "rollout", lambda _: ready.newest("con_2").stage == "live")
    process.send_signal(signal.SIGTERM)
    assert ready.world.end(process, "rollout").state == "stopped"
    notices = ready.world.ask("select text from notices order by id")
    assert any("frozen" in text for text in notices) and "metrics are back" in notices


def test_where_a_job_follows_the_events_the_watch_uses_what_it_keeps(ready: Ready) -> None:
    follower = ready.world.start("events")
    ready.world.wait_for("the follower", "events", lambda job: job.reason.startswith("level"))
    ready.flip("con_1")
    watch = ready.world.start("rollout")
    ready.sign_in("con_1", "started", "succeeded")
    ready.world.wait_for("proof", "rollout", lambda _: ready.newest("con_1").stage == "live")
    for process, kind in ((follower, "events"), (watch, "rollout")):
        process.send_signal(signal.SIGTERM)
        assert ready.world.end(process, kind).state == "stopped"  # type: ignore[arg-type]


def test_a_killed_watch_goes_on_where_it_was(ready: Ready) -> None:
    ready.flip("con_1")
    process = ready.world.start("rollout")
    ready.world.wait_for("the watch", "rollout", lambda job: "verifying" in job.reason)
    process.kill()
    process.communicate()
    ready.sign_in("con_1", "started", "succeeded")
    ready.watch()
    assert ready.newest("con_1").stage == "live"


def test_proxies_that_do_not_know_yet_keep_a_flip_flipping(ready: Ready) -> None:
    with ready.rollout() as rollout, transaction(rollout):
        proxies.report(rollout, "edge-1", "snapshot", routes.version(rollout), millis(CLOCK.now()))
    ready.flip("con_1")
    ready.watch()
    assert ready.newest("con_1").stage == "flipping"
    with ready.rollout() as rollout, transaction(rollout):
        proxies.report(rollout, "edge-1", "snapshot", routes.version(rollout), millis(CLOCK.now()))
    ready.watch()
    assert ready.newest("con_1").stage == "verifying"
