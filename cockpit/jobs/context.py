"""What a job works with: the writer, the clock, its progress, and what people ask of it."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cockpit.clock import Clock, millis
from cockpit.settings import Settings
from cockpit.state import samples
from cockpit.state.jobs import Command
from cockpit.state.writer import Writer

RATE_WINDOW_S = 10.0
ETA_WINDOW_S = 120.0


class Stopped(Exception):
    """A person asked the job to stop, or it can't go on; raised where work is waited for."""


@dataclass
class Progress:
    """How far a job is. `done` counts what this run did; `before` what earlier runs had done already."""

    done: int = 0
    failed: int = 0
    before: int = 0
    total: int | None = None
    in_flight: int = 0
    reason: str = ""
    waiting: str | None = None
    explain: Callable[[], str | None] = lambda: None
    throttled: Callable[[], int] = lambda: 0
    ceiling: Callable[[], float | None] = lambda: None
    latencies: deque[float] = field(default_factory=lambda: deque(maxlen=2000))
    _marks: deque[tuple[float, int]] = field(default_factory=deque)

    def why(self) -> str:
        """Why it goes as fast as it does, in words."""
        return self.explain() or self.waiting or self.reason

    def waits_for(self, what: str | None) -> None:
        """Hear what the source waits for; None when it goes on."""
        self.waiting = what

    def mark(self, now: float) -> None:
        """Remember where it stands, for the rates."""
        self._marks.append((now, self.done))
        while len(self._marks) > 2 and self._marks[1][0] < now - ETA_WINDOW_S:
            self._marks.popleft()

    def rate(self, window_s: float = RATE_WINDOW_S) -> float | None:
        """Items a second over the window; None while there is too little to tell."""
        if len(self._marks) < 2:
            return None
        end, done = self._marks[-1]
        start, before = next(mark for mark in self._marks if mark[0] >= end - window_s)
        return (done - before) / (end - start) if end > start else None

    def eta_s(self) -> float | None:
        """Seconds left, from the last two minutes' rate; resumed work is not counted as speed."""
        rate = self.rate(ETA_WINDOW_S)
        if not rate or self.total is None:
            return None
        return max(0.0, (self.total - self.before - self.done) / rate)

    def percentiles(self) -> tuple[float | None, float | None]:
        """p50 and p95 of the last requests, in ms."""
        if not self.latencies:
            return None, None
        ordered = sorted(self.latencies)
        return ordered[len(ordered) // 2] * 1000, ordered[len(ordered) * 95 // 100] * 1000


class Steering:
    """What people ask of the job now. Work waits at `gate` while it is paused."""

    def __init__(self) -> None:
        self.command: Command = "run"
        self.rate: float | None = None
        self.on_rate: Callable[[float | None], None] = lambda _: None
        self.stopping = asyncio.Event()
        self._running = asyncio.Event()
        self._running.set()

    def follow(self, command: Command, rate: float | None) -> bool:
        """Take over what the control row says; True when something changed."""
        if self.stopping.is_set():
            command = "stop"
        changed = (command, rate) != (self.command, self.rate)
        if rate != self.rate:
            self.rate = rate
            self.on_rate(rate)
        self.command = command
        if command == "run":
            self._running.set()
        elif command == "pause":
            self._running.clear()
        else:
            self.stop()
        return changed

    def stop(self) -> None:
        """End gracefully: no new work, what is in flight is finished and recorded."""
        self.command = "stop"
        self.stopping.set()
        self._running.set()

    async def gate(self) -> None:
        """Return at once when work may go on, wait while paused. Raises Stopped."""
        if not self._running.is_set():
            await self._running.wait()
        if self.stopping.is_set():
            raise Stopped

    async def sleep(self, seconds: float, clock: Clock) -> None:
        """Wait, but no longer than until a stop. Raises Stopped."""
        nap = asyncio.ensure_future(clock.sleep(seconds))
        stop = asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait({nap, stop}, return_when=asyncio.FIRST_COMPLETED)
        nap.cancel()
        stop.cancel()
        if self.stopping.is_set():
            raise Stopped


@dataclass
class JobContext:
    """Handed to every kind of work."""

    job: int
    args: dict[str, Any]
    operator: str
    state: Path
    settings: Settings
    clock: Clock
    writer: Writer
    config: Path | None = None
    progress: Progress = field(default_factory=Progress)
    steering: Steering = field(default_factory=Steering)

    def now(self) -> int:
        """Wall-clock time in ms, as the state stores it."""
        return millis(self.clock.now())

    async def notice(self, text: str, level: str = "info") -> None:
        """Tell the people who watch."""
        await self.writer.run(samples.notice, self.job, level, text, self.now())

    def latency(self, seconds: float) -> None:
        """Hear how long a request took."""
        self.progress.latencies.append(seconds)


@dataclass(frozen=True)
class Result:
    """How a job ended. `exit` is the command's exit code (CLI contract), `numbers` what it counted."""

    exit: int
    message: str
    hint: str | None = None
    numbers: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The JSON that the job's row keeps."""
        return {"exit": self.exit, "message": self.message, "hint": self.hint, **self.numbers}
