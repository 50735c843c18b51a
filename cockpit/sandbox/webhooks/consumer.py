"""An application's webhook endpoint that falls over above a rate, and remembers all it was sent."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.sandbox.clock import Clock
from cockpit.sandbox.web import Json
from cockpit.sandbox.webhooks import signing


@dataclass
class Consumer:
    """Takes up to `limit` requests in any second. One more topples it: 503 for `toppled_s`, then well again.

    An id is taken once; what is taken again is a double. `sequence` in a body must grow for each user.
    """

    clock: Clock
    limit: int = 0
    toppled_s: float = 5.0
    scheme: str = "none"
    secret: str = ""
    latency_s: float = 0.0
    refuse_users: frozenset[str] = frozenset()
    refuse_status: int = 422
    retry_after: int | None = None
    requests: int = 0
    doubles: int = 0
    unsigned: int = 0
    topples: int = 0
    out_of_order: int = 0
    replays: int = 0
    seen: set[str] = field(default_factory=set)
    per_second: Counter[int] = field(default_factory=Counter)
    order: list[str] = field(default_factory=list)
    _down_until: float = 0.0
    _window: list[float] = field(default_factory=list)
    _first: int = 0
    _last: dict[str, int] = field(default_factory=dict)

    @property
    def toppled(self) -> bool:
        """Whether it lies on the ground now."""
        return self.clock.monotonic() < self._down_until

    async def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """One request; the status to answer."""
        now = self.clock.monotonic()
        self.requests += 1
        self.per_second[int(self.clock.now())] += 1
        if self._over(now):
            return 503
        if self.latency_s:
            await asyncio.sleep(self.latency_s)
        if not signing.holds(self.scheme, self.secret, headers, body, self.clock.now()):
            self.unsigned += 1
            return 401
        return self._taken(headers, json.loads(body))

    def _over(self, now: float) -> bool:
        if now < self._down_until:
            return True
        if not self.limit:
            return False
        self._window.append(now)
        while self._window[self._first] <= now - 1:
            self._first += 1
        if self._first > 10_000:
            del self._window[: self._first]
            self._first = 0
        if len(self._window) - self._first <= self.limit:
            return False
        self.topples += 1
        self._down_until = now + self.toppled_s
        self._window, self._first = [], 0
        return True

    def _taken(self, headers: Mapping[str, str], event: Json) -> int:
        named = (headers.get(name) for name in ("svix-id", "webhook-id", "Cockpit-Event-Id"))
        ident = next(filter(None, named), None) or str(event.get("id"))
        data = event["data"]
        user = str(data.get("user_id") or data.get("id"))
        if user in self.refuse_users:
            return self.refuse_status
        self.replays += "Cockpit-Replay" in headers
        if ident in self.seen:
            self.doubles += 1
            return 200
        self.seen.add(ident)
        self.order.append(ident)
        sequence = int(event.get("sequence", 0))
        if sequence < self._last.get(user, -1):
            self.out_of_order += 1
        self._last[user] = max(sequence, self._last.get(user, -1))
        return 200

    def record(self) -> Json:
        """What it was sent: counts, and requests by second."""
        return {
            "requests": self.requests,
            "taken": len(self.seen),
            "doubles": self.doubles,
            "unsigned": self.unsigned,
            "out_of_order": self.out_of_order,
            "replays": self.replays,
            "topples": self.topples,
            "toppled": self.toppled,
            "per_second": sorted(self.per_second.items()),
        }
