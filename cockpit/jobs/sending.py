"""Sending one kind: claim, send, settle. Many senders, one limiter, one writer; every outcome journaled."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Generic

from cockpit.jobs import lint
from cockpit.jobs.context import JobContext, Stopped
from cockpit.jobs.deliver.delivery import C, Delivery, Procedure
from cockpit.jobs.deliver.line import Line
from cockpit.jobs.settle import Settler
from cockpit.state import journal
from cockpit.state.journal import Outcome
from cockpit.workos.limiter import Limiter

CLAIM = 100
SENDERS_LIMITED, SENDERS_FREE = 16, 50


class Sending(Generic[C]):
    """One kind in one run: a feeder claims, senders deliver, a settler commits.

    `only`: just these subjects; `limit`: at most so many.
    """

    def __init__(
        self,
        context: JobContext,
        procedure: Procedure[C],
        line: Line,
        pace: Limiter,
        run: int,
        *,
        only: Sequence[int] | None = None,
        limit: int | None = None,
    ) -> None:
        self._context, self._work, self._run = context, procedure.work, run
        self._only, self._limit = only, limit
        self._deliver = Delivery(procedure, line)
        self._senders = SENDERS_LIMITED if pace.limited else SENDERS_FREE
        # What can't be asked for early is claimed few at a time: a crash leaves little to wait for.
        self._claim = self._senders if procedure.settles_s else CLAIM
        self._queue: asyncio.Queue[C | None] = asyncio.Queue(self._claim)

    async def run(self) -> None:
        """Send until nothing is ready any more, or a stop. Raises StateError; what was done stays done."""
        self._settler = Settler(self._context, self._work.kind, self._run)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._feed())
                for _ in range(self._senders):
                    group.create_task(self._send())
        except ExceptionGroup as failures:
            raise failures.exceptions[0] from None  # the others ended because of it
        finally:
            await self._settler.close()

    async def _feed(self) -> None:
        try:
            async with aclosing(self._claims()) as claims:
                async for claimed in claims:
                    for claim in claimed:
                        await self._queue.put(claim)
        except Stopped:
            pass
        finally:
            for _ in range(self._senders):
                await self._queue.put(None)

    async def _claims(self) -> AsyncGenerator[list[C], None]:
        writer, now, work = self._context.writer, self._context.now, self._work
        if adrift := await writer.run(journal.adrift, work, self._run, now()):
            await self._context.notice(f"{len(adrift)} sends without an outcome: asking for each", "info")
            yield adrift
        if self._only is not None:
            for start in range(0, len(self._only), CLAIM):
                await self._context.steering.gate()
                part = self._only[start : start + CLAIM]
                yield await writer.run(journal.claim_these, work, part, self._run, now())
            return
        left, after = self._limit, 0
        while left is None or left > 0:
            await self._context.steering.gate()
            wanted = self._claim if left is None else min(self._claim, left)
            claimed = await writer.run(journal.claim, work, after, wanted, self._run, now())
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
        while (claim := await self._queue.get()) is not None:
            try:
                await self._context.steering.gate()
            except Stopped:
                outcome = Outcome(claim.operation, claim.subject, "ready", unsure=claim.unsure)
            else:
                progress.in_flight += 1
                outcome = await self._deliver(claim)
                progress.in_flight -= 1
            self._settler.add(outcome)
