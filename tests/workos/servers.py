"""Simulated targets that count requests as WorkOS might, and senders that keep to a limiter."""

import asyncio
import heapq
import math
import random
from collections import deque
from collections.abc import Coroutine
from typing import Any, Protocol

from cockpit.workos.limiter import Kind, Limiter
from tests.clocks import FakeClock, settle


class Server(Protocol):
    """A limit as some server enforces it."""

    def admits(self, now: float) -> bool:
        """Whether a request that arrives now is answered; else it is a 429."""
        ...


class Fixed:
    """So many in each window, the windows one after another from some moment on."""

    def __init__(self, limit: int, window_s: float, phase: float = 0.0) -> None:
        self.limit, self.window_s, self.phase = limit, window_s, phase
        self._window, self._count = -math.inf, 0

    def admits(self, now: float) -> bool:
        window = (now - self.phase) // self.window_s
        if window != self._window:
            self._window, self._count = window, 0
        self._count += 1
        return self._count <= self.limit


class Sliding:
    """So many in any window."""

    def __init__(self, limit: int, window_s: float, phase: float = 0.0) -> None:
        self.limit, self.window_s = limit, window_s
        self._times: deque[float] = deque()

    def admits(self, now: float) -> bool:
        while self._times and self._times[0] <= now - self.window_s:
            self._times.popleft()
        self._times.append(now)
        return len(self._times) <= self.limit


class Leaky:
    """A bucket that holds a window's worth and leaks steadily."""

    def __init__(self, limit: int, window_s: float, phase: float = 0.0) -> None:
        self.limit, self.rate = limit, limit / window_s
        self._level, self._at = 0.0, 0.0

    def admits(self, now: float) -> bool:
        self._level = max(0.0, self._level - (now - self._at) * self.rate) + 1
        self._at = now
        return self._level <= self.limit


class LateClock(FakeClock):
    """Every sleep lasts a little longer than asked for, as timers do."""

    def __init__(self, rng: random.Random, late_s: float) -> None:
        super().__init__(auto=False)
        self._rng, self._late_s = rng, late_s

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds + self._rng.uniform(0.0, self._late_s))

    def wake_next(self) -> None:
        """Go on to the next moment at which somebody wakes."""
        assert self._sleepers, "everybody waits for somebody else"
        at, _, sleeper = heapq.heappop(self._sleepers)
        self._move(max(0.0, at - self._monotonic))
        if not sleeper.done():
            sleeper.set_result(None)


async def send(
    limiter: Limiter, clock: LateClock, server: Server, kind: Kind, rng: random.Random, delay_s: float
) -> bool:
    """One request: half of its time is the way there. Whether it was admitted."""
    async with limiter.slot(kind):
        way = rng.uniform(0.0, delay_s) / 2
        await clock.sleep(way)
        admitted = server.admits(clock.monotonic())
        await clock.sleep(way)
    if not admitted:
        limiter.told_429(None)
    return admitted


def run(clock: LateClock, work: Coroutine[Any, Any, None], most_s: float = 3600.0) -> float:
    """Move time until the work is done; the seconds it took."""

    async def main() -> float:
        began, task = clock.monotonic(), asyncio.create_task(work)
        while True:
            await settle(8)
            if task.done():
                break
            clock.wake_next()
            assert clock.monotonic() - began < most_s, "it comes to no end"
        await task
        return clock.monotonic() - began

    return asyncio.run(main())
