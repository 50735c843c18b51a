"""The breaker: when the target is down, everybody waits and one probe asks whether it is back."""

import asyncio
from collections.abc import Awaitable, Callable

from cockpit.clock import Clock
from cockpit.jobs.context import Steering

TRIP = 10
"""Failures in a row, over all senders, that mean that the target is down."""
LONGEST_S = 30.0


class Breaker:
    """Closed while the target answers. Opens after TRIP failures in a row, then probes at 1, 2, 4 .. 30 s."""

    def __init__(
        self,
        probe: Callable[[], Awaitable[bool]],
        say: Callable[[str, str], Awaitable[None]],
        steering: Steering,
        clock: Clock,
    ) -> None:
        self._probe, self._say, self._steering, self._clock = probe, say, steering, clock
        self._failures = 0
        self._probing: asyncio.Task[None] | None = None
        self.reason: str | None = None
        """Why everybody waits, while it is open."""

    def succeeded(self) -> None:
        """The target answered something that makes sense."""
        self._failures = 0

    async def failed(self, why: str) -> bool:
        """Note a failure; True when it counts against the record, False when the target was down.

        Returns once the target is back. Raises Stopped.
        """
        self._failures += 1
        if self._probing is None and self._failures >= TRIP:
            self._probing = asyncio.create_task(self._until_back(why))
        if self._probing is None:
            return True
        await asyncio.shield(self._probing)
        return False

    async def closed(self) -> None:
        """Return at once while the target answers, else when it is back. Raises Stopped."""
        if self._probing is not None:
            await asyncio.shield(self._probing)

    async def _until_back(self, why: str) -> None:
        pause = 1.0
        self.reason = f"target is down ({why})"
        await self._say(self.reason, "error")
        try:
            while True:
                self.reason = f"target is down ({why}), asking every {pause:.0f} s"
                await self._steering.sleep(pause, self._clock)
                if await self._probe():
                    await self._say("target is back", "info")
                    return
                pause = min(LONGEST_S, pause * 2)
        finally:
            self._failures, self._probing, self.reason = 0, None, None
