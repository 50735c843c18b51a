"""Jobs in the seeded states: those that ended, and those that live."""

import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from pathlib import Path
from types import MappingProxyType
from typing import Any

from cockpit.clock import boot_id
from cockpit.jobs import lock
from cockpit.state import audit, jobs, journal, samples
from cockpit.state.database import transaction
from cockpit.state.jobs import JobKind
from cockpit.state.samples import Sample
from cockpit.terms import KINDS

PRINTED = """\
{at},204 ERROR cockpit.jobs: the job failed
Traceback (most recent call last):
  File "cockpit/jobs/run.py", line 124, in _outcome
    return await _work(row, read, config, clock, writer), "done"
  File "cockpit/jobs/import_.py", line 61, in run
    await batches.run(context)
OSError: [Errno 24] Too many open files
"""
"""What a process prints of a fault."""


class Work:
    """The jobs of one seeded state.

    `ago` makes a time of seconds before now, `seconds` is the monotonic clock's now; `held` keeps the locks
    of those that live.
    """

    def __init__(
        self,
        db: sqlite3.Connection,
        state: Path,
        held: ExitStack,
        operator: str,
        seconds: float,
        ago: Callable[[float], int],
    ) -> None:
        self._db, self._state, self._held = db, state, held
        self._operator, self._seconds, self._ago = operator, seconds, ago

    def ended(
        self,
        kind: JobKind,
        began: float,
        after: float,
        many: int,
        says: str,
        numbers: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """A job that began so many seconds ago and is done since `after`."""
        with transaction(self._db):
            job = jobs.create(self._db, kind, {}, self._operator, self._ago(began))
            audit.record(self._db, self._operator, f"{kind}.start", f"job {job}", self._ago(began))
            jobs.started(self._db, job, 4_200 + job, boot_id(), 1.0, self._ago(began))
            jobs.beat(
                self._db,
                job,
                state="running",
                reason="",
                beat=1.0,
                done=many,
                total=many,
                failed=0,
                rate=None,
                eta_s=None,
            )
            jobs.ended(self._db, job, "done", "", {"exit": 0, "message": says, **numbers}, self._ago(after))
            samples.notice(self._db, job, "info", f"{kind} done: {says}", self._ago(after))

    def broke(self, kind: JobKind, began: float, after: float) -> None:
        """A job that a fault ended, of which its process printed more."""
        name = f"{self._state.name}.log"
        with transaction(self._db):
            job = jobs.create(self._db, kind, {}, self._operator, self._ago(began))
            audit.record(self._db, self._operator, f"{kind}.start", f"job {job}", self._ago(began))
            jobs.started(self._db, job, 4_200 + job, boot_id(), 1.0, self._ago(began))
            samples.notice(self._db, job, "warn", "throttled: 429, retry after 10 s", self._ago(after + 60))
            fault = {"exit": 1, "message": f"a fault of cockpit (OSError); details in {name}", "hint": None}
            jobs.ended(self._db, job, "failed", str(fault["message"]), fault, self._ago(after))
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(self._ago(after) / 1000))
        self._state.with_name(name).write_text(PRINTED.format(at=at))

    def importing(self, *, lag: float = 0.4, throttled: bool = False) -> None:
        """An import that lives; its ceiling was set by hand."""
        job = self.at_work(
            "import",
            "429, retry after 7 s" if throttled else "within limit",
            began=1_000,
            lag=lag,
            rate=0.0 if throttled else 48.9,
            eta=None if throttled else 4_980.0,
        )
        with transaction(self._db):
            jobs.throttle(self._db, job, 50.0, self._operator, self._ago(600))
            jobs.acknowledge(self._db, job, "run", 50.0, self._ago(599))
            audit.record(
                self._db,
                self._operator,
                "import.throttle",
                f"job {job}",
                self._ago(600),
                before="auto",
                after="50/s",
            )
            for sample in _samples(self._ago(lag), throttled=throttled):
                samples.add(self._db, job, sample)
            samples.notice(self._db, job, "warn", "throttled: 429, retry after 10 s", self._ago(210))

    def paced(self, job: int) -> None:
        """How fast a drain went: it rose, was told to wait once, and rose again."""
        with transaction(self._db):
            for number in range(180):
                rate = min(50.0, 1 + number * 0.7) if number < 90 else min(50.0, 24 + (number - 90) * 0.4)
                at = self._ago(90 - number / 2)
                samples.add(
                    self._db, job,
                    Sample(at, number * 14, 0, rate, 38.0, 121.0, number // 90 * 2, 6, 50.0, "running"),
                )  # fmt: skip
            samples.notice(self._db, job, "warn", "throttled: the consumer asks to wait 5 s", self._ago(45))

    def at_work(
        self,
        kind: JobKind,
        reason: str,
        *,
        began: float,
        lag: float = 0.4,
        rate: float | None = None,
        eta: float | None,
        done: int | None = None,
        total: int | None = None,
        args: Mapping[str, Any] = MappingProxyType({}),
    ) -> int:
        """A job that lives; where nothing else is said, it is as far as the journal."""
        states = Counter[str]()
        for other in KINDS:
            states.update(journal.counts(self._db, other))
        whole = states.total()
        beat = self._seconds - lag
        with transaction(self._db):
            job = jobs.create(self._db, kind, {**args}, self._operator, self._ago(began))
            audit.record(self._db, self._operator, f"{kind}.start", f"job {job}", self._ago(began))
            jobs.started(self._db, job, 4_238 + job, boot_id(), beat, self._ago(began))
            jobs.beat(
                self._db,
                job,
                state="running",
                reason=reason,
                beat=beat,
                done=whole - states["ready"] - states["sending"] if done is None else done,
                total=whole if total is None else total,
                failed=states["failed"],
                rate=rate,
                eta_s=eta,
            )
        # The lock is what says that a process lives; here this one stands in for it.
        self._held.enter_context(lock.held(self._state, kind))
        return job


def _samples(end: int, *, throttled: bool) -> Iterable[Sample]:
    shape = (12, 31, 44, 48, 49, 49, 48, 49, 47, 49)
    for number in range(200):
        dip = 120 <= number < 132
        rate = 4.0 if dip else float(shape[min(number, 9)] - number % 3)
        if throttled and number > 190:
            rate = max(0.0, 48.0 - 6 * (number - 190))
        yield Sample(
            at=end - (199 - number) * 500,
            done=560 + number,
            failed=30,
            rate=rate,
            p50=41.0,
            p95=88.0,
            throttled=9 if throttled else 2,
            in_flight=12,
            ceiling=50.0,
            state="running",
        )
