"""The job's pulse: four times a second it looks at its control row, twice a second it says how it is."""

import asyncio
import sqlite3
from typing import Any

from cockpit.jobs.context import JobContext, Result
from cockpit.state import jobs, samples
from cockpit.state.database import StateError, open_readonly
from cockpit.state.jobs import Control, JobState
from cockpit.state.samples import Sample

TICK_S = 0.25
BEATS = 2
"""A heartbeat and a sample every so many ticks."""
THIN_BEATS = 600


async def pulse(context: JobContext) -> None:
    """Run until cancelled. A database that can't be read or written any more ends it with StateError."""
    reader = open_readonly(context.state)
    try:
        tick, throttled = 0, 0
        while True:
            await follow(context, reader)
            if (told := context.progress.throttled()) > throttled:
                throttled = told
                await context.notice(f"throttled: {context.progress.why()}", "warn")
            if tick % BEATS == 0:
                await beat(context)
            if tick % (BEATS * THIN_BEATS) == BEATS * THIN_BEATS - 1:
                await context.writer.run(samples.thin, context.job, context.now())
            tick += 1
            await context.clock.sleep(TICK_S)
    finally:
        reader.close()


async def follow(context: JobContext, reader: sqlite3.Connection) -> None:
    """Do what the control row asks, and acknowledge it there with the value now in use."""
    control: Control = jobs.control(reader, context.job)
    changed = context.steering.follow(control.command, control.rate)
    if changed or control.seen is None:
        steering = context.steering
        await context.writer.run(
            jobs.acknowledge, context.job, steering.command, steering.rate, context.now()
        )


async def beat(context: JobContext) -> None:
    """Heartbeat, sample and the job's own words, in one transaction."""
    progress = context.progress
    monotonic = context.clock.monotonic()
    progress.mark(monotonic)
    p50, p95 = progress.percentiles()
    state = _state(context)
    sample = Sample(
        at=context.now(),
        done=progress.before + progress.done,
        failed=progress.failed,
        rate=progress.rate(),
        p50=p50,
        p95=p95,
        throttled=progress.throttled(),
        in_flight=progress.in_flight,
        ceiling=progress.ceiling(),
        state=state,
    )
    eta_s = progress.eta_s() if state == "running" else None

    def write(connection: sqlite3.Connection) -> None:
        samples.add(connection, context.job, sample)
        jobs.beat(
            connection,
            context.job,
            state=state,
            reason=progress.why(),
            beat=monotonic,
            done=sample.done,
            total=progress.total,
            failed=sample.failed,
            rate=sample.rate,
            eta_s=eta_s,
        )

    await context.writer.run(write)


def _state(context: JobContext) -> JobState:
    match context.steering.command:
        case "pause":
            return "paused"
        case "stop":
            return "stopping"
        case "run":
            return "running"


async def beside(context: JobContext, work: asyncio.Future[Result]) -> None:
    """Keep the pulse until `work` is done; when the pulse fails, work is stopped and the failure raised.

    The last beat is made after the work, so that what is shown at the end is what was done.
    """
    heart = asyncio.create_task(pulse(context))
    both: set[asyncio.Future[Any]] = {heart, work}
    await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    if heart.done():
        context.steering.stop()
        await asyncio.wait({work})
        if work.exception() is None:
            heart.result()
    heart.cancel()
    await asyncio.wait({heart})
    if not isinstance(work.exception(), StateError):
        await beat(context)
