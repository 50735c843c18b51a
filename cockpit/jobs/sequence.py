"""Jobs one after another: each is launched as a job of its own and followed to its end."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.jobs import control, launch, lock
from cockpit.jobs.context import JobContext, Stopped
from cockpit.state import jobs
from cockpit.state.database import open_state
from cockpit.state.jobs import ACTIVE, Job, JobKind

POLL_S = 0.25


class StepFailed(Exception):
    """A job of the sequence did not do its work; `exit` is its exit code, the message its own."""

    def __init__(self, kind: JobKind, code: int, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.exit = code


@dataclass(frozen=True)
class Ended:
    """How a step ended."""

    exit: int
    message: str
    numbers: Mapping[str, Any]


class Sequence:
    """Launches jobs and waits for them; what people ask of this job is handed on to the one at work.

    Whatever ends this process leaves the job at work alone: it goes on, and the next run waits for it.
    """

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._told: tuple[str, float | None] = ("run", None)

    async def step(self, kind: JobKind, args: Mapping[str, Any]) -> Ended:
        """One job to its end. Raises StepFailed when it failed, Stopped when it was stopped, JobRefused."""
        await self._context.steering.gate()
        await self._idle(kind)
        job = self._launch(kind, args)
        ended = await self._follow(job)
        if ended.exit == 130:
            raise Stopped
        if ended.exit not in (0, 3, 4):
            raise StepFailed(kind, ended.exit, ended.message)
        return ended

    async def _idle(self, kind: JobKind) -> None:
        """Wait for one that is at work already, such as that of a run that was killed."""
        while lock.is_held(self._context.state, kind):
            self._context.progress.reason = f"another {kind} is at work"
            await self._context.steering.sleep(POLL_S, self._context.clock)

    def _launch(self, kind: JobKind, args: Mapping[str, Any]) -> int:
        context = self._context
        return launch.start(
            context.state,
            kind,
            args,
            operator=context.operator,
            clock=context.clock,
            config=context.config,
        )

    async def _follow(self, number: int) -> Ended:
        context, progress = self._context, self._context.progress
        while True:
            job = await context.writer.run(jobs.get, number)
            assert job is not None, "jobs are never deleted"
            result = job.result
            if result is None and lock.liveness(context.state, job, context.clock) == "dead":
                result = {"exit": 1, "message": "its process died without a word; run it again"}
            if result is not None:
                progress.waiting = None
                return Ended(int(result["exit"]), str(result["message"]), result)
            progress.reason = f"{job.kind}: {job.reason}" if job.reason else job.kind
            progress.done, progress.total, progress.failed = job.done, job.total, job.failed
            self._hand_on(job)
            await context.clock.sleep(POLL_S)

    def _hand_on(self, job: Job) -> None:
        """What people ask of the sequence is asked of the job at work, once."""
        context = self._context
        wanted = (context.steering.command, context.steering.rate)
        if wanted == self._told or job.state not in ACTIVE:
            return
        connection = open_state(context.state)
        try:
            if wanted[0] != self._told[0]:
                ask = {"run": control.resume, "pause": control.pause, "stop": control.stop}[wanted[0]]
                ask(connection, job, operator=context.operator, clock=context.clock)
            if wanted[1] != self._told[1]:
                control.throttle(connection, job, wanted[1], operator=context.operator, clock=context.clock)
        except control.NotActive:
            return
        finally:
            connection.close()
        self._told = wanted
