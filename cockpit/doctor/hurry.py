"""Time for a check: whatever would wait long is given up."""

from cockpit.clock import Clock


class OutOfPatience(Exception):
    """A wait would have ended too late."""


class Hurry:
    """A Clock by which nobody sleeps beyond `patience_s` from its making."""

    def __init__(self, clock: Clock, patience_s: float) -> None:
        self._clock = clock
        self._until = clock.monotonic() + patience_s

    def now(self) -> float:
        """The clock's."""
        return self._clock.now()

    def monotonic(self) -> float:
        """The clock's."""
        return self._clock.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Sleep, or raise OutOfPatience at once."""
        if self.monotonic() + seconds > self._until:
            raise OutOfPatience
        await self._clock.sleep(seconds)
