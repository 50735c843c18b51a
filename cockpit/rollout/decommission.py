"""Whether the legacy handler may go: everything at WorkOS for a business cycle, and nobody came by. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple

from cockpit.connections.board import Column
from cockpit.rollout.route import AT_WORKOS
from cockpit.rules.markdown import escaped, table
from cockpit.words import DAY_MS, counted

Verdict = Literal["ready", "wait", "blocked"]


@dataclass(frozen=True, slots=True)
class Standing:
    """A connection; `moved_at` (ms): when it was last moved, None if never."""

    connection: str
    organization: str
    column: Column
    moved_at: int | None


class Proof(NamedTuple):
    """What speaks for taking legacy down, and what against. Times are ms.

    `since`: from when on every connection that moves is at WorkOS, None while one is not. `counted_from`:
    since when the proxy counts. `legacy`: logins that legacy had to take in the cycle, by connection; ""
    those of no known one.
    """

    verdict: Verdict
    reasons: tuple[str, ...]
    since: int | None
    counted_from: int | None
    legacy: Mapping[str, int]
    cycle_days: float
    standings: Sequence[Standing]
    at: int


def prove(
    standings: Sequence[Standing],
    legacy: Mapping[str, int],
    counted_from: int | None,
    cycle_days: float,
    now: int,
) -> Proof:
    """Judge it. Connections that customers set up anew (manual) have no place in it but by their traffic."""
    moving = [one for one in standings if one.column != "manual"]
    away = [one for one in moving if one.column not in AT_WORKOS]
    since = None if away or not moving else max(one.moved_at or now for one in moving)
    taken = {ident: n for ident, n in legacy.items() if n}
    blocked = [*_blocked(moving, away, taken, counted_from)]
    waits = [] if blocked else [*_waits(since, counted_from, cycle_days, now)]
    verdict: Verdict = "blocked" if blocked else "wait" if waits else "ready"
    return Proof(verdict, (*blocked, *waits), since, counted_from, taken, cycle_days, tuple(standings), now)


def _blocked(
    moving: Sequence[Standing], away: Sequence[Standing], taken: Mapping[str, int], counted_from: int | None
) -> Iterator[str]:
    if not moving:
        yield "no connection has moved"
    if away:
        yield f"{len(away)} of {len(moving)} connections are not at WorkOS"
    if taken:
        who = counted(len(taken), "connection")
        yield f"legacy took {counted(sum(taken.values()), 'login')} of {who} within the cycle"
    if counted_from is None:
        yield "no proxy has counted: nobody knows whether legacy is used"


def _waits(since: int | None, counted_from: int | None, cycle_days: float, now: int) -> Iterator[str]:
    for what, begun in (("all are at WorkOS", since), ("the proxy counts", counted_from)):
        if begun is not None and now - begun < cycle_days * DAY_MS:
            yield f"{what} for {(now - begun) / DAY_MS:.1f} of {cycle_days:g} days"


def render(proof: Proof) -> str:
    """The proof as Markdown, for a change ticket."""
    head = [
        "# Decommissioning the legacy handler",
        f"**{proof.verdict}**" + (f": {escaped('; '.join(proof.reasons))}" if proof.reasons else ""),
        "\n".join(
            [
                f"- written: {_time(proof.at)} UTC",
                f"- every connection at WorkOS since: {_time(proof.since)}",
                f"- logins counted since: {_time(proof.counted_from)}",
                f"- business cycle: {proof.cycle_days:g} days",
            ]
        ),
        "## Connections",
        table(
            ("connection", "organization", "where", "moved", "at legacy"),
            [
                (
                    *(one.connection, one.organization, one.column, _time(one.moved_at)),
                    proof.legacy.get(one.connection, 0),
                )
                for one in proof.standings
            ],
            right="legacy",
        ),
    ]
    known = {one.connection for one in proof.standings}
    if unknown := sum(n for ident, n in proof.legacy.items() if ident not in known):
        head.append(f"Logins of no known connection at legacy: {unknown:,}")
    return "\n\n".join(head) + "\n"


def _time(milliseconds: int | None) -> str:
    if milliseconds is None:
        return "-"
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%d %H:%M}"
