"""A clock that stands still until a test moves it."""

from cockpit.sandbox.clock import Clock


class ManualClock(Clock):
    """Time that passes by `advance`, and by sleeping at once."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    def monotonic(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds

    def advance(self, seconds: float) -> None:
        """Let that much time pass."""
        self._now += seconds
