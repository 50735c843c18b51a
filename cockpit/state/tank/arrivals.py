"""What arrived: kept in order, once by the event's id, with the body as it came."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from cockpit.state import by_id


class Arrival(NamedTuple):
    """An event as it came in. `received` and `at` are ms; `headers` JSON without credentials."""

    source: str
    event: str
    type: str
    key: str
    subject: str
    at: int | None
    received: int
    headers: str
    body: bytes


class ArrivalRow(NamedTuple):
    """A held event for a list; `state` is what became of it, held where nothing did yet."""

    id: int
    source: str
    event: str
    type: str
    key: str
    received: int
    state: str
    attempts: int
    status: int | None
    reason: str | None


def keep(connection: sqlite3.Connection, batch: Sequence[Arrival]) -> int:
    """Keep events in the order given; returns how many are new. A known id changes nothing but a counter."""
    (last,) = connection.execute("select coalesce(max(id), 0) from arrivals").fetchone()
    connection.executemany(
        "insert into arrivals(id, source, event, type, key, subject, at, received) "
        "values(?, ?, ?, ?, ?, nullif(?, ''), ?, ?) on conflict do nothing",
        [(id_, *arrival[:7]) for id_, arrival in enumerate(batch, last + 1)],
    )
    kept = connection.execute("select id from arrivals where id > ?", (last,)).fetchall()
    fresh = [(id_, batch[id_ - last - 1]) for (id_,) in kept]
    connection.executemany(
        "insert into bodies(id, headers, body) values(?, ?, ?)",
        [(id_, arrival.headers, arrival.body) for id_, arrival in fresh],
    )
    all_ = Counter((arrival.source, arrival.type) for arrival in batch)
    new = Counter((arrival.source, arrival.type) for _, arrival in fresh)
    connection.executemany(
        "insert into arrived(source, type, n, again) values(?, ?, ?, ?) "
        "on conflict do update set n = n + excluded.n, again = again + excluded.again",
        [(*of, new[of], n - new[of]) for of, n in all_.items()],
    )
    return len(fresh)


def refused(connection: sqlite3.Connection, counts: Mapping[tuple[str, str], int], now: int) -> None:
    """Count requests that were not let in, by source and reason."""
    connection.executemany(
        "insert into refusals(source, why, n, last_at) values(?, ?, ?, ?) "
        "on conflict do update set n = n + excluded.n, last_at = excluded.last_at",
        [(source, why, n, now) for (source, why), n in counts.items()],
    )


def listening(connection: sqlite3.Connection, schemes: Mapping[str, str], listen: str, now: int) -> None:
    """The tank takes events of these sources (name -> scheme) from now on, at that address."""
    connection.executemany(
        "insert or replace into sources(name, scheme, listen, at) values(?, ?, ?, ?)",
        [(name, scheme, listen, now) for name, scheme in schemes.items()],
    )


def schemes(connection: sqlite3.Connection) -> dict[str, str]:
    """How each source signs."""
    return dict(connection.execute("select name, scheme from sources").fetchall())


def listens_at(connection: sqlite3.Connection) -> dict[str, str]:
    """Where the tank last took events of each source: HOST:PORT."""
    return dict(connection.execute("select name, listen from sources").fetchall())


_ROW = (
    "select a.id, a.source, a.event, a.type, a.key, a.received, coalesce(d.state, 'held'), "
    "coalesce(d.attempts, 0), d.status, d.reason from arrivals a left join deliveries d on d.event = a.id"
)


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[ArrivalRow]:
    """Those events, in the order asked for."""
    return by_id.fetch(connection, _ROW, "a.id", wanted, lambda row: ArrivalRow(*row))


def ids(connection: sqlite3.Connection, *, type_: str | None = None) -> list[int]:
    """All events or those of a class, the newest first."""
    where = "" if type_ is None else "where type = ?"
    given: Iterable[str] = () if type_ is None else (type_,)
    found = connection.execute(f"select id from arrivals {where} order by id desc", tuple(given))
    return [id_ for (id_,) in found.fetchall()]


def body(connection: sqlite3.Connection, id_: int) -> tuple[dict[str, str], bytes] | None:
    """The headers and the body of one event."""
    row = connection.execute("select headers, body from bodies where id = ?", (id_,)).fetchone()
    return None if row is None else (json.loads(row[0]), row[1])
