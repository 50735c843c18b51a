"""The board as the screen has it: connections, waves, flips, proxies, and how logins went of late."""

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from cockpit.connections.board import CUTOVER
from cockpit.jobs.rollout import overview
from cockpit.jobs.rollout.overview import DAY_MS, MINUTE_MS, TREND_MIN, Line, Overview
from cockpit.rollout.health import blind
from cockpit.rollout.route import AT_WORKOS, Side
from cockpit.rollout.rules import RolloutSettings
from cockpit.state.database import open_readonly
from cockpit.state.rollout import ROLLOUT, beside, flips, proxies, readable, routes, traffic, waves
from cockpit.state.rollout.proxies import Proxy
from cockpit.state.rollout.traffic import Outcome

CELLS = 6
"""A trend has so many, of ten minutes each."""
BAD: tuple[Outcome, ...] = ("refused", "error")
"""Outcomes at legacy that are no login."""

Day = Mapping[tuple[str, Side, Outcome], int]


class Logins(NamedTuple):
    """How logins of a connection went: at WorkOS since its flip, at legacy over the last day."""

    succeeded: int
    failed: int
    trend: tuple[tuple[int, int], ...]
    """(succeeded, failed) of each ten minutes of the last hour, the newest last."""


@dataclass(frozen=True, slots=True)
class Board:
    """The board at one moment. `proxies`: those that reported lately. `blind`: why the evidence is not to be
    had, empty where it is."""

    overview: Overview
    logins: Mapping[str, Logins]
    proxies: tuple[Proxy, ...]
    blind: str = ""

    @property
    def lines(self) -> Sequence[Line]:
        """Every connection."""
        return self.overview.lines

    def line(self, ident: str | None) -> Line | None:
        """The one of that id."""
        return next((line for line in self.lines if line.connection == ident), None)

    def users(self, side: str) -> int:
        """Users whose logins are answered there: workos, legacy or manual."""
        return sum(each.row.described.users for each in self.lines if CUTOVER[each.column] == side)


def read(state: sqlite3.Connection, path: Path, rules: RolloutSettings, now: int) -> Board | None:
    """All of it; None while there is no board. Raises StateError."""
    if not beside(path).exists():
        return None
    with closing(open_readonly(beside(path), kind=ROLLOUT)) as rollout:
        found = overview.read(state, rollout, rules, now)
        day = traffic.since(rollout, (now - DAY_MS) // MINUTE_MS)
        return Board(
            found,
            {line.connection: _logins(state, rollout, line, day, now) for line in found.lines},
            (*found.confirmation.confirmed, *found.confirmation.waiting),
            _blindness(found, rules),
        )


def again(known: Board, path: Path, now: int) -> Board:
    """The same with what proxies say now: cheap enough for each moment."""
    with closing(open_readonly(beside(path), kind=ROLLOUT)) as rollout:
        told = proxies.confirmation(rollout, now)
    found = replace(known.overview, confirmation=told)
    return replace(known, overview=found, proxies=(*told.confirmed, *told.waiting))


def bare(path: Path, rules: RolloutSettings, now: int, why: str) -> Board | None:
    """What rollout.db alone tells, while the state can't be read: enough to take logins back by."""
    rollout = readable(path)
    if rollout is None:
        return None
    with closing(rollout):
        newest, of_wave = flips.newest_of_all(rollout), waves.waves_of(rollout)
        found = Overview(
            at=now,
            lines=tuple(
                Line(row, of_wave.get(ident), newest.get(ident), None, None, None, None)
                for row in routes.board(rollout)
                for ident in [row.described.route.connection]
            ),
            columns=routes.counts(rollout),
            waves=tuple(overview.wave_line(rollout, wave, now) for wave in waves.listed(rollout)),
            confirmation=proxies.confirmation(rollout, now),
            share=0.0,
            closed=rules.closed(now / 1000),
            known_until=None,
        )
    told = found.confirmation
    return Board(found, {}, (*told.confirmed, *told.waiting), f"no evidence: {why}")


def _blindness(found: Overview, rules: RolloutSettings) -> str:
    if not any(found.columns[column] for column in AT_WORKOS):
        return ""
    if not blind(found.known_until, rules.limits.blind_ms, found.at):
        return ""
    return "the events of WorkOS are not followed: by rule nothing goes forward or back"


def _logins(state: sqlite3.Connection, rollout: sqlite3.Connection, line: Line, day: Day, now: int) -> Logins:
    """Of its side: what WorkOS told of those that are there, what legacy answered to those that are not."""
    ident, target_id = line.connection, line.row.described.route.target_id
    if line.column in AT_WORKOS and target_id is not None:
        minutes = overview.trend(state, target_id, now)
        if line.weighed is None:
            return Logins(0, 0, _folded(minutes))
        told = line.weighed.evidence
        return Logins(told.succeeded, told.failed + told.timed_out, _folded(minutes))
    first = now // MINUTE_MS - TREND_MIN + 1
    minutes = [(0, 0)] * TREND_MIN
    for cell, n in traffic.of(rollout, ident, first):
        if cell.side == "legacy" and cell.minute < first + TREND_MIN:
            good, bad = minutes[cell.minute - first]
            minutes[cell.minute - first] = (
                good + n * (cell.outcome == "ok"),
                bad + n * (cell.outcome in BAD),
            )
    return Logins(
        day.get((ident, "legacy", "ok"), 0),
        sum(day.get((ident, "legacy", outcome), 0) for outcome in BAD),
        _folded(minutes),
    )


def _folded(minutes: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    each = TREND_MIN // CELLS
    parts = (minutes[at : at + each] for at in range(0, len(minutes), each))
    return tuple((sum(good for good, _ in part), sum(bad for _, bad in part)) for part in parts)
