"""Purge: no body of a webhook stays when the migration is done; what became of each does."""

import sqlite3

from cockpit.state.database import StateError
from cockpit.state.tank import counts, deliveries
from cockpit.state.tank.tap import TARGET

WHY = "its body was purged"


def purge(connection: sqlite3.Connection, now: int) -> int:
    """Remove all headers and bodies, in the caller's transaction; returns how many events had one.

    Dead letters and the target's own events, which can't be sent any more, count as discarded from then on.
    Raises StateError while events of an old provider wait for a decision or are on their way.
    """
    found = counts.by_class(connection)
    undecided = sum(
        one.of("sending") + (one.held if source != TARGET else 0) for (source, _), one in found.items()
    )
    if undecided:
        raise StateError(
            f"webhooks are held and would be lost ({undecided:,}); decide first: cockpit webhooks drain, "
            "or cockpit webhooks discard"
        )
    deliveries.redrive(connection)
    sources, types = {source for source, _ in found}, {type_ for _, type_ in found}
    after: int | None = 0
    while after is not None:
        _, after = deliveries.discard(connection, [*sources], [*types], after, now, WHY)
    return connection.execute("delete from bodies").rowcount
