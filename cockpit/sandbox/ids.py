"""Identifiers as WorkOS makes them: a prefix and a ULID, so that ids sort by time of creation."""

from cockpit.sandbox.clock import Clock

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(milliseconds: int, serial: int) -> str:
    """26 characters of Crockford base 32: 48 bits of time, then the serial number."""
    value = milliseconds << 80 | serial
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


class Ids:
    """Hands out ids that only grow, even when the clock steps back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._now = 0
        self._time = (0, "")
        self._serial = 0

    def now_ms(self) -> int:
        """The current time in milliseconds, never earlier than what was said before."""
        self._now = max(self._now, int(self._clock.now() * 1000))
        return self._now

    def next(self, prefix: str) -> str:
        """`prefix`, an underscore and a new ULID."""
        now = self.now_ms()
        if now != self._time[0]:
            self._time = (now, ulid(now, 0)[:10])
        self._serial += 1
        # Hexadecimal digits are a subset of the alphabet: enough for order and uniqueness, and quick.
        return f"{prefix}_{self._time[1]}{self._serial:016X}"
