"""Reading a provider no faster than it publishes: requests go evenly, one after another."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cockpit.clock import Clock
from cockpit.transport import Note, quiet
from cockpit.workos.limiter import Budget


class Pace:
    """At most `limit` requests in any `window_s` seconds, 0 being no limit; a few may go at once.

    A reply's Retry-After is waited out by `Retrying`; the next attempt takes a turn here as well. `note`
    hears what a turn waits for, and None with the first that need not wait.
    """

    def __init__(self, clock: Clock, limit: int, window_s: float, *, note: Note = quiet) -> None:
        self._clock, self._note = clock, note
        self._budget = Budget(limit, window_s) if limit else None
        self._why = f"the provider's limit, {limit} requests in {window_s:.0f} s"

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn; the request is sent and answered inside the block."""
        budget = self._budget
        if budget is None:
            yield
            return
        now = self._clock.monotonic()
        at = budget.ready_at(now, budget.rate)
        assert at is not None, "requests go one after another"
        self._note(self._why if at > now else None)
        if at > now:
            await self._clock.sleep(at - now)
        budget.send(self._clock.monotonic(), budget.rate)
        try:
            yield
        finally:
            budget.answered(self._clock.monotonic())
