"""The watch: follows WorkOS's events, judges every connection that was flipped, and acts by the rules.

It flips what people armed, when they may go; it proves canaries, takes back what fails, halts waves. It runs
until somebody stops it. A person's rollback is stronger than anything here: each step is one transaction that
looks again whether what it was decided by still holds.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager, suppress
from dataclasses import replace

from cockpit.jobs import events, lock
from cockpit.jobs.connections.customers import Desk, Unreachable, desk
from cockpit.jobs.context import JobContext, Progress, Result, Stopped
from cockpit.jobs.rollout import ask, flip, known
from cockpit.rollout.flip import FlipRefused
from cockpit.rollout.route import AT_WORKOS
from cockpit.rollout.steps import Known, Step, decide
from cockpit.rollout.waves import Act, WaveRefused
from cockpit.state.database import open_readonly, open_state
from cockpit.state.rollout import ROLLOUT, beside, described, flips, routes, targets, waves
from cockpit.state.rollout.audit import Actor
from cockpit.state.rollout.routes import MoveRefused
from cockpit.state.writer import Writer

POLL_S = 1.0
LEVEL_EVERY_S = 60.0
ASKED_AT_ONCE = 20
HOUR_MS = 3_600_000
RULE = Actor("watch", person=False)


async def run(context: JobContext) -> Result:
    """`args`: "once" (until nothing more is to be done now).

    Raises SettingsError, BindingError, KeyRefused, EventsRefused, StateError, Stopped.
    """
    async with AsyncExitStack() as stack:
        opened = await stack.enter_async_context(desk(context))
        writer = Writer(beside(context.state), ROLLOUT)
        await writer.open()
        stack.push_async_callback(writer.close)
        follower = _Follower(context)
        stack.push_async_callback(follower.end)
        reader = stack.enter_context(_reading(context))
        return await _Watch(context, opened, writer, follower, *reader).stand()


@contextmanager
def _reading(context: JobContext) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
    """Both files, for looking: nothing waits for that. The rollout file is there, the writer made it."""
    state = open_readonly(context.state)
    rollout = open_state(beside(context.state), kind=ROLLOUT)
    try:
        yield state, rollout
    finally:
        rollout.close()
        state.close()


class _Follower:
    """Follows the events of WorkOS, unless a job of its own does."""

    def __init__(self, context: JobContext) -> None:
        self._context = replace(context, progress=Progress(), args={"once": bool(context.args.get("once"))})
        self._held = ExitStack()
        self._task: asyncio.Task[Result] | None = None

    async def keep(self) -> None:
        """See to it that somebody follows. Raises what following does."""
        if self._task is None:
            with suppress(lock.LockHeld):
                self._held.enter_context(lock.held(self._context.state, "events"))
                self._task = asyncio.create_task(events.run(self._context))
        if self._task is not None and (self._task.done() or self._context.args["once"]):
            await self._task

    async def end(self) -> None:
        """Stop with the job."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            with suppress(asyncio.CancelledError, Stopped):
                await self._task
        self._held.close()


