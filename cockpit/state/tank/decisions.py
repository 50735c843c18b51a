"""What a person decides about held events: audited in the state, done in the tank."""

import sqlite3
from collections import Counter
from collections.abc import Sequence

from cockpit.state import audit
from cockpit.state.database import transaction
from cockpit.state.tank import counts, deliveries


def held(tank: sqlite3.Connection, sources: Sequence[str]) -> Counter[str]:
    """Held events of these sources by class, those of which there were any at some time."""
    found: Counter[str] = Counter()
    for (source, type_), one in counts.by_class(tank).items():
        if source in sources:
            found[type_] += one.held
    return found


def discard(
    tank: sqlite3.Connection,
    state: sqlite3.Connection,
    sources: Sequence[str],
    classes: Sequence[str],
    *,
    operator: str,
    reason: str,
    now: int,
) -> int:
    """Held events of these sources and classes are not sent; returns how many.

    They stay in the file, marked. The decision is in the audit trail before the first one is.
    """
    before = held(tank, sources)
    wanted = {type_: before[type_] for type_ in classes}
    with transaction(state):
        audit.record(
            *(state, operator, "webhooks.discard", ", ".join(classes), now), before=str(wanted), why=reason
        )
    gone = 0
    after: int | None = 0
    while after is not None:
        with transaction(tank):
            some, after = deliveries.discard(tank, sources, classes, after, now, reason)
        gone += some
    return gone


def redrive(
    tank: sqlite3.Connection,
    state: sqlite3.Connection,
    ids: Sequence[int] | None,
    *,
    operator: str,
    now: int,
) -> int:
    """Dead letters, all or these, are held again; returns how many."""
    with transaction(tank):
        moved = deliveries.redrive(tank, ids)
    subject = ", ".join(map(str, ids)) if ids is not None else "all"
    with transaction(state):
        audit.record(state, operator, "webhooks.redrive", subject, now, after=f"{moved} held")
    return moved
