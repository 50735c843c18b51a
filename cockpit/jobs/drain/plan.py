"""What a drain would send, counted before anything is sent, and whether its address can be one."""

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from cockpit.jobs.drain.choices import Choices, preview
from cockpit.state.tank import arrivals, counts
from cockpit.state.tank.counts import LEFT_OUT, LeftOut


@dataclass(frozen=True, slots=True)
class Line:
    """A class of events: how many are held (in flight ones among them), how many each choice alone would
    leave out, and how many the choices that were made leave to send."""

    type: str
    held: int
    left_out: Mapping[LeftOut, int]
    to_send: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The most frequent class first."""

    lines: tuple[Line, ...]

    @property
    def held(self) -> int:
        """All events that are held."""
        return sum(line.held for line in self.lines)

    @property
    def to_send(self) -> int:
        """All events that would be sent."""
        return sum(line.to_send for line in self.lines)

    def left_out(self, reason: LeftOut) -> int:
        """How many of all the choice for that reason alone would leave out."""
        return sum(line.left_out[reason] for line in self.lines)


def plan(tank: sqlite3.Connection, state: sqlite3.Connection | None, chosen: Choices) -> Plan:
    """Of what is held now. Without a state nothing is stale."""
    alone = preview(tank, state, Choices(chosen.sources, coalesce=True))
    alone += preview(tank, state, Choices(chosen.sources, skip_stale=True))
    gone: Counter[str] = Counter()
    for (type_, _), n in preview(tank, state, chosen).items():
        gone[type_] += n
    held: Counter[str] = Counter()
    for (source, type_), found in counts.by_class(tank).items():
        if source in chosen.sources:
            held[type_] += found.held + found.of("sending")
    return Plan(
        tuple(
            Line(type_, n, {reason: alone[type_, reason] for reason in LEFT_OUT}, n - gone[type_])
            for type_, n in held.most_common()
            if n
        )
    )


def eta_s(events: int, rate: float, ramp_s: float) -> float:
    """Seconds at that rate, its ramp included."""
    risen = rate * ramp_s / 2
    return (2 * events * ramp_s / rate) ** 0.5 if events < risen else ramp_s + (events - risen) / rate


def refusal(tank: sqlite3.Connection, to: str) -> str | None:
    """Why nothing can be drained to an address; None when it can."""
    try:
        address = urlsplit(to)
        host, port = address.hostname, address.port
    except ValueError:
        return f"{to!r} is no URL"
    if address.scheme not in ("http", "https") or not host:
        return f"an http(s) URL is needed, not {to!r}"
    if f"{host}:{port}" in arrivals.listens_at(tank).values():
        return f"{to} is the tank itself"
    return None
