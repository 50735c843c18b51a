"""Pace: as fast as the target's published limits allow, without ever being told 429.

Servers may count fixed windows, sliding windows or leaking buckets. Two rules satisfy all of them: a GCRA
that spaces requests at 0.99 of the limit with a burst of 5, and a cap that never has more than `limit`
requests counted, where a request counts from its send until its reply plus one window.
"""

import asyncio
import random
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Literal

from cockpit.clock import Clock
from cockpit.settings import TargetSettings

Kind = Literal["read", "write", "general", "factor"]
"""What a request counts as. Only /user_management has budgets of its own for reads and writes; whatever else
is asked for or made is general. Factors are writes that go slower still."""

SHARE = 0.99
BURST = 5
BACKOFF_S = 30.0
LONGEST_HOLD_S = 3600.0
"""However long a 429 says: after that somebody had better look, and one request tells no more than that."""
SLOWER = 0.8
FASTER, FASTER_EVERY_S = 0.01, 10.0
EDGE_S = 0.001
"""A request goes on counting that much longer than a window: servers round at its very end."""


class Budget:
    """One published limit: at most `limit` requests in any `window_s` seconds."""

    def __init__(self, limit: int, window_s: float) -> None:
        self.limit, self._counts_s = limit, window_s + EDGE_S
        self.rate = SHARE * limit / window_s
        self._tat = 0.0
        self._in_flight = 0
        self._ended: deque[float] = deque()

    def ready_at(self, now: float, rate: float) -> float | None:
        """When the next request may go; None: only after one that is in flight has been answered."""
        while self._ended and self._ended[0] + self._counts_s <= now:
            self._ended.popleft()
        paced = max(now, self._tat - (BURST - 1) / rate)
        if self._in_flight + len(self._ended) < self.limit:
            return paced
        if not self._ended:
            return None
        return max(paced, self._ended[0] + self._counts_s)

    def send(self, now: float, rate: float) -> None:
        """Count a request that goes out now."""
        self._tat = max(self._tat, now) + 1 / rate
        self._in_flight += 1

    def answered(self, now: float) -> None:
        """Its reply came, or its time-out; it goes on counting for one window."""
        self._in_flight -= 1
        self._ended.append(now)

    def refill(self, sent: int, now: float) -> None:
        """Count requests that an earlier process sent within the last window."""
        self._ended.extend([now] * min(sent, self.limit))


async def patient(kind: Kind) -> None:
    """Goes on waiting, whatever happens."""


