"""Reading a source: a few of its chains side by side, each page kept before the next one is asked for."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

from cockpit.jobs.context import JobContext, Stopped
from cockpit.sources.base import Memo, Opener, Source
from cockpit.terms import Page

Position = Callable[[str], Awaitable[tuple[bool, str | None]]]
"""Where a chain stands: (read to its end already, cursor of its next page)."""
Take = Callable[[Page], Coroutine[Any, Any, None]]


@asynccontextmanager
async def opened(context: JobContext, opener: Opener, memo: Memo) -> AsyncIterator[Source]:
    """The source, open as long as the block lasts; what it waits for is the job's. Raises SettingsError."""
    source = await opener(context.settings, memo, context.clock)
    source.note = context.progress.waits_for
    try:
        yield source
    finally:
        await source.close()


async def from_the_start(chain: str) -> tuple[bool, str | None]:
    """The position of a chain of which nothing is kept."""
    return False, None


class Reader:
    """Hands every page of a source's chains to `take`: each chain's in their order, one after another.

    At most `concurrency` chains are read at once. Of each, the next page is asked for once `take` is done
    with the last, so one page of each is in memory, and a crash costs no more than these.
    """

    def __init__(
        self,
        context: JobContext,
        source: Source,
        concurrency: int,
        doing: str,
        take: Take,
        position: Position = from_the_start,
    ) -> None:
        self._context, self._source, self._concurrency = context, source, concurrency
        self._doing, self._take, self._position = doing, take, position
        self._reading: list[str] = []
        self._taking: set[asyncio.Task[None]] = set()

    async def read(self, chains: Sequence[str]) -> None:
        """Read all of them to their ends, or none any further: an error of one, or a stop, ends all.

        What was handed to `take` is taken whole before this returns. Raises Stopped, the source's errors
        and those of `take`.
        """
        if not chains:
            return
        waiting = iter(chains)  # for a few workers, since there may be thousands
        failed: list[BaseException] = []
        try:
            async with asyncio.TaskGroup() as group:
                stop = group.create_task(self._stopped())
                workers = min(self._concurrency, len(chains))
                await asyncio.wait([group.create_task(self._work(waiting)) for _ in range(workers)])
                stop.cancel()
        except ExceptionGroup as ended:
            failed.extend(ended.exceptions)
        # Chains end at once, in the midst of a reply; what they handed on is taken whole.
        taken = await asyncio.gather(*self._taking, return_exceptions=True)
        failed.extend(error for error in taken if error is not None)
        if failed:
            # A stop that comes with a fault tells less than the fault.
            raise min(failed, key=lambda error: isinstance(error, Stopped))

    async def _stopped(self) -> None:
        await self._context.steering.stopping.wait()
        raise Stopped

    async def _work(self, waiting: Iterator[str]) -> None:
        for chain in waiting:
            finished, cursor = await self._position(chain)
            if finished:
                continue
            self._reading.append(chain)
            self._tell()
            await self._read(chain, cursor)
            self._reading.remove(chain)
            self._tell()

    async def _read(self, chain: str, cursor: str | None) -> None:
        async with aclosing(self._source.pages(chain, cursor)) as pages:
            async for page in pages:
                taking = asyncio.create_task(self._take(page))
                self._taking.add(taking)
                await asyncio.shield(taking)
                self._taking.remove(taking)
                await self._context.steering.gate()

    def _tell(self) -> None:
        match self._reading:
            case []:
                pass
            case [chain]:
                self._context.progress.reason = f"{self._doing} {chain}".strip()
            case several:
                self._context.progress.reason = f"{self._doing}: {len(several)} chains side by side"
