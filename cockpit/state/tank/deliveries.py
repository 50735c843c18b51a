"""What becomes of held events: sent, dead, discarded, left out. Counters move in the same transaction."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cockpit.state.tank.counts import DeliveryState, LeftOut

CHUNK = 5000
"""Rows in one transaction of a decision about many: the tank's own commits come in between."""


class Claim(NamedTuple):
    """An event that this run is about to send. `key` is empty where it keeps no order."""

    id: int
    source: str
    event: str
    type: str
    key: str
    headers: str
    body: bytes


class Outcome(NamedTuple):
    """What became of a claim: delivered, dead, or held again (it was not sent, or must be sent later)."""

    id: int
    state: DeliveryState | None
    attempts: int = 0
    status: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Dead:
    """A dead letter: `attempts` were made, the last one answered `status` (None: no answer) at `at` (ms)."""

    id: int
    source: str
    event: str
    type: str
    key: str
    attempts: int
    at: int
    status: int | None
    reason: str | None


def adrift(connection: sqlite3.Connection, run: int) -> int:
    """Events that an earlier run claimed and never settled are held again; how many.

    Nobody can tell which of them arrived, so all are sent once more, with the same ids.
    """
    ids = _ids(connection, "select event from deliveries where state = 'sending' and run <> ?", run)
    _undo(connection, ids, "sending")
    return len(ids)


def claim(
    connection: sqlite3.Connection, sources: Sequence[str], after: int, limit: int, run: int, now: int
) -> list[Claim]:
    """Up to `limit` held events of these sources, in order of arrival, after the one of that id."""
    rows = connection.execute(
        "select a.id, a.source, a.event, a.type, a.key, b.headers, b.body from arrivals a "
        "join bodies b on b.id = a.id left join deliveries d on d.event = a.id "
        "where a.id > ? and d.event is null and a.source in (select value from json_each(?)) "
        "order by a.id limit ?",
        (after, json.dumps([*sources]), limit),
    ).fetchall()
    connection.executemany(
        "insert into deliveries(event, state, run, at) values(?, 'sending', ?, ?)",
        [(row[0], run, now) for row in rows],
    )
    _count(connection, [row[0] for row in rows], "sending", 1)
    return [Claim(*row) for row in rows]


def settle(connection: sqlite3.Connection, outcomes: Sequence[Outcome], run: int, now: int) -> None:
    """Write what became of this run's claims."""
    mine = set(
        _ids(
            connection,
            "select event from deliveries where run = ?1 and state = 'sending' and event in "
            "(select value from json_each(?2))",
            run,
            json.dumps([outcome.id for outcome in outcomes]),
        )
    )
    settled = [outcome for outcome in outcomes if outcome.id in mine]
    ended: dict[DeliveryState, list[int]] = {}
    for outcome in settled:
        if outcome.state is not None:
            ended.setdefault(outcome.state, []).append(outcome.id)
    connection.executemany(
        "update deliveries set state = ?, attempts = ?, at = ?, status = ?, reason = ? where event = ?",
        [(o.state, o.attempts, now, o.status, o.reason, o.id) for o in settled if o.state is not None],
    )
    for state, ids in ended.items():
        _count(connection, ids, state, 1)
        _count(connection, ids, "sending", -1)
    _undo(connection, [outcome.id for outcome in settled if outcome.state is None], "sending")


def leave_out(connection: sqlite3.Connection, reasons: Mapping[int, LeftOut], now: int) -> int:
    """Held events that a choice makes needless: id -> superseded, paired or stale. How many were held."""
    total = 0
    for state in sorted(set(reasons.values())):
        ids = [id_ for id_, reason in reasons.items() if reason == state]
        total += _end(connection, ids, state, now, None)
    return total


def discard(
    connection: sqlite3.Connection,
    sources: Sequence[str],
    types: Sequence[str],
    after: int,
    now: int,
    reason: str | None,
) -> tuple[int, int | None]:
    """Discard held events of these sources and classes, among CHUNK events beyond `after`.

    Returns how many, and the id to go on after; None when there is none left.
    """
    rows = connection.execute(
        "select a.id, d.event is null and a.source in (select value from json_each(?)) and a.type in "
        "(select value from json_each(?)) from arrivals a left join deliveries d on d.event = a.id "
        "where a.id > ? order by a.id limit ?",
        (json.dumps([*sources]), json.dumps([*types]), after, CHUNK),
    ).fetchall()
    gone = _end(connection, [id_ for id_, chosen in rows if chosen], "discarded", now, reason)
    return gone, rows[-1][0] if len(rows) == CHUNK else None


def redrive(connection: sqlite3.Connection, ids: Sequence[int] | None = None) -> int:
    """Dead letters (all, or these) are held again, in their place; how many."""
    dead = _ids(connection, "select event from deliveries where state = 'dead' order by event")
    wanted = set(dead if ids is None else ids)
    chosen = [id_ for id_ in dead if id_ in wanted]
    _undo(connection, chosen, "dead")
    return len(chosen)


def dead(connection: sqlite3.Connection, limit: int = 1000) -> list[Dead]:
    """Dead letters in order of arrival."""
    rows = connection.execute(
        "select a.id, a.source, a.event, a.type, a.key, d.attempts, d.at, d.status, d.reason "
        "from deliveries d join arrivals a on a.id = d.event where d.state = 'dead' order by d.event limit ?",
        (limit,),
    ).fetchall()
    return [Dead(*row) for row in rows]


def _end(
    connection: sqlite3.Connection, ids: Sequence[int], state: DeliveryState, now: int, reason: str | None
) -> int:
    """Of held events, without sending them."""
    given = json.dumps(list(ids))
    held = _ids(
        connection,
        "select value from json_each(?) where value not in (select event from deliveries "
        "where event in (select value from json_each(?)))",
        given,
        given,
    )
    connection.executemany(
        "insert into deliveries(event, state, at, reason) values(?, ?, ?, ?)",
        [(id_, state, now, reason) for id_ in held],
    )
    _count(connection, held, state, 1)
    return len(held)


def _undo(connection: sqlite3.Connection, ids: Sequence[int], state: DeliveryState) -> None:
    """Held again."""
    _count(connection, ids, state, -1)
    connection.execute(
        "delete from deliveries where event in (select value from json_each(?))", (json.dumps(list(ids)),)
    )


def _count(connection: sqlite3.Connection, ids: Sequence[int], state: DeliveryState, each: int) -> None:
    if ids:
        connection.execute(
            "insert into outcomes(source, type, state, n) select source, type, ?1, count(*) * ?2 "
            "from arrivals where id in (select value from json_each(?3)) group by source, type "
            "on conflict do update set n = n + excluded.n",
            (state, each, json.dumps(list(ids))),
        )


def _ids(connection: sqlite3.Connection, query: str, *values: object) -> list[int]:
    return [id_ for (id_,) in connection.execute(query, values).fetchall()]