class Limiter:
    """All budgets of one target. One waiter a kind at a time; a 429 holds everybody back."""

    def __init__(
        self,
        clock: Clock,
        *,
        writes: Budget | None,
        reads: Budget | None,
        overall: Budget | None,
        factors: Budget | None = None,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._clock, self._rng = clock, rng
        budgets: dict[Kind, Sequence[Budget | None]] = {
            "write": (writes, overall),
            "read": (reads, overall),
            "general": (overall,),
            "factor": (factors, writes, overall),
        }
        self._budgets = {kind: [one for one in several if one] for kind, several in budgets.items()}
        self._queues = {kind: asyncio.Lock() for kind in budgets}
        self._freed = asyncio.Event()
        self._hold_until = 0.0
        self._tries = 0
        self._factor, self._slowed_at = 1.0, 0.0
        self._ceiling: float | None = None
        self._ceiling_tat = 0.0
        self.waiting: Callable[[Kind], Awaitable[None]] = patient
        """Awaited again and again while a turn is waited for; may wait itself, or raise to give it up."""
        self.throttled = 0
        """How many requests were answered 429."""

    @property
    def limited(self) -> bool:
        """Whether the target's writes are limited at all."""
        return bool(self._budgets["write"])

    @property
    def ceiling(self) -> float | None:
        """Writes a second now aimed at: a person's ceiling or the budget's, None without either."""
        budgets = [self._rate(budget) for budget in self._budgets["write"]]
        return min([*budgets, *([self._ceiling] if self._ceiling else [])], default=None)

    def throttle(self, rate: float | None) -> None:
        """A person's ceiling in writes a second; None leaves it to the budgets."""
        self._ceiling = rate

    def refill(self, sent: int) -> None:
        """Start with `sent` writes already counted, from the journal's last window."""
        for budget in self._budgets["write"]:
            budget.refill(sent, self._clock.monotonic())

    def reason(self) -> str:
        """Why requests wait now, in words."""
        wait = self._hold_until - self._clock.monotonic()
        if wait > 0:
            return f"429, retry after {wait:.0f} s"
        if self._ceiling is not None and self.ceiling == self._ceiling:
            return f"ceiling {self._ceiling:g}/s"
        if self._factor < 1 and self._recovered() < 1:
            return f"slowed to {self.ceiling:.0f}/s after a 429" if self.ceiling else "after a 429"
        return "within limit" if self.limited else "no limit"

    @asynccontextmanager
    async def _slot(self, kind: Kind) -> AsyncIterator[None]:
        budgets = self._budgets[kind]
        async with self._queues[kind]:
            while True:
                self._freed.clear()
                now = self._clock.monotonic()
                at = self._ready_at(kind, now)
                if at is None:
                    await self._freed.wait()
                elif at > now:
                    await self.waiting(kind)
                    # A ceiling may change meanwhile, so a long wait is cut into pieces.
                    await self._clock.sleep(min(at - now, 0.25))
                else:
                    break
            for budget in budgets:
                budget.send(now, self._rate(budget))
            if kind != "read" and self._ceiling:
                self._ceiling_tat = max(self._ceiling_tat, now) + 1 / self._ceiling
        try:
            yield
        finally:
            now = self._clock.monotonic()
            for budget in budgets:
                budget.answered(now)
            self._freed.set()

    def slot(self, kind: Kind) -> AbstractAsyncContextManager[None]:
        """Wait for a turn; the request is sent and answered inside the block."""
        return self._slot(kind)

    def told_429(self, retry_after: float | None) -> None:
        """The target refused a request for its pace: everybody waits, and goes on slower."""
        self.throttled += 1
        now = self._clock.monotonic()
        if retry_after is not None:
            retry_after = min(retry_after, LONGEST_HOLD_S)
        if now < self._hold_until:
            self._hold_until = max(self._hold_until, now + (retry_after or 0.0))
            return
        if retry_after is None:
            retry_after = min(BACKOFF_S, 2.0**self._tries) * (0.5 + 0.5 * self._rng())
        self._tries += 1
        self._hold_until = now + retry_after
        self._factor, self._slowed_at = self._recovered() * SLOWER, self._hold_until

    def went_well(self) -> None:
        """A request was answered otherwise: the next back-off starts small again."""
        self._tries = 0

    def _ready_at(self, kind: Kind, now: float) -> float | None:
        at = max(now, self._hold_until)
        for budget in self._budgets[kind]:
            ready = budget.ready_at(now, self._rate(budget))
            if ready is None:
                return None
            at = max(at, ready)
        if kind != "read" and self._ceiling:
            at = max(at, self._ceiling_tat)
        return at

    def _recovered(self) -> float:
        """The share of the published rate now used: 1 % more every 10 s after it was cut."""
        if self._factor >= 1:
            return 1.0
        since = max(0.0, self._clock.monotonic() - self._slowed_at)
        return min(1.0, self._factor + FASTER * (since // FASTER_EVERY_S))

    def _rate(self, budget: Budget) -> float:
        return budget.rate * self._recovered()


def published(clock: Clock, target: TargetSettings) -> Limiter:
    """The limiter of an environment; 0 stands for no limit (docs: rate limits, AuthKit)."""

    def budget(limit: int, window_s: float) -> Budget | None:
        return Budget(limit, window_s) if limit else None

    return Limiter(
        clock,
        writes=budget(target.writes_per_10s, 10.0),
        reads=budget(target.reads_per_10s, 10.0),
        overall=budget(target.requests_per_60s, 60.0),
        factors=budget(target.factors_per_s, 1.0),
    )
