"""A job in a process of its own: steered, stopped, interrupted by key, target and signal; it goes on."""

import os
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cockpit.clock import SystemClock, boot_id
from cockpit.jobs import control, launch, lock
from cockpit.state import jobs
from cockpit.state.database import open_state
from cockpit.state.jobs import Job
from tests.clocks import FakeClock
from tests.jobs.remote import KEY, Remote
from tests.jobs.world import World, person, seed

CLOCK = SystemClock()
SLOW_MS = 200
USERS = 600

Import = tuple[World, "subprocess.Popen[str]"]


@pytest.fixture
def running(world: World, target: Remote) -> Iterator[Import]:
    """An import in its midst, slow enough to be steered."""
    target.configure(latency_ms=SLOW_MS)
    seed(world.state, [person(number) for number in range(USERS)])
    process = world.start("import")
    world.wait_for("some are imported", "import", lambda job: job.done > 0)
    yield world, process
    if process.poll() is None:
        process.send_signal(signal.SIGCONT)
        process.kill()
        process.communicate()


def steer(world: World, act: Callable[[sqlite3.Connection, Job], None]) -> None:
    connection = open_state(world.state)
    job = jobs.latest(connection, "import")
    assert job is not None
    act(connection, job)
    connection.close()


def stop(connection: sqlite3.Connection, job: Job) -> None:
    control.stop(connection, job, operator="ana", clock=CLOCK)


def finished_later(world: World, target: Remote) -> None:
    """The same job again goes on to the end: everybody once, nobody failed."""
    target.configure(latency_ms=0)
    job = world.run_here("import")
    assert job.result is not None
    assert job.result["exit"] == 0, job.result
    assert world.counts() == {"imported": USERS}
    assert len(target.users()) == USERS
    assert world.ask("select count(*) from errors") == [0]


def test_pause_finishes_what_is_in_flight_and_resume_goes_on(running: Import, target: Remote) -> None:
    world, process = running
    steer(world, lambda c, job: control.pause(c, job, operator="ana", clock=CLOCK))
    world.wait_for("it says paused", "import", lambda job: job.state == "paused")
    newest = "select in_flight from samples order by at desc limit 1"
    world.wait_for("nothing is in flight", "import", lambda job: world.ask(newest) == [0])
    # A reply has been counted when the journal, the job and the target say the same.
    world.wait_for(
        "every reply is in the journal",
        "import",
        lambda job: job.done == world.counts().get("imported", 0) == target.stats()["users"],
    )
    done, beat = world.job("import").done, world.job("import").heartbeat
    world.wait_for("its heart beats on", "import", lambda job: job.heartbeat != beat)
    assert world.job("import").done == done
    target.configure(latency_ms=0)
    steer(world, lambda c, job: control.resume(c, job, operator="ana", clock=CLOCK))
    assert (world.end(process, "import").result or {})["exit"] == 0
    assert world.counts() == {"imported": USERS}
    assert world.ask("select action from audit order by id") == ["import.pause", "import.resume"]


def test_stop_ends_it_with_130_and_nothing_is_left_in_between(running: Import, target: Remote) -> None:
    world, process = running
    steer(world, stop)
    job = world.end(process, "import")
    assert job.result is not None
    assert (job.state, job.result["exit"]) == ("stopped", 130)
    assert "the same command goes on" in job.reason
    assert set(world.counts()) == {"imported", "ready"}
    assert len(target.users()) == world.counts()["imported"]
    finished_later(world, target)


def test_sigterm_is_a_graceful_stop(running: Import, target: Remote) -> None:
    world, process = running
    process.terminate()
    assert (world.end(process, "import").result or {})["exit"] == 130
    assert set(world.counts()) == {"imported", "ready"}
    finished_later(world, target)


def test_throttle_is_read_back_kept_and_does_not_delay_a_stop(running: Import, target: Remote) -> None:
    world, process = running
    steer(world, lambda c, job: control.throttle(c, job, 2.0, operator="ana", clock=CLOCK))
    seen = "select seen_rate from controls"
    world.wait_for("it acknowledges the rate", "import", lambda job: world.ask(seen) == [2.0])
    world.wait_for("it says why", "import", lambda job: job.reason == "ceiling 2/s")
    newest = "select ceiling, in_flight from samples order by at desc limit 1"
    world.wait_for("the ceiling is shown", "import", lambda job: world.ask(newest)[0][0] == 2.0)
    target.configure(latency_ms=0)
    steer(world, stop)
    began = CLOCK.monotonic()
    assert (world.end(process, "import").result or {})["exit"] == 130
    assert CLOCK.monotonic() - began < 5, "fifty senders at 2/s would take 25 s"
    assert set(world.counts()) == {"imported", "ready"}


