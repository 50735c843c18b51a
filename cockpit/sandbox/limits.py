"""WorkOS's published budgets, counted in fixed or in sliding windows (documentation: rate limits)."""

import math
from collections import Counter, deque
from typing import Literal, Protocol

from cockpit.sandbox.config import Limits, RateWindow

Kind = Literal["write", "read", "organization_delete", "other"]

WRITES, READS, DELETES, ALL = "writes_10s", "reads_10s", "organization_deletes_60s", "all_60s"
PUBLISHED: dict[str, tuple[int, float]] = {
    WRITES: (500, 10.0),
    READS: (1000, 10.0),
    DELETES: (50, 60.0),
    ALL: (6000, 60.0),
}
EmailBudget = Literal["sign_in_60s", "reset_60s"]
EACH_EMAIL: dict[EmailBudget, tuple[int, float]] = {"sign_in_60s": (10, 60.0), "reset_60s": (3, 60.0)}
"""POST /user_management/authenticate and /user_management/password_reset, for each e-mail."""

_BUDGETS: dict[Kind, tuple[str, ...]] = {
    "write": (WRITES, ALL),
    "read": (READS, ALL),
    "organization_delete": (DELETES, ALL),
    "other": (ALL,),
}


class Window(Protocol):
    """One budget. A refused request is not counted."""

    def wait(self, now: float) -> float:
        """Seconds until there is room; 0 when there is room now."""

    def take(self, now: float) -> None:
        """Count one request."""


class FixedWindow:
    """The count starts anew at every multiple of `seconds`."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit, self._seconds = limit, seconds
        self._window, self._count = -1.0, 0

    def wait(self, now: float) -> float:
        """Seconds until the next window, when this one is full."""
        window = now // self._seconds
        if window != self._window:
            self._window, self._count = window, 0
        return 0.0 if self._count < self._limit else (window + 1) * self._seconds - now

    def take(self, now: float) -> None:
        """Count one request."""
        self._count += 1


class SlidingWindow:
    """Never more than `limit` in any span of `seconds`."""

    def __init__(self, limit: int, seconds: float) -> None:
        self._limit, self._seconds = limit, seconds
        self._times: deque[float] = deque()

    def wait(self, now: float) -> float:
        """Seconds until the oldest counted request leaves the span, when it is full."""
        times = self._times
        while times and times[0] <= now - self._seconds:
            times.popleft()
        return 0.0 if len(times) < self._limit else self._seconds - (now - times[0])

    def take(self, now: float) -> None:
        """Count one request."""
        self._times.append(now)


class Peak:
    """The most requests ever seen in a span of `seconds`, whether they were answered or refused."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._times: deque[float] = deque()
        self.most = 0

    def see(self, now: float) -> None:
        """Note one request."""
        times = self._times
        times.append(now)
        while times[0] <= now - self._seconds:
            times.popleft()
        if len(times) > self.most:
            self.most = len(times)


def window(kind: RateWindow, limit: int, seconds: float) -> Window:
    """A budget of that kind."""
    return SlidingWindow(limit, seconds) if kind == "sliding" else FixedWindow(limit, seconds)


class Budgets:
    """The budgets of one environment, what they refused and the peaks they saw."""

    def __init__(self, limits: Limits, kind: RateWindow) -> None:
        self._enforced = limits == "published"
        self._kind = kind
        self._windows = {name: window(kind, *size) for name, size in PUBLISHED.items()}
        self._emails: dict[tuple[EmailBudget, str], Window] = {}
        self.peaks = {name: Peak(seconds) for name, (_, seconds) in PUBLISHED.items()}
        self.refused: Counter[str] = Counter()

    def admit(self, kind: Kind, now: float) -> int:
        """0 when the request may pass (and is counted), else whole seconds to wait."""
        names = _BUDGETS[kind]
        for name in names:
            self.peaks[name].see(now)
        if not self._enforced:
            return 0
        for name in names:
            wait = self._windows[name].wait(now)
            if wait > 0:
                self.refused[name] += 1
                return math.ceil(wait)
        for name in names:
            self._windows[name].take(now)
        return 0

    def admit_source(self, quota: Window, now: float) -> float:
        """0 when a source's own budget lets the request pass (and it is counted), else seconds to wait."""
        if not self._enforced:
            return 0.0
        wait = quota.wait(now)
        if wait > 0:
            self.refused["source"] += 1
        else:
            quota.take(now)
        return wait

    def admit_email(self, name: EmailBudget, email: str, now: float) -> int:
        """That budget of one e-mail; as `admit`."""
        if not self._enforced:
            return 0
        budget = self._emails.setdefault((name, email), window(self._kind, *EACH_EMAIL[name]))
        wait = budget.wait(now)
        if wait > 0:
            self.refused[name] += 1
            return math.ceil(wait)
        budget.take(now)
        return 0
