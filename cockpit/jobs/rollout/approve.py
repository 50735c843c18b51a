"""A second person's word: that somebody else flips a connection, or starts a wave."""

import sqlite3
from collections.abc import Sequence

from cockpit.rollout.gates import HOUR_MS
from cockpit.rollout.rules import RolloutSettings
from cockpit.state.database import transaction
from cockpit.state.rollout import approvals


def approve(
    rollout: sqlite3.Connection, subjects: Sequence[str], operator: str, rules: RolloutSettings, now: int
) -> int:
    """Agree to all of these, connections or `waves.subject`, once; returns until when that counts (ms)."""
    until = now + round(rules.approval_hours * HOUR_MS)
    with transaction(rollout):
        for subject in subjects:
            approvals.approve(rollout, subject, operator, now, until)
    return until
