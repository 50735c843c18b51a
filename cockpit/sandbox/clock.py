"""Time as a dependency, so that a test can let a minute or a day pass at once."""

import asyncio
import time
from datetime import UTC, datetime


class Clock:
    """The machine's time."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never go backward, for windows."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait without blocking the loop."""
        await asyncio.sleep(seconds)


def iso(milliseconds: int) -> str:
    """The instant as ISO 8601 with milliseconds and Z, as WorkOS and Auth0 write it."""
    seconds, fraction = divmod(milliseconds, 1000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:03d}Z"


def from_iso(text: str) -> int:
    """Milliseconds of an ISO 8601 instant; ValueError when it is none."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)
