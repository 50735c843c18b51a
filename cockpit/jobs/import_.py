"""Import: everything that is ready goes to the target, kind by kind, each under the same rules."""

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cockpit.jobs import errorfile, gates, lint, lock
from cockpit.jobs.breaker import Breaker
from cockpit.jobs.context import JobContext, Result, Stopped
from cockpit.jobs.deliver.line import Line
from cockpit.jobs.deliver.procedures import procedure
from cockpit.jobs.sending import Sending
from cockpit.state import errors, fixrules, journal, meta, resources
from cockpit.terms import KINDS, PLURALS, UPDATES, OpState
from cockpit.transport import TransportError
from cockpit.workos import client, limiter
from cockpit.workos.client import KeyRefused, WorkOS
from cockpit.workos.limiter import Limiter

WINDOW_MS = 10_000


async def run(context: JobContext) -> Result:
    """Send whatever is ready; what an earlier run left unanswered is asked for first.

    `args`: "kinds" (all of them unless named), "limit" (at most so many of a kind), "only" (an
    errors.jsonl: just its records, failed ones anew), "users" (their numbers in the state: a canary), and
    "live_source" and "override" for the gates.
    Raises BindingError, SettingsError, GateClosed, KeyRefused, LockHeld, Stopped; what was done stays done.
    """
    limits = context.settings.target
    pace = limiter.published(context.clock, limits)
    target = client.connect(limits, pace, context.clock, context.latency)
    kinds = kinds_of(context)
    try:
        with lock.held(context.state, "target-writes"), errorfile.afterwards(context.state):
            assert limits.api_key is not None  # client.connect refuses to go without
            key = limits.api_key.get_secret_value()
            await context.writer.run(meta.bind_target, limits.base_url, key)
            with lock.held(context.state, "lint"):
                only = await _named(context)
                await lint.lint_new(context)
            await gates.passed(context, *gates.of_import(kinds))
            await _Import(context, target, pace, kinds, only).run()
    finally:
        await target.close()
    return await _finished(context, kinds)


def kinds_of(context: JobContext) -> Sequence[str]:
    """The kinds of the journal that this job is about, in the order they are sent; updates when asked for."""
    wanted = context.args.get("kinds") or KINDS
    return [kind for kind in (*KINDS, *UPDATES.values()) if kind in wanted]


async def _named(context: JobContext) -> Mapping[str, Sequence[int]] | None:
    """The only subjects to send, by kind, where some were named."""
    if (file := context.args.get("only")) is not None:
        return await errorfile.reopen(context, Path(file))
    users = context.args.get("users")
    return None if users is None else {"user": users}


class _Import:
    """One run over all its kinds. `only`: just these subjects, where some are named."""

    def __init__(
        self,
        context: JobContext,
        target: WorkOS,
        pace: Limiter,
        kinds: Sequence[str],
        only: Mapping[str, Sequence[int]] | None,
    ) -> None:
        self._context, self._target, self._pace = context, target, pace
        self._kinds = kinds if only is None else [kind for kind in kinds if kind in only]
        self._only = only
        steering, progress = context.steering, context.progress
        breaker = Breaker(self._probe, context.notice, steering, context.clock)
        self._line = Line(target, breaker, steering, context.clock)
        progress.throttled = lambda: pace.throttled
        progress.ceiling = lambda: pace.ceiling
        progress.explain = lambda: breaker.reason or pace.reason()
        steering.on_rate = pace.throttle
        pace.throttle(steering.rate)
        pace.waiting = self._while_waiting

    async def run(self) -> None:
        context = self._context
        run = await context.writer.run(journal.next_run)
        self._pace.refill(await context.writer.run(journal.sent_since, context.now() - WINDOW_MS))
        context.progress.total, context.progress.before = await context.writer.run(_standing, self._kinds)
        for kind in self._kinds:
            await self._send(kind, run)
            while await self._mended():
                await self._send(kind, run)
            if waiting := await context.writer.run(resources.waiting, kind):
                await context.notice(
                    f"{waiting} {PLURALS[kind]} wait for users or organizations that are not at the target",
                    "warn",
                )

    async def _send(self, kind: str, run: int) -> None:
        context = self._context
        context.progress.reason = f"sending {PLURALS[kind]}"
        sending = Sending(
            context,
            procedure(kind, self._line, context.settings),
            self._line,
            self._pace,
            run,
            only=None if self._only is None else self._only[kind],
            limit=context.args.get("limit"),
        )
        await sending.run()
        if self._line.refused is not None:
            raise self._line.refused
        if context.steering.stopping.is_set():
            raise Stopped

    async def _mended(self) -> bool:
        """Whether a fix rule changes some of what was refused just now."""
        if self._only is not None or not await self._context.writer.run(fixrules.standing):
            return False
        before = await self._context.writer.run(fixrules.marked)
        await lint.lint_new(self._context)
        return await self._context.writer.run(fixrules.marked) > before

    async def _while_waiting(self, kind: limiter.Kind) -> None:
        """While a turn is waited for: a pause holds new sends back, a stop gives every turn up."""
        if kind != "read":
            await self._context.steering.gate()
        elif self._context.steering.stopping.is_set():
            raise Stopped

    async def _probe(self) -> bool:
        try:
            reply = await self._target.list_users(None, limit=1)
        except TransportError:
            return False
        except KeyRefused:
            return True  # it is back; who sends next hears the refusal
        return reply.verdict == "ok"


def _standing(connection: sqlite3.Connection, kinds: Sequence[str]) -> tuple[int, int]:
    """(how many there are, how many were done before)."""
    counts = [journal.counts(connection, kind) for kind in kinds]
    total = sum(sum(states.values()) for states in counts)
    return total, total - sum(states["ready"] + states["sending"] for states in counts)


async def _finished(context: JobContext, kinds: Sequence[str]) -> Result:
    def numbers(connection: sqlite3.Connection) -> tuple[dict[str, dict[OpState, int]], int]:
        counted = {kind: journal.counts(connection, kind) for kind in kinds}
        return counted, sum(errors.open_by_class(connection).values())

    counted, failed = await context.writer.run(numbers)
    moved = {kind: states for kind, states in counted.items() if any(states.values())}
    gone = "; ".join(f"{PLURALS[kind]}: {_gone(states)}" for kind, states in moved.items())
    if moved.keys() == {"user"}:
        gone = _gone(moved["user"])
    file = errorfile.beside(context.state)
    numbered: dict[str, Any] = {
        **{str(state): n for state, n in counted.get("user", {}).items()},
        "kinds": {PLURALS[kind]: states for kind, states in counted.items()},
        "errors_file": str(file),
    }
    if failed:
        return Result(3, gone, f"see: cockpit errors list; the errors are in {file}", numbered)
    return Result(0, gone or "nothing to send", f"next: cockpit users diff; no errors in {file}", numbered)


def _gone(states: Mapping[OpState, int]) -> str:
    shown: tuple[OpState, ...] = ("imported", "adopted", "failed", "skipped")
    return ", ".join(f"{states[state]} {state}" for state in shown if states[state] or state == "imported")
