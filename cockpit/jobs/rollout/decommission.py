"""The proof that legacy may go, out of routes and the proxy's counts."""

import sqlite3

from cockpit.rollout import decommission
from cockpit.rollout.decommission import Proof, Standing
from cockpit.rollout.rules import RolloutSettings
from cockpit.state.rollout import logins, routes
from cockpit.words import DAY_MS

UNDER_WAY_MS = 600_000
"""So long a login may take."""


def read(rollout: sqlite3.Connection, rules: RolloutSettings, now: int) -> Proof:
    """As things stand now. What legacy took is counted over the cycle, or since its last move if less.

    A login that began at legacy before its flip may end there for ten minutes more.
    """
    standings = [
        Standing(
            row.described.route.connection,
            row.described.route.organization,
            row.described.route.column,
            row.moved_at,
        )
        for row in routes.board(rollout)
    ]
    cycle = now - round(rules.decommission_days * DAY_MS)
    moved = {one.connection: one.moved_at for one in standings}
    legacy = {
        ident: logins.taken_by_legacy(rollout, ident, max(cycle, (moved.get(ident) or cycle) + UNDER_WAY_MS))
        for ident in logins.connections(rollout) | moved.keys()
    }
    return decommission.prove(standings, legacy, logins.counted_since(rollout), rules.decommission_days, now)