def test_a_revoked_key_stops_it_at_once_and_blames_nobody(running: Import, target: Remote) -> None:
    world, process = running
    target.call("POST", "/_sandbox/keys/revoke", {"key": KEY})
    job = world.end(process, "import")
    assert job.result is not None
    assert (job.state, job.result["exit"]) == ("failed", 1)
    assert job.reason == "WorkOS refused the API key (HTTP 401: Unauthorized)"
    assert set(world.counts()) == {"imported", "ready"}
    target.call("POST", "/_sandbox/keys/add", {"key": KEY})
    assert len(target.users()) == world.counts()["imported"]
    finished_later(world, target)


def test_a_target_that_is_down_is_waited_for(running: Import, target: Remote) -> None:
    world, process = running
    target.configure(down=True, latency_ms=0)
    why = "target is down (HTTP 503), asking"
    world.wait_for("it says why it waits", "import", lambda job: job.reason.startswith(why))
    target.configure(down=False)
    job = world.end(process, "import")
    assert (job.result or {})["exit"] == 0
    assert world.counts() == {"imported": USERS}
    assert world.ask("select text from notices where text like 'target is%' order by id") == [
        "target is down (HTTP 503)",
        "target is back",
    ]
    assert world.ask("select count(*) from errors") == [0]


def test_a_job_that_hangs_holds_its_lock_and_is_called_hung(running: Import, target: Remote) -> None:
    world, process = running
    job = world.job("import")
    assert lock.liveness(world.state, job, CLOCK) == "live"
    process.send_signal(signal.SIGSTOP)
    later = FakeClock()
    later.monotonic = lambda: CLOCK.monotonic() + lock.STALE_S + 1  # type: ignore[method-assign]
    assert lock.liveness(world.state, job, later) == "hung"
    with pytest.raises(launch.JobRefused, match="another import is at work"):
        launch.start(world.state, "import", {}, operator="ana", clock=CLOCK)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert lock.liveness(world.state, job, CLOCK) == "dead"
    finished_later(world, target)
    states = world.ask("select state, reason from jobs order by id")
    assert states[0] == ("failed", "its process died")


def test_a_second_one_of_its_kind_is_refused(running: Import) -> None:
    world, _ = running
    second = world.run_here("import")
    assert second.result is not None
    assert (second.state, second.result["exit"]) == ("failed", 1)
    assert second.reason == "another process holds the import lock of this state"
    assert second.result["hint"] == "wait for it to end; see: cockpit jobs"
    first = world.ask("select state from jobs order by id")[0]
    assert first == "running", "the one at work is not disturbed"


def test_an_ended_job_cannot_be_steered(world: World, target: Remote) -> None:
    seed(world.state, [person(1)])
    world.run_here("import")
    with pytest.raises(control.NotActive, match="is done; start it again"):
        steer(world, stop)


def test_launched_it_is_on_its_own_and_its_command_line_holds_no_secret(
    world: World, target: Remote, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.configure(latency_ms=SLOW_MS)
    seed(world.state, [person(number) for number in range(USERS)])
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    launch.start(world.state, "import", {}, operator="ana", clock=CLOCK, config=world.config)
    job = world.wait_for("it is at work", "import", lambda job: job.done > 0)
    assert job.pid is not None
    assert job.boot == boot_id()
    assert os.getsid(job.pid) == job.pid, "a session of its own"
    assert os.getpriority(os.PRIO_PROCESS, job.pid) == launch.NICENESS
    command = Path(f"/proc/{job.pid}/cmdline").read_text()
    assert KEY not in command
    steer(world, stop)
    world.wait_for("it has stopped", "import", lambda job: job.result is not None)
    log = world.state.with_name("cockpit.db.log")
    assert (log.stat().st_mode & 0o777, log.read_text()) == (0o600, "")
