"""Purge: remove hashes, secrets and raw records when the migration is done."""

from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.state import audit
from cockpit.state.database import open_state, transaction


def purge(state: Path, *, operator: str, clock: Clock) -> int:
    """Overwrite and remove every hash, remembered secret and raw record; returns how many users had a hash.

    Journal, errors and audit stay. Raises StateError.
    """
    connection = open_state(state)
    try:
        connection.execute("pragma secure_delete = on")
        with transaction(connection):
            hashes = connection.execute("delete from passwords").rowcount
            connection.execute("delete from meta where secret = 1")
            connection.execute("update raw set body = '{}'")
            connection.execute("delete from held")
            audit.record(connection, operator, "state.purge", f"{hashes} hashes", millis(clock.now()))
        connection.execute("vacuum")
        connection.execute("pragma wal_checkpoint(truncate)")
    finally:
        connection.close()
    return hashes
