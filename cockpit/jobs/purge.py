"""Purge: remove hashes, secrets and raw records when the migration is done."""

import sqlite3
from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.state import audit, checkpoint, users
from cockpit.state.database import StateError, explain, open_state, transaction


def purge(state: Path, *, operator: str, clock: Clock) -> int:
    """Overwrite and remove every hash, remembered secret and raw record; returns how many users had a hash.

    Journal, errors and audit stay. Raises StateError, also while somebody reads the state: the log beside
    it would go on holding what was removed.
    """
    connection = open_state(state)
    try:
        connection.execute("pragma secure_delete = on")
        with transaction(connection):
            users.not_carried(connection, _unsent(connection), "its hash was removed by purge")
            hashes = connection.execute("delete from passwords").rowcount
            connection.execute("delete from meta where secret = 1")
            connection.execute("update raw set body = '{}'")
            connection.execute("delete from held")
            connection.execute("update resource_bodies set body = '{}'")
            connection.execute("delete from resource_secrets")
            connection.execute("delete from connection_secrets")
            connection.execute("update connection_bodies set body = '{}'")
            audit.record(connection, operator, "state.purge", f"{hashes} hashes", millis(clock.now()))
        connection.execute("vacuum")
        if not checkpoint.now(connection, state):
            raise StateError(f"{state} is being read; close every cockpit on it and run the same again")
    except sqlite3.DatabaseError as error:
        raise explain(error, state) from error
    finally:
        connection.close()
    return hashes


def _unsent(connection: sqlite3.Connection) -> list[int]:
    """Users who may yet be sent, and must not be without their hash unless somebody decides so."""
    rows = connection.execute(
        "select u.id from users u join operations o on o.kind = 'user' and o.subject = u.id "
        "where o.state not in ('imported', 'adopted')"
    ).fetchall()
    return [row[0] for row in rows]
