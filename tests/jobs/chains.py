"""A provider of chains of pages, read by a reader of its own."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Mapping, Sequence
from pathlib import Path

from cockpit.jobs.context import JobContext
from cockpit.jobs.reading import Position, Reader, from_the_start
from cockpit.state.writer import Writer
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, quiet
from tests.clocks import FakeClock
from tests.sources.memos import settings_with

Asked = tuple[str, int]
Reply = Callable[[str, int], Awaitable[None]]


async def at_once(chain: str, number: int) -> None:
    """A reply that other tasks may overtake."""
    await asyncio.sleep(0)


class Provider:
    """A source of so many pages for each chain; `reply` is awaited before a page is there."""

    def __init__(self, pages: Mapping[str, int], reply: Reply = at_once) -> None:
        self.note: Note = quiet
        self.asked: list[Asked] = []
        self.in_flight = self.most = 0
        self._pages, self._reply = pages, reply

    async def chains(self) -> Sequence[str]:
        return list(self._pages)

    async def pages(self, chain: str, cursor: str | None) -> AsyncGenerator[Page, None]:
        for number in range(int(cursor or 0), self._pages[chain]):
            self.asked.append((chain, number))
            self.in_flight += 1
            self.most = max(self.most, self.in_flight)
            try:
                await self._reply(chain, number)
            finally:
                self.in_flight -= 1
            following = None if number + 1 == self._pages[chain] else str(number + 1)
            items = [RawItem(f"{chain}-{number}-{part}", json.dumps({"n": number})) for part in "ab"]
            yield Page(chain, str(number), following, items)

    async def count(self) -> int | None:
        return None

    async def sweep(self, since: int, missing: int | None) -> Sequence[str]:
        return []

    async def close(self) -> None:
        pass


class Reading:
    """One reading by a job: what was taken, in its order; `take` may wait or fail before that."""

    def __init__(self, provider: Provider, concurrency: int, position: Position = from_the_start) -> None:
        self.taken: list[Asked] = []
        self.take: Reply = at_once
        self.provider = provider
        clock = FakeClock()
        self.context = JobContext(1, {}, "ana", Path(), settings_with({}), clock, Writer(Path()))
        self._reader = Reader(self.context, provider, concurrency, "reading", self._take, position)

    async def _take(self, page: Page) -> None:
        await self.take(page.chain, int(page.cursor))
        self.taken.append((page.chain, int(page.cursor)))

    async def read(self) -> None:
        """Every chain."""
        await self._reader.read(await self.provider.chains())


def within(test: Coroutine[None, None, None]) -> None:
    """Run it; a reading that hangs fails instead."""

    async def main() -> None:
        async with asyncio.timeout(30):
            await test

    asyncio.run(main())


async def never(chain: str, number: int) -> None:
    await asyncio.Event().wait()
