"""Flows: which side a login began on, and which side an answer was sent to. First writer wins."""

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from cockpit.rollout.route import Side
from cockpit.state.database import transaction

_TAKE_OVER = (
    "on conflict do update set side = excluded.side, connection = excluded.connection, at = excluded.at, "
    "until = excluded.until where until <= excluded.at"
)


class Flow(NamedTuple):
    """A flow's side and connection; `until` (ms) it is kept."""

    side: Side
    connection: str | None
    until: int


class Claim(NamedTuple):
    """Keys to take for a flow, if nobody knows any of them or of the `others`."""

    keys: Sequence[bytes]
    flow: Flow
    others: Sequence[bytes] = ()


def find(connection: sqlite3.Connection, keys: Sequence[bytes], now: int) -> dict[bytes, Flow]:
    """Those of these keys that are known and not over."""
    places = ",".join("?" * len(keys))
    rows = connection.execute(
        f"select key, side, connection, until from flows where key in ({places}) and until > ?", (*keys, now)
    ).fetchall()
    return {key: Flow(side, ident, until) for key, side, ident, until in rows}


def first(connection: sqlite3.Connection, claims: Sequence[Claim], now: int) -> list[bool]:
    """Write each down if nobody knows any of its keys; False for those of which somebody does.

    Each is one statement, all or nothing; several are one transaction.
    """
    if len(claims) == 1:
        return [_is_first(connection, claims[0], now)]
    with transaction(connection):
        return [_is_first(connection, claim, now) for claim in claims]


def _is_first(connection: sqlite3.Connection, claim: Claim, now: int) -> bool:
    keys, flow, others = claim
    fresh = [value for key in keys for value in (key, flow.side, flow.connection, now, flow.until)]
    written = connection.execute(_first(len(keys), len(others)), (*fresh, *keys, *others, now))
    return written.rowcount > 0


@cache
def _first(keys: int, others: int) -> str:
    values = ",".join(["(?, ?, ?, ?, ?)"] * keys)
    known = ",".join("?" * (keys + others))
    return (
        f"insert into flows(key, side, connection, at, until) select * from (values {values}) "
        f"where not exists(select 1 from flows where key in ({known}) and until > ?) {_TAKE_OVER}"
    )


def claim(connection: sqlite3.Connection, flows: Iterable[tuple[bytes, Flow]], now: int) -> bool:
    """Write them down where nobody did before; False when somebody was first with one.

    One statement, so that two proxies can't both be first.
    """
    rows = [(key, flow.side, flow.connection, now, flow.until) for key, flow in flows]
    values = ",".join(["(?, ?, ?, ?, ?)"] * len(rows))
    written = connection.execute(
        f"insert into flows(key, side, connection, at, until) values {values} {_TAKE_OVER}",
        [value for row in rows for value in row],
    ).rowcount
    return written == len(rows)


def extend(connection: sqlite3.Connection, key: bytes, flow: Flow, now: int) -> bool:
    """Write one down, or keep it longer; True once that is done."""
    written = connection.execute(
        "insert into flows(key, side, connection, at, until) values(?, ?, ?, ?, ?) "
        "on conflict do update set at = excluded.at, until = max(until, excluded.until)",
        (key, flow.side, flow.connection, now, flow.until),
    )
    return written.rowcount == 1


def forget(connection: sqlite3.Connection, now: int, limit: int = 2000) -> int:
    """Delete some of those that are over; returns how many.

    They are sought without a lock, in the whole table: an index would cost each login a page more to write.
    """
    over = connection.execute("select key from flows where until <= ? limit ?", (now, limit)).fetchall()
    if not over:
        return 0
    with transaction(connection):
        return connection.executemany("delete from flows where key = ?", over).rowcount
