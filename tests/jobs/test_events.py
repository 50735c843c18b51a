"""The follower: whatever happens to it, no event is missing and none is counted twice."""

import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from cockpit.state import events
from cockpit.state.events import Counts
from cockpit.state.jobs import Job
from tests.clocks import LeapingClock
from tests.jobs.remote import Remote
from tests.jobs.world import World, person, seed
from tests.sandbox.inside import BARE, Sandbox, inside

KILLS = 5
PAGES = 40
DAY_S = 86_400


@pytest.fixture
def followed(world: World) -> World:
    """A state that is bound to a source, as every one that is followed for."""
    seed(world.state, [person(1)])
    return world


def connect(target: Remote, *names: str) -> list[str]:
    """An organization with an active connection for each name; the connections' ids."""
    made = []
    for name in names:
        organization = target.call("POST", "/organizations", {"name": name})["id"]
        made.append(target.call("POST", "/_sandbox/portal", {"organization_id": organization})["id"])
    return made


def sign_in(target: Remote, connection: str, *outcomes: str, count: int = 1) -> None:
    """So many sign-ins with these steps."""
    target.call("POST", "/_sandbox/sso", {"connection_id": connection, "outcomes": outcomes, "count": count})


def counts(world: World) -> dict[str, Counts]:
    """Sign-ins by connection, as the state counts them."""
    connection = world.read()
    found = events.sign_ins(connection)
    connection.close()
    return found


def test_sign_ins_are_counted_by_connection_and_a_second_run_goes_on(followed: World, target: Remote) -> None:
    first, second = connect(target, "A", "B")
    sign_in(target, first, "started", "succeeded", count=150)
    sign_in(target, second, "started", "failed", "timed_out")
    job = followed.run_here("events", once=True)
    assert job.result is not None and job.result["events"] == 2 + 303
    assert counts(followed) == {
        first: Counts(started=150, succeeded=150),
        second: Counts(started=1, failed=1, timed_out=1),
    }
    sign_in(target, second, "started", "succeeded")
    job = followed.run_here("events", once=True)
    assert job.result is not None and job.result["events"] == 2
    assert counts(followed)[second] == Counts(2, 1, 1, 1)


def test_five_kills_lose_nothing_and_double_nothing(
    followed: World, target: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(20261125)
    ids = connect(target, "A", "B", "C")
    expected = dict.fromkeys(ids, 0)
    kills = 0
    while kills < KILLS:
        for ident in ids:
            more = rng.randrange(50, 50 * PAGES // KILLS)
            sign_in(target, ident, "started", "succeeded", count=more)
            expected[ident] += more
        before = followed.ask("select count(*) from events") if kills else [0]
        process = followed.start("events")
        _wait_for_more(followed, before[0])
        time.sleep(rng.uniform(0.0, 0.3))  # the random moment is the test, not a wait
        process.send_signal(signal.SIGKILL)
        process.communicate()
        kills += 1
    job = followed.run("events", once=True)
    assert job.result is not None and job.result["exit"] == 0, job.result
    assert counts(followed) == {ident: Counts(started=n, succeeded=n) for ident, n in expected.items()}
    kept = followed.ask("select event from events order by id")
    assert kept == sorted(set(kept))
    assert len(kept) == len(ids) + 2 * sum(expected.values())


def _wait_for_more(world: World, before: int) -> None:
    deadline = time.monotonic() + 30
    while world.ask("select count(*) from events")[0] <= before:
        assert time.monotonic() < deadline, "the follower did not start"
        time.sleep(0.005)


def test_it_follows_until_it_is_stopped_and_waits_out_an_outage(followed: World, target: Remote) -> None:
    (ident,) = connect(target, "A")
    process = followed.start("events")
    followed.wait_for("level", "events", lambda job: job.reason.startswith("level"))
    target.configure(down=True)
    followed.wait_for("an outage", "events", lambda job: "does not answer" in job.reason)
    target.configure(down=False)
    sign_in(target, ident, "started", "failed")
    followed.wait_for("the sign-in", "events", lambda job: job.done == 3)
    process.send_signal(signal.SIGTERM)
    job = followed.end(process, "events")
    assert job.state == "stopped"
    assert counts(followed) == {ident: Counts(started=1, failed=1)}


def test_a_key_that_is_refused_ends_it(followed: World, target: Remote) -> None:
    target.call("POST", "/_sandbox/keys/revoke", {"key": "sk_sandbox"})
    job = followed.run_here("events", once=True)
    assert job.result is not None and job.result["exit"] == 1
    assert "API key" in job.result["message"]


def test_another_target_is_refused_and_a_new_one_starts_from_nothing(followed: World, target: Remote) -> None:
    (ident,) = connect(target, "A")
    followed.run_here("events", once=True)
    followed.environment["WORKOS_BASE_URL"] = "http://127.0.0.1:9"
    job = followed.run_here("events", once=True)
    assert job.result is not None and job.result["exit"] == 2
    assert ident in followed.ask("select connection from events")


async def _sso(sandbox: Sandbox, connection: str) -> None:
    body: dict[str, Any] = {"connection_id": connection, "outcomes": ["succeeded"], "count": 150}
    await sandbox.call("POST", "/_sandbox/sso", None, json=body)


async def _organization(sandbox: Sandbox) -> str:
    made = await sandbox.call("POST", "/organizations", json={"name": "Acme"})
    body = {"organization_id": made.body["id"]}
    return str((await sandbox.call("POST", "/_sandbox/portal", None, json=body)).body["id"])


async def _follow(world: World, sandbox: Sandbox) -> Job:
    return await world.perform("events", LeapingClock(sandbox.clock.now()), once=True)


def test_gaps_longer_than_a_request_may_ask_for_are_read_in_ranges(tmp_path: Path) -> None:
    async def test(sandbox: Sandbox) -> None:
        world = World(tmp_path, sandbox.base_url)
        ident = await _organization(sandbox)
        assert (await _follow(world, sandbox)).result is not None
        for _ in range(7):  # 84 days in which nobody follows
            sandbox.clock.advance(12 * DAY_S)
            await _sso(sandbox, ident)
        await _follow(world, sandbox)
        assert counts(world) == {ident: Counts(succeeded=7 * 150)}
        assert world.ask("select count(*), count(distinct event) from events") == [(1051, 1051)]
        assert world.ask("select text from notices") == []

    inside(BARE, test)


def test_what_the_target_has_forgotten_is_said(tmp_path: Path) -> None:
    async def test(sandbox: Sandbox) -> None:
        world = World(tmp_path, sandbox.base_url)
        ident = await _organization(sandbox)
        await _follow(world, sandbox)
        await _sso(sandbox, ident)
        sandbox.clock.advance(100 * DAY_S)
        await _sso(sandbox, ident)
        await _follow(world, sandbox)
        assert counts(world) == {ident: Counts(succeeded=150)}
        (notice,) = world.ask("select text from notices")
        assert "events of 10 days are gone" in notice

    inside(BARE, test)
