"""No provider's published limit is ever passed, however it counts, and little below it is left."""

import asyncio
from collections.abc import Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from cockpit.sandbox import standins
from cockpit.sandbox.config import RateWindow, SandboxConfig
from cockpit.sandbox.limits import window
from cockpit.sources._pace import Pace
from cockpit.transport import Response, Retrying, Unwell
from tests.clocks import FakeClock
from tests.sandbox.inside import Sandbox, inside
from tests.sources.memos import FakeMemo, opened

LIMITS = [(150, 60.0), (100, 60.0), (200, 60.0), (100, 10.0)]
"""Stytch's consumer and B2B searches, Descope's, and those of Clerk's development keys."""


def sent(requests: int, limit: int, window_s: float, kind: RateWindow, reply_s: float) -> tuple[int, float]:
    """(refused, seconds) of that many requests, each answered after `reply_s`."""
    clock = FakeClock()
    server = window(kind, limit, window_s)
    pace = Pace(clock, limit, window_s)

    async def work() -> int:
        refused = 0
        for _ in range(requests):
            async with pace.turn():
                refused += server.wait(clock.monotonic()) > 0
                server.take(clock.monotonic())
                await clock.sleep(reply_s)
        return refused

    began = clock.monotonic()
    refused = asyncio.run(work())
    return refused, clock.monotonic() - began


@pytest.mark.parametrize("reply_s", [0.0, 0.15, 9.0])
@pytest.mark.parametrize("kind", ["fixed", "sliding"])
@pytest.mark.parametrize(("limit", "window_s"), LIMITS)
def test_the_limit_is_kept_and_used(limit: int, window_s: float, kind: RateWindow, reply_s: float) -> None:
    requests = 5 * limit
    refused, took = sent(requests, limit, window_s, kind, reply_s)
    assert refused == 0
    assert took <= max(requests * window_s / limit, requests * reply_s) * 1.02


def test_a_few_requests_wait_for_nothing_and_more_go_evenly() -> None:
    clock = FakeClock()
    pace = Pace(clock, 100, 99.0)

    async def work() -> None:
        for _ in range(8):
            async with pace.turn():
                pass

    asyncio.run(work())
    assert clock.slept == pytest.approx([1.0, 1.0, 1.0])


def test_why_it_waits_is_told_until_it_need_not() -> None:
    clock = FakeClock()
    told: list[str | None] = []
    pace = Pace(clock, 100, 99.0, note=told.append)

    async def work() -> None:
        for _ in range(6):
            async with pace.turn():
                pass
        await clock.sleep(99.0)
        async with pace.turn():
            pass

    asyncio.run(work())
    assert told == [*[None] * 5, "the provider's limit, 100 requests in 99 s", None]


def test_without_a_limit_nothing_waits() -> None:
    clock = FakeClock()
    pace = Pace(clock, 0, 60.0)

    async def work() -> None:
        for _ in range(1000):
            async with pace.turn():
                pass

    asyncio.run(work())
    assert clock.slept == []


@pytest.mark.parametrize("kind", ["fixed", "sliding"])
@pytest.mark.parametrize(("limit", "window_s"), LIMITS)
def test_the_limit_is_kept_and_used_by_many_at_once(limit: int, window_s: float, kind: RateWindow) -> None:
    clock = FakeClock(auto=False)
    server = window(kind, limit, window_s)
    pace = Pace(clock, limit, window_s)
    refused = 0

    async def ask() -> None:
        nonlocal refused
        async with pace.turn():
            refused += server.wait(clock.monotonic()) > 0
            server.take(clock.monotonic())
            await clock.sleep(9.0)

    began = clock.monotonic()
    passing(clock, [ask() for _ in range(3 * limit)], step_s=1.0)
    assert refused == 0
    # Each slot is held for the window and for as long as its reply takes.
    assert clock.monotonic() - began <= 3 * (window_s + 9.0) + 1.0


def passing(clock: FakeClock, work: Sequence[Coroutine[Any, Any, None]], *, step_s: float) -> None:
    """Do all of it side by side, as time passes."""

    async def main() -> None:
        tasks = [asyncio.create_task(one) for one in work]
        while not all(task.done() for task in tasks):
            await clock.advance(step_s)
        await asyncio.gather(*tasks)

    asyncio.run(main())


