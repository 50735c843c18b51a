"""Outcomes to the journal: committed at a hundred or after a tenth of a second, whichever comes first."""

import asyncio

from cockpit.jobs.context import JobContext
from cockpit.state import changes, journal
from cockpit.state.database import StateError
from cockpit.state.journal import Outcome
from cockpit.terms import UPDATES

MOST = 100
LONGEST_S = 0.1


class Settler:
    """Collects outcomes and commits them in groups.

    When a commit fails the job is told to stop at once: outcomes that were not committed stay `sending`
    and are asked for by the next run.
    """

    def __init__(self, context: JobContext, kind: str, run: int) -> None:
        self._context, self._kind, self._run = context, kind, run
        self._waiting: list[Outcome] = []
        self._some, self._full = asyncio.Event(), asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._work())

    def add(self, outcome: Outcome) -> None:
        """Hand over an outcome."""
        self._waiting.append(outcome)
        self._some.set()
        if len(self._waiting) >= MOST:
            self._full.set()

    async def close(self) -> None:
        """Commit what is left. Raises StateError when a commit failed, now or before."""
        self._closing = True
        self._some.set()
        self._full.set()
        await self._task

    async def _work(self) -> None:
        try:
            while True:
                await self._some.wait()
                if not self._closing:
                    await self._until_due()
                group, self._waiting = self._waiting, []
                self._some.clear()
                self._full.clear()
                if group:
                    await self._commit(group)
                elif self._closing:
                    return
                if self._closing:
                    self._some.set()
        except StateError:
            self._context.steering.stop()
            raise

    async def _until_due(self) -> None:
        try:
            async with asyncio.timeout(LONGEST_S):
                await self._full.wait()
        except TimeoutError:
            pass

    async def _commit(self, group: list[Outcome]) -> None:
        context = self._context
        settle = changes.settle if self._kind in UPDATES.values() else journal.settle
        await context.writer.run(
            settle, self._kind, group, self._run, context.settings.imports.batch_size, context.now()
        )
        for outcome in group:
            if outcome.state == "failed":
                context.progress.failed += 1
            if outcome.state != "ready":
                context.progress.done += 1
