"""What goes wrong on the way, at the rates of `--faults none|some|many`, decided by a seeded generator."""

import random
from enum import Enum

from cockpit.sandbox.config import FaultLevel

_FACTOR: dict[FaultLevel, int] = {"none": 0, "some": 1, "many": 5}
BAD_RECORDS = 0.005
"""The share of source records that the target refuses, at `some`."""
BURST_SECONDS = 1.0


class Fault(Enum):
    """One thing that happens to one request."""

    UNAVAILABLE = "unavailable"
    """503 with a JSON body."""
    HTML = "html"
    """502 with a page of HTML."""
    RESET = "reset"
    """The connection is cut before anything is done."""
    LOST = "lost"
    """Everything is done, then the connection is cut: the caller can't know."""
    BURST = "burst"
    """429, to this request and to all others of the next second."""
    SLOW = "slow"
    """An answer that takes up to a second."""


_SHARES = {
    Fault.UNAVAILABLE: 0.01,
    Fault.HTML: 0.005,
    Fault.RESET: 0.005,
    Fault.LOST: 0.01,
    Fault.BURST: 0.0005,
    Fault.SLOW: 0.01,
}


def bad_share(level: FaultLevel) -> float:
    """The share of source records made bad at this level."""
    return BAD_RECORDS * _FACTOR[level]


class Faults:
    """Decides for each request whether something goes wrong."""

    def __init__(self, seed: int, level: FaultLevel) -> None:
        self._random = random.Random(seed)
        self._burst_until = 0.0
        self.level = level
        self.injected = dict.fromkeys(Fault, 0)

    def draw(self, now: float) -> Fault | None:
        """The fault of this request, None for most."""
        factor = _FACTOR[self.level]
        if not factor:
            return None
        fault = Fault.BURST if now < self._burst_until else self._roll(factor)
        if fault is None:
            return None
        if fault is Fault.BURST and now >= self._burst_until:
            self._burst_until = now + BURST_SECONDS
        self.injected[fault] += 1
        return fault

    def delay(self) -> float:
        """How long a slow answer takes, in seconds."""
        return self._random.uniform(0.1, 1.0)

    def _roll(self, factor: int) -> Fault | None:
        point = self._random.random()
        for fault, share in _SHARES.items():
            point -= share * factor
            if point < 0:
                return fault
        return None
