"""Whether webhooks bring what the Events API shows: the same ids, good signatures, how late, what is missing.

WorkOS's webhooks have the ids of its events, come in any order and may come twice (documentation: events).
"""

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN = 20
"""Ids that are named of those missing."""


@dataclass(frozen=True, slots=True)
class Followed:
    """An event as the Events API shows it; when it happened in ms."""

    id: str
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Delivered:
    """An event that came by webhook with a good signature; when it arrived in ms."""

    id: str
    name: str
    at: int


@dataclass(frozen=True, slots=True)
class Flow:
    """What a comparison came to; lags in ms from when it happened until it came.

    `missing`: followed, never delivered. `unknown`: delivered, though the Events API does not show it.
    `refused`: for how many reasons requests were not let in, such as no good signature. `pending`: so young
    that either side may still come. The lists name the oldest first.
    """

    matched: int
    missing: tuple[Followed, ...]
    unknown: tuple[Delivered, ...]
    refused: int
    pending: int
    lag_p50: int | None
    lag_p95: int | None

    @property
    def flows(self) -> bool:
        """Whether something came, and nothing speaks against it."""
        return bool(self.matched) and not (self.missing or self.unknown or self.refused)

    def words(self) -> str:
        """In one line."""
        parts = ["nothing came both ways yet"]
        if self.matched:
            lags = f"lag p50 {_seconds(self.lag_p50)}, p95 {_seconds(self.lag_p95)}"
            parts = [f"{self.matched:,} events came both ways", lags]
        gaps = {
            "not by webhook": len(self.missing),
            "by webhook only": len(self.unknown),
            "sent and not let in, for so many reasons": self.refused,
            "too young to tell": self.pending,
        }
        return "; ".join([*parts, *(f"{n:,} {what}" for what, n in gaps.items() if n)])

    def numbers(self) -> dict[str, int | None]:
        """For a program; lags in ms."""
        return {
            "matched": self.matched,
            "missing": len(self.missing),
            "unknown": len(self.unknown),
            "refused": self.refused,
            "pending": self.pending,
            "lag_p50": self.lag_p50,
            "lag_p95": self.lag_p95,
        }


def compare(
    followed: Iterable[Followed],
    delivered: Iterable[Delivered],
    *,
    names: frozenset[str],
    since: int,
    until: int,
    refused: int = 0,
) -> Flow:
    """Compare what happened in that time (ms); what is younger counts as pending, what is older as no gap.

    Only events of these names are: the others are not followed. One that came twice counts as it came first.
    """
    shown = {event.id: event for event in followed if event.name in names}
    came: dict[str, Delivered] = {}
    for event in sorted(delivered, key=lambda event: event.at):
        if event.name in names:
            came.setdefault(event.id, event)
    lags = sorted(max(0, came[ident].at - shown[ident].at) for ident in shown.keys() & came.keys())
    lone, strange = shown.keys() - came.keys(), came.keys() - shown.keys()
    missing = sorted((shown[ident] for ident in lone if since <= shown[ident].at <= until), key=_when)
    unknown = sorted((came[ident] for ident in strange if came[ident].at <= until), key=_when)
    return Flow(
        matched=len(lags),
        missing=tuple(missing),
        unknown=tuple(unknown),
        refused=refused,
        pending=sum(shown[ident].at > until for ident in lone) + len(strange) - len(unknown),
        lag_p50=_percentile(lags, 50),
        lag_p95=_percentile(lags, 95),
    )


def _when(event: Followed | Delivered) -> tuple[int, str]:
    return event.at, event.id


def _percentile(ordered: list[int], percent: int) -> int | None:
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] if ordered else None


def _seconds(milliseconds: int | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds / 1000:.1f} s"
