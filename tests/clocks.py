"""Clocks that tests move by hand, or that move on by themselves, shared by everybody."""

import asyncio
import heapq
import itertools

from cockpit.clock import SystemClock
from cockpit.jobs.telemetry import TICK_S


class FakeClock:
    """Time stands still until it is moved.

    With `auto` (the default) a sleep moves it at once and returns, so that minutes of back-off take no
    time. Without, sleepers wait for `advance`. `slept` lists what was asked for.
    """

    def __init__(self, now: float = 1_800_000_000.0, *, auto: bool = True) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._auto = auto
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.slept: list[float] = []

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if self._auto:
            self._move(max(0.0, seconds))
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._monotonic + seconds, next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        """Move time, waking each sleeper at its own moment, in order."""
        until = self._monotonic + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            at, _, future = heapq.heappop(self._sleepers)
            self._move(max(0.0, at - self._monotonic))
            if not future.done():
                future.set_result(None)
            await settle()
        self._move(until - self._monotonic)

    def set_wall(self, now: float) -> None:
        """Set the wall clock alone, as an operator or NTP may."""
        self._now = now

    def _move(self, seconds: float) -> None:
        self._now += seconds
        self._monotonic += seconds


class LeapingClock(SystemClock):
    """The machine's time, or that which goes on from `now`; leaps over waits longer than a job's pulse."""

    def __init__(self, now: float | None = None) -> None:
        self._leapt, self._ahead = 0.0, 0.0 if now is None else now - super().now()

    def now(self) -> float:
        return super().now() + self._ahead + self._leapt

    def monotonic(self) -> float:
        return super().monotonic() + self._leapt

    async def sleep(self, seconds: float) -> None:
        if seconds <= TICK_S:
            await super().sleep(seconds)
        else:
            self._leapt += seconds
            await asyncio.sleep(0)


async def settle(turns: int = 20) -> None:
    """Let everything that can run do so."""
    for _ in range(turns):
        await asyncio.sleep(0)
