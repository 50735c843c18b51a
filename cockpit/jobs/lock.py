"""Life of a job is a lock: flock on `<state>.<kind>.lock`, held under SIGSTOP, free at once after SIGKILL.

A pid proves nothing (another container, a reused number); a heartbeat only says that there is progress.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from cockpit.clock import Clock, boot_id
from cockpit.state import filelock, jobs
from cockpit.state.jobs import Job

STALE_S = 10.0
"""A heartbeat older than this, with the lock still held, means that the job hangs."""

Liveness = Literal["live", "hung", "dead"]


class LockHeld(Exception):
    """Another process does this kind of work on this state."""


@contextmanager
def held(state: Path, name: str) -> Iterator[None]:
    """Hold the lock of a kind of job, or "target-writes", for the body. Raises LockHeld when it is taken."""
    with filelock.held(state, name, wait=False) as alone:
        if not alone:
            raise LockHeld(name)
        yield


def is_held(state: Path, name: str) -> bool:
    """Whether some process holds the lock now."""
    if not filelock.path(state, name).exists():
        return False
    try:
        with held(state, name):
            return False
    except LockHeld:
        return True


def liveness(state: Path, job: Job, clock: Clock) -> Liveness:
    """What can be said of an active job: live; hung (lock held, no heartbeat); dead (lock free)."""
    if job.state not in jobs.ACTIVE:
        return "dead"
    if not is_held(state, job.kind):
        launched = clock.now() - job.created_at / 1000
        return "live" if job.state == "starting" and launched < STALE_S else "dead"
    age = jobs.heartbeat_age(job, boot_id(), clock.monotonic())
    return "hung" if age is not None and age > STALE_S else "live"
