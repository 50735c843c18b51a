"""python -m cockpit.jobs.run JOB --state FILE: a job's process, from its lock to its last word."""

import argparse
import asyncio
import importlib
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from cockpit import settings
from cockpit.clock import Clock, SystemClock, boot_id, millis
from cockpit.connections.handoff.results import NotResults
from cockpit.jobs import lock, telemetry
from cockpit.jobs.connections.customers import Unreachable
from cockpit.jobs.context import JobContext, Result, Stopped
from cockpit.jobs.drain.consumer import ConsumerShut
from cockpit.jobs.gates import GateClosed
from cockpit.jobs.launch import JobRefused
from cockpit.jobs.sequence import StepFailed
from cockpit.settings import Settings, SettingsError
from cockpit.sources import base
from cockpit.sources.base import SourceError
from cockpit.state import files, jobs, meta
from cockpit.state.database import StateError
from cockpit.state.jobs import JobKind, JobState
from cockpit.state.meta import BindingError
from cockpit.state.writer import Writer
from cockpit.transport import TransportError
from cockpit.webhooks.sequence import Refused
from cockpit.workos.client import KeyRefused
from cockpit.workos.events import EventsRefused
from cockpit.workos.webhook_endpoints import EndpointsRefused

log = logging.getLogger("cockpit.jobs")

KINDS: dict[JobKind, str] = {
    "export": "cockpit.jobs.export",
    "lint": "cockpit.jobs.lint",
    "import": "cockpit.jobs.import_",
    "diff": "cockpit.jobs.diff",
    "reset": "cockpit.jobs.reset",
    "run": "cockpit.jobs.run_all",
    "sync": "cockpit.jobs.sync",
    "check": "cockpit.jobs.connections.check",
    "create": "cockpit.jobs.connections.create",
    "match": "cockpit.jobs.connections.match",
    "invite": "cockpit.jobs.connections.invite",
    "events": "cockpit.jobs.events",
    "rollout": "cockpit.jobs.rollout.watch",
    "drain": "cockpit.jobs.drain.job",
    "webhooks": "cockpit.jobs.webhooks.next_step",
}
EXITS: dict[type[Exception], int] = {
    BindingError: 2,
    SettingsError: 2,
    GateClosed: 5,
    Refused: 5,
    JobRefused: 1,
    KeyRefused: 1,
    EventsRefused: 1,
    EndpointsRefused: 1,
    SourceError: 1,
    TransportError: 1,
    StateError: 1,
    NotResults: 1,
    Unreachable: 1,
    ConsumerShut: 1,
}


def main() -> int:
    """Run one job; its exit code is the command's (CLI contract)."""
    parser = argparse.ArgumentParser(prog="cockpit.jobs.run")
    parser.add_argument("job", type=int)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--config", type=Path)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    return asyncio.run(perform(arguments.job, arguments.state, arguments.config, SystemClock()))


async def perform(job: int, state: Path, config: Path | None, clock: Clock) -> int:
    """Hold the kind's lock, work, and write how it ended. Returns the exit code."""
    writer = Writer(state)
    try:
        await writer.open()
        row = await writer.run(jobs.get, job)
        if row is None:
            log.error("there is no job %d in this state", job)
            return 2
        try:
            with lock.held(state, row.kind):
                await writer.run(
                    jobs.started, job, os.getpid(), boot_id(), clock.monotonic(), millis(clock.now())
                )
                result, ended = await _outcome(row, state, config, clock, writer)
                # Before the lock is free: who finds it free without a result says that the job died.
                await _end(row, ended, result, clock, writer)
        except lock.LockHeld as error:
            text = f"another process holds the {error} lock of this state"
            result = Result(1, text, "wait for it to end; see: cockpit jobs")
            await _end(row, "failed", result, clock, writer)
    except StateError as error:
        log.error("%s", error)
        return 1
    finally:
        await writer.close()
    return result.exit


async def _end(row: jobs.Job, ended: JobState, result: Result, clock: Clock, writer: Writer) -> None:
    await writer.run(jobs.ended, row.id, ended, result.message, result.as_dict(), millis(clock.now()))


async def _outcome(
    row: jobs.Job, state: Path, config: Path | None, clock: Clock, writer: Writer
) -> tuple[Result, JobState]:
    try:
        bound = (await writer.run(meta.binding)).source
        read = base.pointed(settings.load(config, state), row.args.get("told") or {}, bound)
        return await _work(row, read, config, clock, writer), "done"
    except Stopped:
        return Result(130, "stopped; the same command goes on from here"), "stopped"
    except StepFailed as error:
        return Result(error.exit, str(error)), "failed"
    except tuple(EXITS) as error:
        code = next(code for kind, code in EXITS.items() if isinstance(error, kind))
        return Result(code, str(error)), "failed"
    except lock.LockHeld:
        raise
    except Exception as error:
        log.exception("the job failed")
        text = f"a fault of cockpit ({type(error).__name__}); details in {files.printed(state).name}"
        return Result(1, text), "failed"


async def _work(row: jobs.Job, read: Settings, config: Path | None, clock: Clock, writer: Writer) -> Result:
    context = JobContext(row.id, row.args, row.operator, read.state, read, clock, writer, config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, context.steering.stop)
    run: Callable[[JobContext], Awaitable[Result]] = importlib.import_module(KINDS[row.kind]).run
    work = asyncio.ensure_future(run(context))
    await telemetry.beside(context, work)
    return work.result()


if __name__ == "__main__":
    sys.exit(main())
