"""The board at one moment: every connection with where it stands, its waves, flips and proxies."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from cockpit.connections.board import Column
from cockpit.jobs.rollout import evidence
from cockpit.jobs.rollout.evidence import Weighed
from cockpit.rollout.flip import OPEN
from cockpit.rollout.freeze import spaced
from cockpit.rollout.rules import RolloutSettings
from cockpit.rollout.waves import Member, baked_at, pending
from cockpit.state import events
from cockpit.state.rollout import flips, logins, proxies, routes, waves
from cockpit.state.rollout.flips import Flip
from cockpit.state.rollout.proxies import Confirmation
from cockpit.state.rollout.routes import BoardRow
from cockpit.state.rollout.waves import Wave

DAY_MS, MINUTE_MS = 86_400_000, 60_000
TREND_MIN = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A connection on the board. `weighed` is None where its logins never went to WorkOS.

    `last_event` and `last_login` (ms): the newest event of WorkOS, the newest login that the proxy counted.
    """

    row: BoardRow
    wave: str | None
    flip: Flip | None
    weighed: Weighed | None
    certificate_days: int | None
    last_event: tuple[int, str] | None
    last_login: int | None

    @property
    def connection(self) -> str:
        """Its external id."""
        return self.row.described.route.connection

    @property
    def column(self) -> Column:
        """Where it stands."""
        return self.row.described.route.column


@dataclass(frozen=True, slots=True)
class WaveLine:
    """A wave with its connections, and what it waits for (None: nothing, or it is not running)."""

    wave: Wave
    members: tuple[Member, ...]
    pending: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything the board shows. `share`: users whose logins are at WorkOS, of all on the board.

    `closed`: why nobody may flip anything just now, None when the calendar is open.
    """

    at: int
    lines: tuple[Line, ...]
    columns: Mapping[Column, int]
    waves: tuple[WaveLine, ...]
    confirmation: Confirmation
    share: float
    closed: str | None
    known_until: int | None

    @property
    def open_flips(self) -> list[Flip]:
        """Flips that wait for something."""
        return [line.flip for line in self.lines if line.flip is not None and line.flip.stage in OPEN]


def read(
    state: sqlite3.Connection, rollout: sqlite3.Connection, rules: RolloutSettings, now: int
) -> Overview:
    """Read it all; nothing is changed."""
    newest, of_wave = flips.newest_of_all(rollout), waves.waves_of(rollout)
    lines = tuple(
        line(state, rollout, row, newest.get(ident), of_wave.get(ident), rules, now)
        for row in routes.board(rollout)
        for ident in [row.described.route.connection]
    )
    users = sum(each.row.described.users for each in lines)
    there = sum(each.row.described.users for each in lines if each.row.described.route.side() == "workos")
    standing = events.standing(state)
    return Overview(
        at=now,
        lines=lines,
        columns=routes.counts(rollout),
        waves=tuple(wave_line(rollout, wave, now) for wave in waves.listed(rollout)),
        confirmation=proxies.confirmation(rollout, now),
        share=there / users if users else 0.0,
        closed=rules.closed(now / 1000) or spaced(flips.last_flipped_at(rollout), now, rules.spacing_min),
        known_until=standing.seen_until if standing else None,
    )


def line(
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    row: BoardRow,
    flip: Flip | None,
    wave: str | None,
    rules: RolloutSettings,
    now: int,
) -> Line:
    """One connection."""
    route, until = row.described.route, row.described.certificate_until
    weighed = None
    if route.target_id is not None and flip is not None and flip.flipped_at is not None:
        weighed = evidence.weigh(state, rollout, route.target_id, flip, rules, now)
    last = events.last_of(state, route.target_id) if route.target_id else None
    return Line(
        row=row,
        wave=wave,
        flip=flip,
        weighed=weighed,
        certificate_days=None if until is None else (until - now) // DAY_MS,
        last_event=(last.at, last.name) if last else None,
        last_login=logins.newest(rollout, route.connection),
    )


def trend(state: sqlite3.Connection, target_id: str, now: int) -> list[tuple[int, int]]:
    """(succeeded, failed or timed out) a minute over the last hour, the newest last."""
    first = (now // MINUTE_MS - TREND_MIN + 1) * MINUTE_MS
    found = events.by_minute(state, target_id, first)
    told = (found.get(first + n * MINUTE_MS) for n in range(TREND_MIN))
    return [(each.succeeded, each.failed + each.timed_out) if each else (0, 0) for each in told]


def wave_line(rollout: sqlite3.Connection, wave: Wave, now: int) -> WaveLine:
    """One wave."""
    members = waves.members(rollout, wave.name)
    waits = None
    if wave.started_at is not None and wave.state == "running":
        waits = pending(members, baked_at(members, wave.started_at, wave.bake_s, wave.held_s), now)
    return WaveLine(wave, tuple(members), waits)
