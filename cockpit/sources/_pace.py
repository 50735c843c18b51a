"""Reading a provider no faster than it publishes: whoever reads, requests go evenly."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from math import inf

from cockpit.clock import Clock
from cockpit.transport import Note, Unwell, pause, quiet
from cockpit.workos.limiter import Budget

SOON_S = 1e-6
"""A wait as short as this is a rounding error of the clock."""


class Pace:
    """At most `limit` requests in any `window_s` seconds, 0 being no limit; a few may go at once.

    All chains of a source share it: a reply of too many requests (429, or what its provider says instead)
    holds all of them back, for as long as it asks or else ever longer; then one request goes alone, and the
    others once it is answered well. `note` hears what a turn waits for, `why` if given, and None with the
    first that need not wait.
    """

    def __init__(
        self,
        clock: Clock,
        limit: int = 0,
        window_s: float = 1.0,
        *,
        why: str | None = None,
        note: Note = quiet,
        rng: Callable[[], float] = random.random,
    ) -> None:
        self._clock, self._note, self._rng = clock, note, rng
        self._budget = Budget(limit, window_s) if limit else None
        self._why = why or f"the provider's limit, {limit} requests in {window_s:.0f} s"
        self._queue, self._answered = asyncio.Lock(), asyncio.Event()
        self._held_until, self._refusals = 0.0, 0
        self._in_flight = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn; the request is sent and answered inside the block, which may raise Unwell."""
        async with self._queue:
            await self._ready()
            sent = self._clock.monotonic()
            self._in_flight += 1
            if self._budget:
                self._budget.send(sent, self._budget.rate)
        try:
            yield
            if sent >= self._held_until:
                self._refusals = 0
        except Unwell as failure:
            self._hold(failure)
            raise
        finally:
            self._in_flight -= 1
            if self._budget:
                self._budget.answered(self._clock.monotonic())
            self._answered.set()

    async def _ready(self) -> None:
        waited = False
        while (wait_s := self._wait_s()) > SOON_S:
            waited = True
            held = self._held_until - self._clock.monotonic()
            self._note(f"throttled, retry after {held:.0f} s" if held > 0 else self._why)
            if wait_s < inf:
                await self._clock.sleep(wait_s)
            else:
                self._answered.clear()
                await self._answered.wait()
        if not waited:
            self._note(None)

    def _wait_s(self) -> float:
        """Seconds until the next request may go; inf: only after one that is in flight has been answered."""
        if self._refusals and self._in_flight:
            return inf
        now = self._clock.monotonic()
        at = self._budget.ready_at(now, self._budget.rate) if self._budget else now
        return inf if at is None else max(at, self._held_until) - now

    def _hold(self, failure: Unwell) -> None:
        """Too many requests: hold everybody back. Those in flight that are told the same add nothing."""
        if failure.response is None or failure.response.status_code >= 500:
            return
        now = self._clock.monotonic()
        if now >= self._held_until:
            self._refusals += 1
            self._held_until = now + pause(failure, self._refusals, self._clock.now(), self._rng)
        failure.again_s = self._held_until - now
