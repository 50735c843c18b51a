"""The drain's pace: a token bucket that rises by a ramp, falls when the consumer suffers, and has a lid.

Additive increase, multiplicative decrease: each second in which the consumer is well allows a little more;
one in which it answers 429 or 5xx, slowly or not at all cuts the pace, once a second at most. Whatever the
pace, no more than the limit is counted at a time, where a request counts from its send until its reply and a
second: so no second at the consumer, wherever it begins, has more.
"""

from collections import deque

START = 1.0
"""Events a second at which a ramp begins, and below which no suffering brings the pace."""
SHARE = 0.99
BURST_S = 0.1
"""So much may be made up for when a timer woke late."""
COUNTS_S = 1.001
RECOVERY_S = 30.0
"""In so many seconds the pace rises from nothing to the limit where no ramp was asked for."""
HALVED, SLOWED = 0.5, 0.8
LONGEST_HOLD_S = 3600.0
SMOOTHING = 0.1


class Pace:
    """`limit`: events a second at most. `ramp_s`: seconds from START to the limit (0: at once). `slow_s`: a
    mean latency above it is suffering. Times are monotonic seconds."""

    def __init__(self, limit: float, ramp_s: float, slow_s: float, now: float) -> None:
        self.limit, self._asked, self._ramp_s, self._slow_s = limit, limit, ramp_s, slow_s
        self.rate = min(START, limit) if ramp_s else limit
        """Events a second that are allowed now."""
        self.held_until = 0.0
        self._tat = 0.0
        self._raised_at, self._cut_at = now, now - 1.0
        self._mean_s = 0.0
        self._in_flight = 0
        self._ended: deque[float] = deque()

    def throttle(self, limit: float | None) -> None:
        """A person's limit from now on; None: that of the start."""
        self.limit = self._asked if limit is None else limit
        self.rate = min(self.rate, self.limit)

    def ready_at(self, now: float) -> float | None:
        """When the next event may go; None: only after one that is in flight has been answered."""
        while self._ended and self._ended[0] + COUNTS_S <= now:
            self._ended.popleft()
        burst = max(0.0, BURST_S - 1 / self.rate)
        at = max(now, self._tat - burst, self.held_until)
        if self._in_flight + len(self._ended) < max(1, int(self.limit)):
            return at
        return max(at, self._ended[0] + COUNTS_S) if self._ended else None

    def sent(self, now: float) -> None:
        """One goes out now."""
        self._tat = max(self._tat, now) + 1 / (SHARE * self.rate)
        self._in_flight += 1

    def answered(self, now: float, seconds: float, well: bool) -> None:
        """Its reply came after so long, or its time-out; `well`: neither 429 nor 5xx nor silence."""
        self._in_flight -= 1
        self._ended.append(now)
        self._mean_s += SMOOTHING * (seconds - self._mean_s)
        if not well:
            self._cut(now, HALVED)
        elif self._mean_s > self._slow_s:
            self._cut(now, SLOWED)
        else:
            self._raise(now)

    def hold(self, now: float, seconds: float) -> None:
        """The consumer asks everybody to wait that long (Retry-After)."""
        self.held_until = max(self.held_until, now + min(seconds, LONGEST_HOLD_S))

    def _cut(self, now: float, factor: float) -> None:
        self._raised_at = now
        if now - self._cut_at >= 1.0:
            self._cut_at = now
            self.rate = max(min(START, self.limit), self.rate * factor)

    def _raise(self, now: float) -> None:
        slope = self.limit / (self._ramp_s or RECOVERY_S)
        self.rate = min(self.limit, self.rate + slope * min(1.0, now - self._raised_at))
        self._raised_at = now
