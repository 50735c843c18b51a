"""target new: an empty journal over the same export, so that a rehearsal becomes the real run."""

from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.jobs import lock
from cockpit.jobs.launch import JobRefused
from cockpit.state import audit, meta
from cockpit.state.database import open_state, transaction
from cockpit.state.start_over import start_over


def new(state: Path, *, operator: str, clock: Clock) -> int:
    """Forget the target: every user is ready again, errors and diffs go, export and mapping stay.

    Returns how many users are ready. Raises JobRefused while a job writes to the target, StateError.
    """
    if lock.is_held(state, "target-writes"):
        raise JobRefused("an import is at work; stop it first: cockpit stop import")
    connection = open_state(state)
    try:
        with transaction(connection):
            before = meta.binding(connection).target
            users = start_over(connection)
            meta.put(connection, "bound.target", None)
            audit.record(
                connection, operator, "target.new", f"{users} users", millis(clock.now()), before=before
            )
    finally:
        connection.close()
    return users
