"""What live traffic shows of a connection, counted; no content of any message."""

import sqlite3
from collections.abc import Mapping
from typing import Literal, NamedTuple

Trait = Literal["encrypted", "name_id_format", "signed", "size", "begun_by", "binding", "encrypted_part"]
"""encrypted: assertion | no. name_id_format: the last word of the URN. encrypted_part: name_id | attribute.
signed: response | assertion | both | hidden | none. size: the power of two of bytes it stays under ("8192").
begun_by: service | idp. binding: post | get | form_post."""


class Seen(NamedTuple):
    """One trait of one connection."""

    connection: str
    trait: Trait
    value: str


class Observation(NamedTuple):
    """How often a value was seen, and when last (ms)."""

    trait: Trait
    value: str
    times: int
    last_at: int


def add(connection: sqlite3.Connection, seen: Mapping[Seen, int], now: int) -> None:
    """Add a batch of counts."""
    connection.executemany(
        "insert into observations(connection, trait, value, n, last_at) values(?, ?, ?, ?, ?) "
        "on conflict do update set n = n + excluded.n, last_at = excluded.last_at",
        [(*what, number, now) for what, number in seen.items()],
    )


def of(connection: sqlite3.Connection, ident: str) -> list[Observation]:
    """Everything seen of a connection, the most frequent first within a trait."""
    rows = connection.execute(
        "select trait, value, n, last_at from observations where connection = ? "
        "order by trait, n desc, value",
        (ident,),
    ).fetchall()
    return [Observation(*row) for row in rows]


def values(connection: sqlite3.Connection) -> dict[str, dict[Trait, dict[str, int]]]:
    """Counts by connection, trait and value, for triage."""
    found: dict[str, dict[Trait, dict[str, int]]] = {}
    for ident, trait, value, number in connection.execute(
        "select connection, trait, value, n from observations order by connection, trait, n desc"
    ).fetchall():
        found.setdefault(ident, {}).setdefault(trait, {})[value] = number
    return found
