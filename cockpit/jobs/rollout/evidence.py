"""What is known of a connection's logins: WorkOS's events, the proxy's counts, and how legacy did before."""

import sqlite3
from dataclasses import dataclass

from cockpit.rollout.health import Baseline, Evidence, Judged, judge
from cockpit.rollout.rules import RolloutSettings
from cockpit.state import events
from cockpit.state.rollout import logins
from cockpit.state.rollout.flips import Flip

MINUTE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Weighed:
    """A connection's evidence since its flip, and what it amounts to."""

    evidence: Evidence
    judged: Judged


def weigh(
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    target_id: str,
    flip: Flip,
    rules: RolloutSettings,
    now: int,
) -> Weighed:
    """Judge a connection whose logins are at WorkOS.

    Long after the flip the last window decides where it can, so that what breaks later goes back as well.
    """
    since = flip.flipped_at or now
    whole = gather(state, rollout, target_id, flip, since)
    judged = judge(whole, rules.limits, now)
    recent = now - round(rules.window_min * MINUTE_MS)
    if recent > since:
        late = judge(gather(state, rollout, target_id, flip, recent), rules.limits, now)
        if late.verdict != "inconclusive":
            judged = late
    return Weighed(whole, judged)


def gather(
    state: sqlite3.Connection, rollout: sqlite3.Connection, target_id: str, flip: Flip, since: int
) -> Evidence:
    """Everything that was counted of its logins from then (ms) on."""
    counts = events.since(state, target_id, since)
    standing = events.standing(state)
    before = logins.sums(rollout, flip.connection, until=flip.flipped_at)
    after = logins.sums(rollout, flip.connection, since)
    refused = before.get(("legacy", "refused"), 0) + before.get(("legacy", "error"), 0)
    return Evidence(
        started=counts.started,
        succeeded=counts.succeeded,
        failed=counts.failed,
        timed_out=counts.timed_out,
        codes=events.failures(state, target_id, since) if counts.failed else {},
        handed=after.get(("workos", "sent"), 0),
        fell_back=sum(n for (_, outcome), n in after.items() if outcome == "fallback"),
        baseline=Baseline(before.get(("legacy", "ok"), 0), refused),
        known_until=standing.seen_until if standing else None,
    )
