"""Commits in groups: at a hundred or after a tenth of a second, whichever comes first."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from cockpit.jobs.context import JobContext
from cockpit.state.database import StateError

MOST = 100
LONGEST_S = 0.1

T = TypeVar("T")


class Grouped(Generic[T]):
    """Collects what is to be written and commits it in groups, in the order it was added.

    When a commit fails the job is told to stop at once; what was not committed is as if it had not been.
    """

    def __init__(self, context: JobContext, commit: Callable[[list[T]], Awaitable[None]]) -> None:
        self._context, self._commit = context, commit
        self._waiting: list[T] = []
        self._some, self._full = asyncio.Event(), asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._work())

    def add(self, one: T) -> None:
        """Hand over one."""
        self._waiting.append(one)
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
