"""What the watch decides by, read at one moment without holding anybody up."""

import sqlite3

from cockpit.jobs.rollout import evidence, overview
from cockpit.rollout.flip import OPEN
from cockpit.rollout.health import Judged, blind
from cockpit.rollout.route import AT_WORKOS
from cockpit.rollout.rules import RolloutSettings
from cockpit.rollout.steps import Group, Known, Standing
from cockpit.rollout.waves import AT_WORK
from cockpit.state import events
from cockpit.state.rollout import flips, proxies, routes, waves
from cockpit.state.rollout.flips import Flip
from cockpit.state.rollout.waves import Wave

NOT_YET = Judged("inconclusive", "not flipped")


def read(state: sqlite3.Connection, rollout: sqlite3.Connection, rules: RolloutSettings, now: int) -> Known:
    """Every connection with a flip that counts, and every wave that is under way."""
    under_way = [wave for wave in waves.listed(rollout) if wave.state in AT_WORK]
    places = {
        member.connection: place
        for wave in under_way
        for place, member in enumerate(waves.members(rollout, wave.name))
    }
    standings = [
        standing
        for found in flips.newest_of_all(rollout).values()
        if (standing := _standing(state, rollout, found, rules, now)) is not None
    ]
    standings.sort(key=lambda one: (one.wave is not None, places.get(one.connection, 0), one.flip))
    told = events.standing(state)
    return Known(
        standings=standings,
        waves=[_group(rollout, wave, now) for wave in under_way],
        confirmed=not proxies.confirmation(rollout, now).waiting,
        blind=blind(told.seen_until if told else None, rules.limits.blind_ms, now),
        at=now,
    )


def _group(rollout: sqlite3.Connection, wave: Wave, now: int) -> Group:
    pending = overview.wave_line(rollout, wave, now).pending
    return Group(wave.name, wave.state, wave.resumed_at or wave.started_at or now, pending)


def _standing(
    state: sqlite3.Connection, rollout: sqlite3.Connection, found: Flip, rules: RolloutSettings, now: int
) -> Standing | None:
    """None for a flip that is over, unless a wave still counts it as failed."""
    route = routes.one(rollout, found.connection).described.route
    at_work = found.stage in OPEN or (found.stage == "live" and route.column in AT_WORKOS)
    if not at_work and not (found.stage == "failed" and found.wave is not None):
        return None
    judged, codes = NOT_YET, frozenset[str]()
    if route.target_id is not None and found.flipped_at is not None:
        weighed = evidence.weigh(state, rollout, route.target_id, found, rules, now)
        judged, codes = weighed.judged, frozenset(weighed.evidence.codes)
    return Standing(
        found.connection, route.column, found.id, found.stage, found.flipped_at, judged, codes, found.wave
    )
