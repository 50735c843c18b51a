"""Rows fetched by id, for tables on screen that know their ids and read only the cells they show."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

T = TypeVar("T")

MOST = 500
"""Ids in one query, under SQLite's limit of parameters."""


def marks(wanted: Sequence[int]) -> str:
    """The place holders of `id in (...)`."""
    return ",".join("?" * len(wanted))


def parts(wanted: Sequence[int]) -> Iterator[list[int]]:
    """The ids in pieces that fit one query."""
    for start in range(0, len(wanted), MOST):
        yield list(wanted[start : start + MOST])


def fetch(
    connection: sqlite3.Connection,
    query: str,
    column: str,
    wanted: Sequence[int],
    make: Callable[[tuple[Any, ...]], T],
) -> list[T]:
    """What `make` builds of the query's rows, in the order asked for; ids that are gone are left out.

    `column` is compared with the ids and is the first that the query selects.
    """
    found: dict[int, T] = {}
    for part in parts(wanted):
        rows = connection.execute(f"{query} where {column} in ({marks(part)})", part).fetchall()
        found.update((row[0], make(row)) for row in rows)
    return [found[id_] for id_ in wanted if id_ in found]
