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
    standing = events.standing(state)
    known_until, before = standing.seen_until if standing else None, baseline(rollout, flip)

    def gathered(begin: int) -> Evidence:
        return gather(state, rollout, target_id, flip.connection, begin, before, known_until)

    whole = gathered(since)
    judged = judge(whole, rules.limits, now)
    recent = now - round(rules.window_min * MINUTE_MS)
    if recent > since:
        late = judge(gathered(recent), rules.limits, now)
        if late.verdict != "inconclusive":
            judged = late
    return Weighed(whole, judged)


def baseline(rollout: sqlite3.Connection, flip: Flip) -> Baseline:
    """How its logins fared at legacy before the flip, as the proxy counted."""
    told = logins.sums(rollout, flip.connection, until=flip.flipped_at)
    refused = told.get(("legacy", "refused"), 0) + told.get(("legacy", "error"), 0)
    return Baseline(told.get(("legacy", "ok"), 0), refused)


def gather(
    state: sqlite3.Connection,
    rollout: sqlite3.Connection,
    target_id: str,
    ident: str,
    since: int,
    before: Baseline,
    known_until: int | None,
) -> Evidence:
    """Everything that was counted of its logins from then (ms) on."""
    counts = events.since(state, target_id, since)
    proxied = logins.sums(rollout, ident, since)
    return Evidence(
        started=counts.started,
        succeeded=counts.succeeded,
        failed=counts.failed,
        timed_out=counts.timed_out,
        codes=events.failures(state, target_id, since) if counts.failed else {},
        handed=proxied.get(("workos", "sent"), 0),
        fell_back=sum(n for (_, outcome), n in proxied.items() if outcome == "fallback"),
        baseline=before,
        known_until=known_until,
    )