class _Watch:
    """One watch at work."""

    def __init__(
        self,
        context: JobContext,
        opened: Desk,
        writer: Writer,
        follower: _Follower,
        state: sqlite3.Connection,
        rollout: sqlite3.Connection,
    ) -> None:
        self._context, self._desk, self._writer, self._follower = context, opened, writer, follower
        self._state, self._rollout = state, rollout
        self._rules = context.settings.rollout
        self._levelled: float | None = None
        self._blind = False
        self._taken = 0

    async def stand(self) -> Result:
        """Step after step."""
        context = self._context
        while True:
            await context.steering.gate()
            await self._follower.keep()
            await self._level()
            await self._ask()
            steps = await self._step()
            if context.args.get("once") and not steps:
                return Result(
                    0, f"{self._taken} steps taken; nothing more to do now", None, {"steps": self._taken}
                )
            if not context.args.get("once"):
                await context.steering.sleep(POLL_S, context.clock)

    async def _level(self) -> None:
        now = self._context.clock.monotonic()
        if self._levelled is None or now - self._levelled >= LEVEL_EVERY_S:
            self._levelled = now
            found = await asyncio.to_thread(described.read, self._state)
            await self._writer.run(described.take_over, found, self._context.now())

    async def _ask(self) -> None:
        """Ask WorkOS about connections of which its word grows old, some at a time."""
        now = self._context.now()
        stale = targets.stale(self._rollout, now - round(self._rules.ask_hours * HOUR_MS / 2))
        for ident in stale[:ASKED_AT_ONCE]:
            line = routes.one(self._rollout, ident).described
            try:
                answer = await ask.ask(self._desk.target, line, self._context.now(), self._desk.ask)
            except Unreachable:
                return  # the follower finds that out too, and then everything freezes
            await self._writer.run(targets.put, ident, answer)

    async def _step(self) -> int:
        """Decide and act; returns how much was done."""
        context = self._context
        found = await asyncio.to_thread(known.read, self._state, self._rollout, self._rules, context.now())
        if found.blind != self._blind:
            self._blind = found.blind
            text = f"no metrics for {self._rules.blind_min:g} min: frozen, neither back nor forward by rule"
            await context.notice(text if found.blind else "metrics are back", "warn")
        context.progress.reason = _in_words(found)
        context.progress.done = sum(one.stage == "live" for one in found.standings)
        done = 0
        for step in decide(found, self._rules):
            try:
                done += await self._take(step)
            except (FlipRefused, WaveRefused, MoveRefused):
                continue  # somebody was quicker; what they did stands
        self._taken += done
        return done

    async def _take(self, step: Step) -> bool:
        now = self._context.now()
        if step.flip is None:
            assert step.wave is not None, "a step is about a flip or a wave"
            doing: Act = "finish" if step.doing == "finish" else "halt"
            await self._writer.run(waves.act, step.wave, doing, RULE, now, step.why or None)
            await self._context.notice(f"wave {step.wave}: {doing}{_tail(step.why)}", "warn")
            return True
        if step.doing == "flip":
            armed = flips.get(self._rollout, step.flip.flip)
            return await asyncio.to_thread(flip.perform, self._state, self._rollout, armed, self._rules, now)
        did = await self._writer.run(carry_out, step, now)
        if did and step.doing != "confirm":
            level = "warn" if step.doing == "take back" else "info"
            await self._context.notice(f"{step.flip.connection}: {step.doing}{_tail(step.why)}", level)
        return did


def carry_out(rollout: sqlite3.Connection, step: Step, now: int) -> bool:
    """Do it, if what it was decided by still holds."""
    assert step.flip is not None, "it is about a flip"
    ident, number = step.flip.connection, step.flip.flip
    newest = flips.newest(rollout, ident)
    column = routes.one(rollout, ident).described.route.column
    if newest is None or newest.id != number or newest.stage != step.flip.stage or column not in AT_WORKOS:
        return False
    match step.doing:
        case "confirm":
            flips.confirm(rollout, number)
        case "prove":
            flips.prove(rollout, number, RULE, now, step.why)
        case "take back":
            flips.take_back(rollout, [ident], RULE, now, step.why)
    return True


def _tail(why: str) -> str:
    return f" ({why})" if why else ""


def _in_words(found: Known) -> str:
    if found.blind:
        return "FROZEN: no metrics, so neither back nor forward by rule"
    stages = ("armed", "flipping", "verifying", "live")
    counted = {stage: sum(one.stage == stage for one in found.standings) for stage in stages}
    parts = [f"{n} {stage}" for stage, n in counted.items() if n]
    parts += [f"wave {group.name} {group.state}{_tail(group.pending or '')}" for group in found.waves]
    return ", ".join(parts) or "nothing was flipped yet"
