"""Held events by what they are of, for choices that look at all events of one thing."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

PAGE = 5000


class Subjected(NamedTuple):
    """A held event of a subject; `at` is the age of what it tells, ms."""

    id: int
    subject: str
    type: str
    at: int | None


def pages(
    connection: sqlite3.Connection, sources: Sequence[str]
) -> Iterator[list[tuple[str, list[Subjected]]]]:
    """Held events of these sources by source and subject, in order of arrival; some subjects at a time.

    Each page is a short read of its own; a subject is never divided, however many events it has.
    """
    after = ""
    while True:
        last = connection.execute(
            "select subject from arrivals where subject > ? order by subject limit 1 offset ?",
            (after, PAGE - 1),
        ).fetchone()
        rows = connection.execute(
            "select a.source, a.id, a.subject, a.type, a.at from arrivals a "
            "left join deliveries d on d.event = a.id where d.event is null and a.subject > ?1 "
            "and (?2 is null or a.subject <= ?2) and a.source in (select value from json_each(?3)) "
            "order by a.subject, a.source, a.id",
            (after, last[0] if last else None, json.dumps([*sources])),
        ).fetchall()
        yield [
            (subject, [Subjected(*row[1:]) for row in same])
            for (subject, _), same in groupby(rows, key=lambda row: (row[2], row[0]))
        ]
        if last is None:
            return
        after = last[0]
