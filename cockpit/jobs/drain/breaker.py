"""The circuit breaker: a consumer that is down is asked once in a while, not by everybody."""

from cockpit.state.tank.standing import BreakerState

TRIP = 10
"""Failures in a row, over all senders, that mean that the consumer is down."""
SHORTEST_S, LONGEST_S = 1.0, 30.0


class Breaker:
    """closed: events go. open: none goes for 1, 2, 4 .. 30 s. half-open: one goes, and what becomes of it
    decides."""

    def __init__(self) -> None:
        self.state: BreakerState = "closed"
        self._failures = 0
        self._pause = SHORTEST_S
        self._until = 0.0

    def ready_at(self, now: float) -> float | None:
        """When the next event may go; None while the one that asks is on its way."""
        match self.state:
            case "closed":
                return now
            case "open":
                return max(now, self._until)
            case "half-open":
                return None

    def sent(self) -> None:
        """An event goes out; the first after a pause asks for all."""
        if self.state == "open":
            self.state = "half-open"

    def succeeded(self) -> None:
        """The consumer answered as one that is up."""
        if self.state != "open":  # an answer to what was sent before it fell
            self.state, self._failures, self._pause = "closed", 0, SHORTEST_S

    def failed(self, now: float) -> bool:
        """It failed, or did not answer. True when that may be the event's fault, and not the consumer's."""
        self._failures += 1
        if self.state == "half-open":
            self._pause = min(LONGEST_S, self._pause * 2)
            self._open(now)
        elif self.state == "closed" and self._failures >= TRIP:
            self._open(now)
        return self.state == "closed"

    def _open(self, now: float) -> None:
        self.state, self._until = "open", now + self._pause