class Throttling:
    """A provider that refuses until `until`, asked by many chains whose replies take 50 ms."""

    def __init__(self, until_s: float, headers: dict[str, str], chains: int = 16) -> None:
        self.clock = FakeClock(auto=False)
        self.notes: list[str | None] = []
        self.asked: list[float] = []
        self._began = self.clock.monotonic()
        self._until, self._headers, self._chains = until_s, headers, chains
        self._pace = Pace(self.clock, note=self.notes.append, rng=lambda: 1.0)
        self._retrying = Retrying(self.clock, rng=lambda: 1.0)

    def run(self, requests: int = 3) -> None:
        """So many requests of each chain."""
        passing(self.clock, [self._chain(requests) for _ in range(self._chains)], step_s=0.05)

    async def _chain(self, requests: int) -> None:
        for _ in range(requests):
            await self._retrying(self._ask)

    async def _ask(self) -> None:
        async with self._pace.turn():
            at = self.clock.monotonic() - self._began
            self.asked.append(round(at, 3))
            await self.clock.sleep(0.05)
            if at < self._until:
                reply = Response(400, headers=self._headers)
                raise Unwell("it", "too many requests", "wait", response=reply)


def test_a_throttle_holds_all_chains_back_and_then_one_goes_alone() -> None:
    throttling = Throttling(20.0, {})
    throttling.run()
    first, alone, rest = throttling.asked[:16], throttling.asked[16:21], throttling.asked[21:]
    assert first == [0.0] * 16
    # Those that were in flight are all refused, which counts once: it waits 1, 2, 4, 8 and 16 s.
    assert alone == pytest.approx([1.05, 3.1, 7.15, 15.2, 31.25])
    assert len(rest) == 16 * 3 - 1 and min(rest) == pytest.approx(31.3)
    assert "throttled, retry after 8 s" in throttling.notes


def test_what_a_throttle_asks_for_is_waited_out_by_all() -> None:
    throttling = Throttling(0.5, {"retry-after": "7"})
    throttling.run()
    assert throttling.asked[:16] == [0.0] * 16
    assert throttling.asked[16] == pytest.approx(7.55)
    assert len(throttling.asked) == 16 + 16 * 3


def test_a_request_that_is_given_up_leaves_its_place_to_another() -> None:
    clock = FakeClock(auto=False)
    pace = Pace(clock, 1, 10.0)
    sent: list[float] = []

    async def hang() -> None:
        async with pace.turn():
            sent.append(clock.monotonic())
            await asyncio.Event().wait()

    async def main() -> None:
        one, other = asyncio.create_task(hang()), asyncio.create_task(hang())
        await clock.advance(30.0)
        assert len(sent) == 1
        one.cancel()
        await clock.advance(11.0)
        assert len(sent) == 2
        other.cancel()

    asyncio.run(main())


PUBLISHED = {"stytch": 150, "stytch_b2b": 100, "descope": 200}


async def refusals(sandbox: Sandbox, source: str, requests: int) -> tuple[int, float]:
    """(times that the stand-in refused, seconds) until so many requests were answered."""
    provider = standins.provider(source)
    began = sandbox.clock.now()
    table = dict(standins.find(source).table(sandbox.base_url))
    reading = await opened(provider, table, FakeMemo(), sandbox.clock)
    try:
        while sandbox.world.requests[source] < requests:
            await reading.count()
    finally:
        await reading.close()
    return sandbox.world.budgets.refused["source"], sandbox.clock.now() - began


@pytest.mark.parametrize("kind", ["fixed", "sliding"])
@pytest.mark.parametrize("source", PUBLISHED)
def test_a_source_is_never_refused_by_a_stand_in_that_enforces_its_limit(
    source: str, kind: RateWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(sandbox: Sandbox) -> None:
        for name, value in standins.find(source).environment(sandbox.base_url, Path()).items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv(f"{standins.provider(source).upper()}_REQUESTS_PER_60S")
        refused, took = await refusals(sandbox, source, PUBLISHED[source] + 20)
        assert refused == 0
        assert took == pytest.approx(60.0 * (PUBLISHED[source] + 20) / PUBLISHED[source], rel=0.05)

    inside(SandboxConfig(source=source, users=2, rate_window=kind), test)


@pytest.mark.parametrize("source", PUBLISHED)
def test_without_a_pace_it_is_refused_and_waits_until_it_may(
    source: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def test(sandbox: Sandbox) -> None:
        for name, value in standins.find(source).environment(sandbox.base_url, Path()).items():
            monkeypatch.setenv(name, value)
        refused, took = await refusals(sandbox, source, PUBLISHED[source] + 20)
        assert refused > 0
        assert took < 120.0

    inside(SandboxConfig(source=source, users=2), test)
