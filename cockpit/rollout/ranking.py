"""Connections in the order of what could go wrong, the least first. Pure.

A connection risks its users; an IdP of a make that has not gone before risks surprises; so do warnings of
the check, and a certificate that ends soon, whose change falls into the move.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log10

from cockpit.words import DAY_MS, counted, ends

SOON_DAYS, PLAN_DAYS = 30, 90


@dataclass(frozen=True, slots=True)
class Candidate:
    """A connection to be ranked. `warnings`: findings of its check; `certificate_until` in ms."""

    connection: str
    users: int = 0
    idp: str | None = None
    warnings: int = 0
    certificate_until: int | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A connection with its risk (0 is none) and what it is made of, in words."""

    connection: str
    risk: float
    reasons: tuple[str, ...]


def rank(candidates: Iterable[Candidate], proven: Iterable[str], now: int) -> list[Ranked]:
    """The least risk first. `proven`: makes of IdPs whose logins are at WorkOS already.

    Whoever goes makes the way easier for the next of the same make, so they are chosen one by one.
    """
    left = sorted(candidates, key=lambda each: each.connection)
    seen = set(proven)
    found: list[Ranked] = []
    while left:
        best = min(left, key=lambda each: _judge(each, seen, now).risk)
        found.append(_judge(best, seen, now))
        left.remove(best)
        if best.idp is not None:
            seen.add(best.idp)
    return found


def _judge(candidate: Candidate, seen: set[str], now: int) -> Ranked:
    parts = [(log10(candidate.users + 1), counted(candidate.users, "user"))]
    if candidate.idp not in seen:
        parts.append((1.0, f"first {candidate.idp}" if candidate.idp else "IdP of unknown make"))
    if candidate.warnings:
        parts.append((0.5 * candidate.warnings, counted(candidate.warnings, "warning")))
    if candidate.certificate_until is not None:
        left = (candidate.certificate_until - now) // DAY_MS
        if left < PLAN_DAYS:
            risk = 2.0 if left < SOON_DAYS else 1.0
            parts.append((risk, f"certificate {ends(candidate.certificate_until, now)}"))
    return Ranked(candidate.connection, sum(risk for risk, _ in parts), tuple(words for _, words in parts))
