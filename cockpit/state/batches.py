"""The grid on the screen: batches of users, several to a cell where there are more than fit."""

import sqlite3
from typing import NamedTuple

from cockpit.state.journal import batch_of


class BatchCell(NamedTuple):
    """One or more neighbouring batches: the first one's number, how many, and how far they are."""

    first: int
    batches: int
    total: int
    done: int
    failed: int
    in_flight: int


def count(connection: sqlite3.Connection, kind: str) -> int:
    """How many batches there are."""
    return int(connection.execute("select count(*) from batches where kind = ?", (kind,)).fetchone()[0])


def cells(connection: sqlite3.Connection, kind: str, batch_size: int, most: int) -> list[BatchCell]:
    """The grid in at most `most` cells, each of equally many batches."""
    each = max(1, -(-count(connection, kind) // most))
    in_flight: dict[int, int] = {}
    for (subject,) in connection.execute(
        "select subject from operations where kind = ? and state = 'sending'", (kind,)
    ).fetchall():
        cell = batch_of(subject, batch_size) // each
        in_flight[cell] = in_flight.get(cell, 0) + 1
    rows = connection.execute(
        "select n / ?, min(n), count(*), sum(total), sum(done), sum(failed) from batches where kind = ? "
        "group by n / ? order by 1",
        (each, kind, each),
    ).fetchall()
    return [BatchCell._make((*row, in_flight.get(cell, 0))) for cell, *row in rows]
