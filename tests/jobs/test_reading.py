"""Chains are read a few at once, each in its order; what ends one ends all, and loses nothing."""

import asyncio
import random
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.jobs.context import Stopped
from cockpit.sources.base import SourceError
from cockpit.state.database import StateError
from tests.clocks import settle
from tests.jobs.chains import Provider, Reading, never, within


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
