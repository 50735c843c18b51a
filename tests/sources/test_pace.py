"""No provider's published limit is ever passed, however it counts, and little below it is left."""

import asyncio
from pathlib import Path

import pytest

from cockpit.sandbox import standins
from cockpit.sandbox.config import RateWindow, SandboxConfig
from cockpit.sandbox.limits import window
from cockpit.sources._pace import Pace
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
