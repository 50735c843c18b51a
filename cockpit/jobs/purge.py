"""Purge: remove hashes, secrets, raw records and bodies of webhooks when the migration is done."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cockpit.clock import Clock, millis
from cockpit.state import audit, checkpoint, tank, users
from cockpit.state.database import STATE, FileKind, StateError, explain, open_state, transaction
from cockpit.state.tank import purge as tank_purge


class Purged(NamedTuple):
    """How many users had a hash, and how many webhooks a body (None: no tank lies beside the state)."""

    hashes: int
    bodies: int | None


def purge(state: Path, *, operator: str, clock: Clock) -> Purged:
    """Overwrite and remove every hash, remembered secret, raw record and webhook's body.

    Journal, errors and audit stay; rollout.db holds nothing of that sort. Raises StateError: before anything
    is removed, while held webhooks wait for a decision; and while somebody reads a file, since the log beside
    it would go on holding what was removed.
    """
    now = millis(clock.now())
    bodies = None
    with _wiping(state, STATE) as connection:
        if tank.beside(state).exists():
            with _wiping(tank.beside(state), tank.TANK) as held, transaction(held):
                bodies = tank_purge.purge(held, now)
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
            after = None if bodies is None else f"{bodies} bodies of webhooks"
            audit.record(connection, operator, "state.purge", f"{hashes} hashes", now, after=after)
    return Purged(hashes, bodies)


@contextmanager
def _wiping(path: Path, kind: FileKind) -> Iterator[sqlite3.Connection]:
    """A file in which what is deleted is overwritten too, in its log as well. Raises StateError."""
    connection = open_state(path, kind=kind)
    try:
        connection.execute("pragma secure_delete = on")
        yield connection
        connection.execute("vacuum")
        if not checkpoint.now(connection, path):
            raise StateError(f"{path} is being read; close every cockpit on it and run the same again")
    except sqlite3.DatabaseError as error:
        raise explain(error, path) from error
    finally:
        connection.close()


def _unsent(connection: sqlite3.Connection) -> list[int]:
    """Users who may yet be sent, and must not be without their hash unless somebody decides so."""
    rows = connection.execute(
        "select u.id from users u join operations o on o.kind = 'user' and o.subject = u.id "
        "where o.state not in ('imported', 'adopted')"
    ).fetchall()
    return [row[0] for row in rows]
