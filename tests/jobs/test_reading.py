"""Chains are read a few at once, each in its order; what ends one ends all, and loses nothing."""

import asyncio
import json
import random
import sqlite3
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.jobs.context import JobContext, Stopped
from cockpit.jobs.reading import Position, Reader, Take, from_the_start
from cockpit.sources.base import SourceError
from cockpit.state import check, exports
from cockpit.state.database import StateError, open_state, transaction
from cockpit.state.writer import Writer
from cockpit.terms import Page, RawItem
from cockpit.transport import Note, quiet
from tests.clocks import FakeClock, settle
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


@pytest.mark.parametrize(
    ("chains", "concurrency", "at_once"), [(16, 16, 16), (16, 4, 4), (3, 8, 3), (5, 1, 1)]
)
def test_as_many_chains_as_may_be_are_read_at_once(chains: int, concurrency: int, at_once: int) -> None:
    async def test() -> None:
        all_asked = asyncio.Event()

        async def reply(chain: str, number: int) -> None:
            if provider.in_flight == at_once:
                all_asked.set()
            await all_asked.wait()  # none is answered before so many are in flight

        provider = Provider({f"{number}": 3 for number in range(chains)}, reply)
        reading = Reading(provider, concurrency)
        await reading.read()
        assert provider.most == at_once
        assert sorted(reading.taken) == sorted((f"{chain}", n) for chain in range(chains) for n in range(3))

    within(test())


@given(st.lists(st.integers(1, 5), max_size=8), st.integers(1, 5), st.integers())
def test_each_chain_keeps_its_order_whatever_is_quick(pages: list[int], concurrency: int, seed: int) -> None:
    rng = random.Random(seed)

    async def test() -> None:
        async def dawdle(chain: str, number: int) -> None:
            await settle(rng.randint(0, 6))

        provider = Provider({f"{number}": count for number, count in enumerate(pages)}, dawdle)
        reading = Reading(provider, concurrency)
        reading.take = dawdle
        await reading.read()
        for order in (provider.asked, reading.taken):
            by_chain: dict[str, list[int]] = defaultdict(list)
            for chain, number in order:
                by_chain[chain].append(number)
            assert by_chain == {f"{number}": list(range(count)) for number, count in enumerate(pages)}

    within(test())


def test_the_next_page_is_asked_for_once_the_last_is_kept() -> None:
    async def test() -> None:
        provider = Provider({"one": 9, "two": 9})
        reading = Reading(provider, 2)
        go = asyncio.Event()

        async def take(chain: str, number: int) -> None:
            await go.wait()

        reading.take = take
        work = asyncio.create_task(reading.read())
        await settle(200)
        assert sorted(provider.asked) == [("one", 0), ("two", 0)]
        go.set()
        await work
        assert len(reading.taken) == 18

    within(test())


def test_thousands_of_chains_are_not_thousands_of_tasks() -> None:
    async def test() -> None:
        most = 0

        async def reply(chain: str, number: int) -> None:
            nonlocal most
            await asyncio.sleep(0)
            most = max(most, len(asyncio.all_tasks()))

        provider = Provider({f"organization {number}": 1 for number in range(3000)}, reply)
        reading = Reading(provider, 4)
        await reading.read()
        assert len(reading.taken) == 3000
        assert (
            most <= 2 + 1 + 4 + 4
        )  # this test and its run, who waits for a stop, the chains and their takers

    within(test())


def test_an_error_of_one_chain_ends_all_and_what_was_handed_on_is_taken() -> None:
    async def test() -> None:
        async def reply(chain: str, number: int) -> None:
            if (chain, number) == ("bad", 1):
                await settle()  # until the others have their first pages taken and their second ones asked
                raise SourceError("the token ended")
            if number:
                await never(chain, number)

        async def take(chain: str, number: int) -> None:
            if chain != "bad":
                await failed.wait()

        provider = Provider({"bad": 9, "good": 9, "better": 9, "later": 9}, reply)
        reading = Reading(provider, 3)
        reading.take, failed = take, asyncio.Event()
        work = asyncio.create_task(reading.read())
        await settle(200)
        assert provider.in_flight == 0 and not work.done()  # nobody asks any more, pages are being taken
        failed.set()
        with pytest.raises(SourceError, match="the token ended"):
            await work
        assert sorted(reading.taken) == [("bad", 0), ("better", 0), ("good", 0)]
        assert "later" not in {chain for chain, _ in provider.asked}

    within(test())


def test_a_page_that_cannot_be_taken_ends_all() -> None:
    async def test() -> None:
        async def take(chain: str, number: int) -> None:
            if (chain, number) == ("two", 1):
                raise StateError("no space left")

        reading = Reading(Provider({"one": 50, "two": 50}), 2)
        reading.take = take
        with pytest.raises(StateError, match="no space left"):
            await reading.read()
        assert ("two", 2) not in reading.taken and len(reading.taken) < 10

    within(test())


def test_a_stop_waits_for_no_reply() -> None:
    async def test() -> None:
        async def reply(chain: str, number: int) -> None:
            if number == 2:
                await never(chain, number)

        provider = Provider({"one": 9, "two": 9}, reply)
        reading = Reading(provider, 2)
        work = asyncio.create_task(reading.read())
        await settle(200)
        reading.context.steering.stop()
        with pytest.raises(Stopped):
            await work
        assert sorted(reading.taken) == [("one", 0), ("one", 1), ("two", 0), ("two", 1)]
        assert provider.in_flight == 0

    within(test())


