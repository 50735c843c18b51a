"""The limiter's rules one by one, under a clock that stands still until it is waited on."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from cockpit.settings import TargetSettings
from cockpit.workos.limiter import Budget, Kind, Limiter, published
from tests.clocks import FakeClock

FREE = TargetSettings.load(
    {"writes_per_10s": 0, "reads_per_10s": 0, "requests_per_60s": 0, "factors_per_s": 0}, "target"
)


class Paced:
    """A limiter with a fake clock; `take` asks for turns one after another."""

    def __init__(self, writes: Budget | None = None, reads: Budget | None = None) -> None:
        self.clock = FakeClock()
        self.limiter = Limiter(self.clock, writes=writes, reads=reads, overall=None, rng=lambda: 1.0)

    async def take(self, times: int = 1, kind: Kind = "write") -> float:
        """The seconds it took."""
        began = self.clock.monotonic()
        for _ in range(times):
            async with self.limiter.slot(kind):
                pass
        return self.clock.monotonic() - began

    def rate(self) -> float:
        """Writes a second aimed at."""
        assert self.limiter.ceiling is not None
        return self.limiter.ceiling


def playing(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(test())


def test_requests_are_spaced_at_99_percent_of_the_limit_after_a_burst_of_five() -> None:
    async def test() -> None:
        paced = Paced(Budget(500, 10.0))
        assert await paced.take(5) == 0
        assert await paced.take(99) == pytest.approx(99 / 49.5)

    playing(test)


def test_without_a_limit_nobody_waits() -> None:
    async def test() -> None:
        clock = FakeClock()
        limiter = published(clock, FREE)
        for _ in range(5000):
            async with limiter.slot("write"):
                pass
        assert clock.slept == []
        assert (limiter.limited, limiter.ceiling, limiter.reason()) == (False, None, "no limit")

    playing(test)


def test_a_request_counts_until_its_reply_and_a_window_longer() -> None:
    async def test() -> None:
        paced = Paced(Budget(3, 10.0))
        release = asyncio.Event()

        async def slow() -> None:
            async with paced.limiter.slot("write"):
                await release.wait()

        held = [asyncio.create_task(slow()) for _ in range(3)]
        await asyncio.sleep(0)
        fourth = asyncio.create_task(paced.take())
        for _ in range(20):
            await asyncio.sleep(0)
        assert not fourth.done(), "three are in flight"
        release.set()
        await asyncio.gather(*held)
        assert await fourth >= 10

    playing(test)


def test_a_429_holds_everybody_for_as_long_as_it_says() -> None:
    async def test() -> None:
        paced = Paced(Budget(500, 10.0), Budget(1000, 10.0))
        paced.limiter.told_429(7.0)
        assert paced.limiter.reason() == "429, retry after 7 s"
        assert await paced.take(kind="read") == pytest.approx(7.0)
        assert await paced.take() == 0
        assert paced.limiter.throttled == 1

    playing(test)


def test_replies_of_one_burst_slow_it_down_once() -> None:
    paced = Paced(Budget(500, 10.0))
    for told in (1.0, 3.0, 2.0):
        paced.limiter.told_429(told)
    assert paced.limiter.throttled == 3
    assert paced.rate() == pytest.approx(49.5 * 0.8)
    assert paced.limiter.reason() == "429, retry after 3 s"


def test_it_goes_on_at_80_percent_and_one_more_each_ten_seconds() -> None:
    async def test() -> None:
        paced = Paced(Budget(500, 10.0))
        paced.limiter.told_429(1.0)
        await paced.take()
        shares = []
        for _ in range(22):
            shares.append(round(paced.rate() / 49.5, 6))
            await paced.clock.sleep(10.0)
        assert shares[:4] == [0.8, 0.81, 0.82, 0.83]
        assert shares[20:] == [1.0, 1.0]

    playing(test)


def test_a_second_429_slows_what_has_recovered() -> None:
    async def test() -> None:
        paced = Paced(Budget(500, 10.0))
        paced.limiter.told_429(0.0)
        await paced.clock.sleep(100.0)
        paced.limiter.told_429(0.0)
        assert paced.rate() / 49.5 == pytest.approx(0.9 * 0.8)
        assert "slowed to 36/s" in paced.limiter.reason()

    playing(test)


def test_without_retry_after_it_backs_off_by_powers_of_two_up_to_thirty() -> None:
    async def test() -> None:
        paced = Paced(Budget(500, 10.0))
        waits = []
        for _ in range(7):
            paced.limiter.told_429(None)
            waits.append(round(await paced.take(), 3))
        assert waits == [1, 2, 4, 8, 16, 30, 30]
        paced.limiter.went_well()
        paced.limiter.told_429(None)
        assert await paced.take() == pytest.approx(1.0)

    playing(test)


def test_no_429_holds_longer_than_an_hour() -> None:
    async def test() -> None:
        paced = Paced(Budget(500, 10.0))
        paced.limiter.told_429(float("inf"))
        assert await paced.take() == pytest.approx(3600.0)

    playing(test)


def test_what_an_earlier_run_sent_counts_for_a_window() -> None:
    async def test() -> None:
        paced = Paced(Budget(500, 10.0))
        paced.limiter.refill(499)
        assert await paced.take() == 0
        assert await paced.take() >= 9.9

    playing(test)


def test_a_persons_ceiling_is_kept_and_can_be_lifted() -> None:
    async def test() -> None:
        paced = Paced(Budget(500, 10.0), Budget(1000, 10.0))
        paced.limiter.throttle(2.0)
        assert (paced.limiter.ceiling, paced.limiter.reason()) == (2.0, "ceiling 2/s")
        await paced.take()
        assert await paced.take(10) == pytest.approx(5.0)
        assert await paced.take(10, "read") < 1, "it is a ceiling of writes"
        paced.limiter.throttle(None)
        assert paced.rate() == 49.5

    playing(test)


def test_a_ceiling_above_the_limit_changes_nothing() -> None:
    paced = Paced(Budget(500, 10.0))
    paced.limiter.throttle(1000.0)
    assert (paced.rate(), paced.limiter.reason()) == (49.5, "within limit")


def test_a_ceiling_that_is_lifted_frees_who_waits_under_it() -> None:
    async def test() -> None:
        paced = Paced()
        paced.limiter.throttle(0.001)
        await paced.take()

        async def lift(kind: Kind) -> None:
            paced.limiter.throttle(None)

        paced.limiter.waiting = lift
        assert await paced.take() <= 0.25

    playing(test)


def test_who_waits_for_a_turn_can_be_told_to_give_up_and_takes_none() -> None:
    class GiveUp(Exception):
        pass

    async def give_up(kind: Kind) -> None:
        raise GiveUp

    async def test() -> None:
        paced = Paced(Budget(500, 10.0))
        await paced.take(5)
        paced.limiter.waiting = give_up
        with pytest.raises(GiveUp):
            await paced.take()
        await paced.clock.sleep(1.0)
        assert await paced.take(5) == 0

    playing(test)


def test_a_request_that_fails_gives_its_turn_back_after_a_window() -> None:
    async def test() -> None:
        paced = Paced(Budget(1, 10.0))
        with pytest.raises(LookupError):
            async with paced.limiter.slot("write"):
                raise LookupError
        assert await paced.take() >= 10.0

    playing(test)
