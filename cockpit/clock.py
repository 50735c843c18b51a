"""Time as a dependency: jobs and tests are handed a Clock and nothing else asks what time it is."""

import time
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """What the rest of cockpit may ask about time."""

    def now(self) -> float:
        """Wall-clock time, seconds since the epoch."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary point; never goes back, shared by all processes of one boot."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()

    def monotonic(self) -> float:
        return time.clock_gettime(time.CLOCK_MONOTONIC)

    async def sleep(self, seconds: float) -> None:
        import asyncio  # 40 ms that a command which never waits does not need

        await asyncio.sleep(seconds)


def boot_id() -> str:
    """The identity of this boot: monotonic readings compare only within one.

    Empty where the kernel does not tell (/proc/sys/kernel/random/boot_id is Linux's).
    """
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def millis(seconds: float) -> int:
    """Seconds as the whole milliseconds that the state database stores."""
    return round(seconds * 1000)
