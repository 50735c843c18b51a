"""Import: claim, send, settle. Many senders, one limiter, one writer; every outcome in the journal."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path

from cockpit.jobs import errorfile, gates, lint, lock
from cockpit.jobs.breaker import Breaker
from cockpit.jobs.context import JobContext, Result, Stopped
from cockpit.jobs.deliver import Delivery
from cockpit.jobs.settle import Settler
from cockpit.state import errors, journal, meta
from cockpit.state.claims import USERS, UserClaim
from cockpit.state.journal import USER, Outcome
from cockpit.transport import TransportError
from cockpit.workos import client, limiter
from cockpit.workos.client import KeyRefused, WorkOS
from cockpit.workos.limiter import Kind, Limiter

CLAIM = 100
WINDOW_MS = 10_000
SENDERS_LIMITED, SENDERS_FREE = 16, 50


async def run(context: JobContext) -> Result:
    """Send every ready user; what an earlier run left unanswered is asked for first.

    `args`: "limit" (at most so many), "only" (an errors.jsonl: just its users, failed ones anew), "users"
    (their numbers in the state: a canary), and "live_source" and "override" for the gates.
    Raises BindingError, SettingsError, GateClosed, KeyRefused, LockHeld, Stopped; what was done stays done.
    """
    limits = context.settings.target
    pace = limiter.published(
        context.clock, limits.writes_per_10s, limits.reads_per_10s, limits.requests_per_60s
    )
    target = client.connect(limits, pace, context.clock, context.latency)
    try:
        with lock.held(context.state, "target-writes"), errorfile.afterwards(context.state):
            assert limits.api_key is not None  # client.connect refuses to go without
            key = limits.api_key.get_secret_value()
            await context.writer.run(meta.bind_target, limits.base_url, key)
            with lock.held(context.state, "lint"):
                only = context.args.get("only")
                subjects = context.args.get("users")
                if only is not None:
                    subjects = await errorfile.reopen(context, Path(only))
                await lint.lint_new(context)
            await gates.passed(context, gates.SOURCE_SETTLED, gates.PASSWORDS_DECIDED, gates.CANARY_SANG)
            await _Import(context, target, pace, subjects).run()
    finally:
        await target.close()
    return await _finished(context)


class _Import:
    """One run: a feeder claims, senders deliver, a settler commits. `only`: just these subjects."""

    def __init__(
        self, context: JobContext, target: WorkOS, pace: Limiter, only: Sequence[int] | None
    ) -> None:
        self._context, self._target, self._pace, self._only = context, target, pace, only
        steering, progress = context.steering, context.progress
        breaker = Breaker(self._probe, context.notice, steering, context.clock)
        self._deliver = Delivery(
            target, breaker, steering, context.clock, context.settings.imports.on_conflict
        )
        self._work: asyncio.Queue[UserClaim | None] = asyncio.Queue(CLAIM)
        self._senders = SENDERS_LIMITED if pace.limited else SENDERS_FREE
        progress.throttled = lambda: pace.throttled
        progress.ceiling = lambda: pace.ceiling
        progress.explain = lambda: breaker.reason or pace.reason()
        steering.on_rate = pace.throttle
        pace.throttle(steering.rate)
        pace.waiting = self._while_waiting

    async def run(self) -> None:
        context = self._context
        self._run = await context.writer.run(journal.next_run)
        recent = await context.writer.run(journal.sent_since, context.now() - WINDOW_MS)
        self._pace.refill(recent)
        counts = await context.writer.run(journal.counts, USER)
        context.progress.total = sum(counts.values())
        context.progress.before = context.progress.total - counts["ready"] - counts["sending"]
        self._settler = Settler(context, self._run)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._feed())
                for _ in range(self._senders):
                    group.create_task(self._send())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None  # the others ended because of it
        finally:
            await self._settler.close()
        if self._deliver.refused is not None:
            raise self._deliver.refused
        if context.steering.stopping.is_set():
            raise Stopped

    async def _feed(self) -> None:
        try:
            async with aclosing(self._claims()) as claims:
                async for claimed in claims:
                    for user in claimed:
                        await self._work.put(user)
        except Stopped:
            pass
        finally:
            for _ in range(self._senders):
                await self._work.put(None)

    async def _claims(self) -> AsyncGenerator[list[UserClaim], None]:
        writer, now = self._context.writer, self._context.now
        if adrift := await writer.run(journal.adrift, USERS, self._run, now()):
            await self._context.notice(f"{len(adrift)} sends without an outcome: asking for each", "info")
            yield adrift
        if self._only is not None:
            for start in range(0, len(self._only), CLAIM):
                await self._context.steering.gate()
                part = self._only[start : start + CLAIM]
                yield await writer.run(journal.claim_these, USERS, part, self._run, now())
            return
        left: int | None = self._context.args.get("limit")
        after = 0
        while left is None or left > 0:
            await self._context.steering.gate()
            wanted = CLAIM if left is None else min(CLAIM, left)
            claimed = await writer.run(journal.claim, USERS, after, wanted, self._run, now())
            if claimed:
                after = claimed[-1].operation
                left = None if left is None else left - len(claimed)
                yield claimed
            elif after:
                after = 0  # what became ready behind the cursor meanwhile, such as a retry
            elif not await lint.lint_new(self._context):
                return

    async def _send(self) -> None:
        progress = self._context.progress
        while (user := await self._work.get()) is not None:
            try:
                await self._context.steering.gate()
            except Stopped:
                outcome = Outcome(user.operation, user.subject, "ready", unsure=user.unsure)
            else:
                progress.in_flight += 1
                outcome = await self._deliver(user)
                progress.in_flight -= 1
            self._settler.add(outcome)

    async def _while_waiting(self, kind: Kind) -> None:
        """While a turn is waited for: a pause holds new sends back, a stop gives every turn up."""
        if kind == "write":
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


async def _finished(context: JobContext) -> Result:
    def numbers(connection: sqlite3.Connection) -> tuple[dict[str, int], int]:
        counted = {str(state): n for state, n in journal.counts(connection, USER).items()}
        return counted, sum(errors.open_by_class(connection).values())

    counted, failed = await context.writer.run(numbers)
    file = errorfile.beside(context.state)
    gone = ", ".join(f"{counted[state]} {state}" for state in ("imported", "adopted", "failed", "skipped"))
    numbered = {**counted, "errors_file": str(file)}
    if failed:
        return Result(3, gone, f"see: cockpit errors list; the errors are in {file}", numbered)
    return Result(0, gone, f"next: cockpit users diff; no errors in {file}", numbered)