def test_a_stop_in_a_pause_waits_for_what_is_being_taken() -> None:
    async def test() -> None:
        written = asyncio.Event()

        async def take(chain: str, number: int) -> None:
            await written.wait()

        reading = Reading(Provider({"one": 9, "two": 9}), 2)
        reading.take = take
        reading.context.steering.follow("pause", None)
        work = asyncio.create_task(reading.read())
        await settle()
        reading.context.steering.stop()
        await settle()
        assert not work.done()
        written.set()
        with pytest.raises(Stopped):
            await work
        assert sorted(reading.taken) == [("one", 0), ("two", 0)]

    within(test())


def test_a_fault_at_a_stop_is_told_rather_than_the_stop() -> None:
    async def test() -> None:
        async def take(chain: str, number: int) -> None:
            await stopping.wait()
            raise StateError("no space left")

        reading = Reading(Provider({"one": 9, "two": 9}), 2)
        reading.take, stopping = take, reading.context.steering.stopping
        work = asyncio.create_task(reading.read())
        await settle()
        reading.context.steering.stop()
        with pytest.raises(StateError):
            await work

    within(test())


def test_while_it_is_paused_no_chain_asks_for_more() -> None:
    async def test() -> None:
        provider = Provider({"one": 9, "two": 9, "three": 9})
        reading = Reading(provider, 3)
        work = asyncio.create_task(reading.read())
        await settle(5)
        reading.context.steering.follow("pause", None)
        await settle(200)
        asked = len(provider.asked)
        assert 0 < asked < 27 and len(reading.taken) == asked
        await settle(200)
        assert len(provider.asked) == asked
        reading.context.steering.follow("run", None)
        await work
        assert len(reading.taken) == 27

    within(test())


def test_which_chains_are_read_is_said() -> None:
    async def test() -> None:
        said: list[str] = []

        async def reply(chain: str, number: int) -> None:
            await settle()
            said.append(reading.context.progress.reason)

        reading = Reading(Provider({"one": 1, "two": 2}, reply), 2)
        await reading.read()
        assert said == ["reading: 2 chains side by side"] * 2 + ["reading two"]
        said.clear()
        reading = Reading(Provider({"": 1}, reply), 2)
        await reading.read()
        assert said == ["reading"]

    within(test())


class Killed(Exception):
    """The process is gone: nothing is committed any more."""


class Kept:
    """A state whose process dies before the commit number `kill_at`."""

    def __init__(self, connection: sqlite3.Connection, kill_at: int | None) -> None:
        self._connection, self._left = connection, kill_at
        with transaction(connection):
            self._export = exports.begin(connection, 1).id

    async def position(self, chain: str) -> tuple[bool, str | None]:
        return exports.position(self._connection, self._export, chain)

    async def commit(self, page: Page) -> None:
        await asyncio.sleep(0)
        if self._left == 0:
            raise Killed
        if self._left is not None:
            self._left -= 1
        with transaction(self._connection):
            exports.commit_page(self._connection, self._export, page, 100, 2)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """A new state, to be copied."""
    with closing(open_state(tmp_path_factory.mktemp("empty") / "cockpit.db", create=True)) as connection:
        yield connection


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 4), min_size=1),
    st.integers(1, 4),
    st.lists(st.integers(0, 8), max_size=4),
)
def test_whenever_it_is_killed_the_resumed_export_has_the_same_records(
    empty: sqlite3.Connection, pages: dict[str, int], concurrency: int, kills: list[int]
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        empty.backup(connection)
        killed_and_resumed(connection, pages, concurrency, kills)


def killed_and_resumed(
    connection: sqlite3.Connection, pages: dict[str, int], concurrency: int, kills: list[int]
) -> None:
    async def run(kill_at: int | None) -> list[Asked]:
        kept, provider = Kept(connection, kill_at), Provider(pages)
        take: Take = kept.commit
        context = Reading(provider, concurrency).context
        reader = Reader(context, provider, concurrency, "reading", take, kept.position)
        try:
            await reader.read(await provider.chains())
        except Killed:
            assert kill_at is not None
        return provider.asked

    def committed() -> list[Asked]:
        rows = connection.execute("select chain, cursor from pages order by id").fetchall()
        return [(chain, int(cursor)) for chain, cursor in rows]

    for kill_at in kills:
        before = set(committed())
        asked = asyncio.run(run(kill_at))
        assert not before & set(asked)  # what is committed is asked for no more
        lost = Counter(chain for chain, _ in set(asked) - set(committed()))
        assert max(lost.values(), default=0) <= 1  # the page that was being written
    asyncio.run(run(None))
    everything = [(chain, number) for chain, count in pages.items() for number in range(count)]
    assert sorted(committed()) == sorted(everything)  # each page once
    records = {row[0] for row in connection.execute("select source_id from raw").fetchall()}
    assert records == {f"{chain}-{number}-{part}" for chain, number in everything for part in "ab"}
    assert exports.records(connection) == (2 * len(everything), 0, 0)
    assert check.check(connection) == []
