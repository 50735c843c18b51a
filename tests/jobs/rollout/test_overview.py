"""The board at one moment, as screens and commands show it; and the proof that legacy may go."""

from cockpit.clock import millis
from cockpit.jobs.rollout import decommission, kill, overview
from cockpit.state.database import transaction
from cockpit.state.rollout import traffic
from cockpit.state.rollout.traffic import Cell
from tests.jobs.rollout.ready import CLOCK, Ready


def read(ready: Ready) -> overview.Overview:
    with ready.board() as (state, rollout):
        return overview.read(state, rollout, ready.rules, millis(CLOCK.now()))


def test_every_connection_with_what_its_logins_did(ready: Ready) -> None:
    ready.flip("con_1")
    ready.flip("con_2")
    ready.sign_in("con_1", "started", "succeeded", count=2)
    ready.watch()
    kill.kill(ready.world.state, ["con_2"], operator="lead", clock=CLOCK, why="odd")
    found = read(ready)
    lines = {line.connection: line for line in found.lines}
    assert {ident: line.column for ident, line in lines.items()} == ready.columns()
    there = lines["con_1"]
    assert there.weighed is not None and there.weighed.evidence.succeeded == 2
    assert (there.weighed.judged.verdict, there.last_event and there.last_event[1]) == (
        "pass",
        "connection.activated",
    )
    assert (lines["con_2"].row.why, lines["con_2"].row.by_person) == ("odd", True)
    assert lines["con_3"].weighed is None
    assert lines["con_1"].certificate_days is not None and lines["con_1"].certificate_days > 800
    assert found.open_flips == [] and found.closed is None and found.known_until is not None
    with ready.board() as (state, _):
        trend = overview.trend(state, ready.target_id("con_1"), millis(CLOCK.now()))
    assert (len(trend), sum(good for good, _ in trend)) == (60, 2)


def test_legacy_stays_as_long_as_anybody_needs_it(ready: Ready) -> None:
    day, now = 24 * 60, millis(CLOCK.now())
    with ready.rollout() as rollout, transaction(rollout):
        traffic.add(rollout, {Cell("con_1", now // 60_000 - 40 * day, "legacy", "ok"): 9})
        for ident in ("con_1", "con_2", "con_3", "con_4"):
            rollout.execute(
                "update routes set board = 'workos', moved_at = ? where connection = ?",
                (now - 35 * day * 60_000, ident),
            )
        assert decommission.read(rollout, ready.rules, now).verdict == "ready"
        traffic.add(rollout, {Cell("con_2", now // 60_000 - 3 * day, "legacy", "ok"): 1})
        proof = decommission.read(rollout, ready.rules, now)
        assert (proof.verdict, dict(proof.legacy)) == ("blocked", {"con_2": 1})
        assert decommission.read(rollout, ready.rules, now + 28 * day * 60_000).verdict == "ready"
