"""What live traffic shows of a connection, counted; no content of any message."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Literal, NamedTuple

from cockpit.state.database import open_readonly
from cockpit.state.rollout import ROLLOUT, beside

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


def read(state: Path) -> dict[str, dict[str, dict[str, int]]]:
    """Counts by connection, trait and value, for whoever has the state file only. Raises StateError."""
    if not beside(state).exists():
        return {}
    with closing(open_readonly(beside(state), kind=ROLLOUT)) as rollout:
        return values(rollout)


def values(connection: sqlite3.Connection) -> dict[str, dict[str, dict[str, int]]]:
    """Counts by connection, trait and value, the most frequent first."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for ident, trait, value, number in connection.execute(
        "select connection, trait, value, n from observations order by connection, trait, n desc"
    ).fetchall():
        found.setdefault(ident, {}).setdefault(trait, {})[value] = number
    return found
