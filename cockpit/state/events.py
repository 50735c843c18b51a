"""Events of the target as they arrived, how far they were followed, and sign-ins counted by connection."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.state import by_id, meta
from cockpit.terms import SIGN_INS, Event, SignIn
from cockpit.webhooks.flow import Followed

CURSOR, SEEN_UNTIL = "events.cursor", "events.seen_until"
KEPT_MS = 90 * 86_400_000
"""As long as the target keeps them; the counters stay."""
MINUTE_MS = 60_000
_SELECT = "select id, event, name, at, connection, organization, body from events"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the target's events were followed: the id of the newest one, and the moment (ms) until which
    none is missing."""

    cursor: str | None
    seen_until: int


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event. `id` grows in the order of arrival, `event` is the target's own id, `at` its time (ms)."""

    id: int
    event: str
    name: str
    at: int
    connection: str | None
    organization: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Sign-ins through one connection, by what came of them."""

    started: int = 0
    succeeded: int = 0
    failed: int = 0
    timed_out: int = 0


def standing(connection: sqlite3.Connection) -> Standing | None:
    """How far it is; None when nothing was followed yet."""
    told = meta.get(connection, SEEN_UNTIL)
    return None if told is None else Standing(meta.get(connection, CURSOR), int(told))


def commit(
    connection: sqlite3.Connection, found: Sequence[Event], cursor: str | None, seen_until: int
) -> int:
    """Keep a page of events, count the sign-ins among them, move the cursor; returns how many are new.

    One that is here already changes nothing, so a page may come twice.
    """
    fresh = 0
    for event in found:
        kept = connection.execute(
            "insert into events(event, name, at, connection, organization, body) values(?, ?, ?, ?, ?, ?) "
            "on conflict do nothing",
            (event.id, event.name, event.at, event.connection, event.organization, event.body),
        ).rowcount
        fresh += kept
        if kept and event.sign_in and event.connection:
            connection.execute(
                "insert into sign_ins(connection, minute, outcome, n) values(?, ?, ?, 1) "
                "on conflict do update set n = n + 1",
                (event.connection, event.at // MINUTE_MS, event.sign_in),
            )
    if cursor is not None:
        meta.put(connection, CURSOR, cursor)
    meta.put(connection, SEEN_UNTIL, str(seen_until))
    return fresh


def ids(
    connection: sqlite3.Connection, *, name: str | None = None, of_connection: str | None = None
) -> list[int]:
    """Ids of events, the newest first: all, those of a name, those of a connection."""
    wanted = {"name = ?": name, "connection = ?": of_connection}
    chosen = {condition: value for condition, value in wanted.items() if value is not None}
    where = f"where {' and '.join(chosen)}" if chosen else ""
    rows = connection.execute(f"select id from events {where} order by id desc", [*chosen.values()])
    return [ident for (ident,) in rows.fetchall()]


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[EventRow]:
    """Those events, in the order asked for."""
    return by_id.fetch(connection, _SELECT, "id", wanted, lambda row: EventRow(*row))


def after(connection: sqlite3.Connection, last: int, limit: int = 500) -> list[EventRow]:
    """What arrived after the one of that id, oldest first."""
    found = connection.execute(f"{_SELECT} where id > ? order by id limit ?", (last, limit)).fetchall()
    return [EventRow(*row) for row in found]


def newest(connection: sqlite3.Connection) -> int:
    """The id of the newest one, 0 without any."""
    return connection.execute("select max(id) from events").fetchone()[0] or 0


def kept(connection: sqlite3.Connection) -> int:
    """How many there are."""
    return int(connection.execute("select count(*) from events").fetchone()[0])


def sign_ins(connection: sqlite3.Connection, since: int = 0, until: int | None = None) -> dict[str, Counts]:
    """Sign-ins by connection, in the minutes from `since` to before `until` (ms)."""
    found: dict[str, dict[SignIn, int]] = {}
    for of_connection, outcome, n in connection.execute(
        "select connection, outcome, sum(n) from sign_ins where minute >= ? and minute < ? group by 1, 2",
        (since // MINUTE_MS, _minute(until)),
    ).fetchall():
        found.setdefault(of_connection, {})[outcome] = n
    return {of_connection: Counts(**by_outcome) for of_connection, by_outcome in found.items()}


def since(connection: sqlite3.Connection, of_connection: str, at: int) -> Counts:
    """One connection's sign-ins from a moment (ms) on: its first minute by events, the rest by counters."""
    whole = -(-at // MINUTE_MS)
    found: dict[SignIn, int] = {}
    for outcome, n in connection.execute(
        "select outcome, sum(n) from sign_ins where connection = ? and minute >= ? group by outcome",
        (of_connection, whole),
    ).fetchall():
        found[outcome] = n
    # The + keeps SQLite to the index by time: a minute of all is less than all of a connection.
    for name, n in connection.execute(
        "select name, count(*) from events where at >= ? and at < ? and +connection = ? group by name",
        (at, whole * MINUTE_MS, of_connection),
    ).fetchall():
        if (told := SIGN_INS.get(name)) is not None:
            found[told] = found.get(told, 0) + n
    return Counts(**found)


def failures(connection: sqlite3.Connection, of_connection: str, at: int) -> dict[str, int]:
    """Why one connection's sign-ins failed from a moment (ms) on, by the target's error code."""
    return dict(
        connection.execute(
            "select coalesce(json_extract(body, '$.data.error.code'), 'no code'), count(*) from events "
            "where connection = ? and at >= ? and name = 'authentication.sso_failed' group by 1",
            (of_connection, at),
        ).fetchall()
    )


def newest_of(connection: sqlite3.Connection, of_connection: str, name: str, since: int) -> EventRow | None:
    """The newest event of that name and connection, from then (ms) on."""
    row = connection.execute(
        f"{_SELECT} where connection = ? and name = ? and at >= ? order by id desc limit 1",
        (of_connection, name, since),
    ).fetchone()
    return EventRow(*row) if row else None


def last_of(connection: sqlite3.Connection, of_connection: str) -> EventRow | None:
    """The newest event of a connection."""
    row = connection.execute(
        f"{_SELECT} where connection = ? order by id desc limit 1", (of_connection,)
    ).fetchone()
    return EventRow(*row) if row else None


def by_minute(
    connection: sqlite3.Connection, of_connection: str, since: int = 0, until: int | None = None
) -> dict[int, Counts]:
    """One connection's, by the minute (ms of its beginning), oldest first; minutes without any are absent."""
    found: dict[int, dict[SignIn, int]] = {}
    for minute, outcome, n in connection.execute(
        "select minute, outcome, n from sign_ins where connection = ? and minute >= ? and minute < ? "
        "order by minute",
        (of_connection, since // MINUTE_MS, _minute(until)),
    ).fetchall():
        found.setdefault(minute * MINUTE_MS, {})[outcome] = n
    return {minute: Counts(**by_outcome) for minute, by_outcome in found.items()}


def login_times(
    connection: sqlite3.Connection, of_connection: str, since: int, limit: int = 10_000
) -> list[int]:
    """How long one connection's sign-ins took (ms) that succeeded from then (ms) on, the newest first.

    From the event that one started to the one that its session succeeded, so with what the person did at the
    IdP; of at most `limit` events.
    """
    ended: dict[str, int] = {}
    times: list[int] = []
    for name, at, session in connection.execute(
        "select name, at, json_extract(body, '$.data.sso.session_id') from events where connection = ? "
        "and at >= ? and name in ('authentication.sso_started', 'authentication.sso_succeeded') "
        "order by at desc, name desc limit ?",
        (of_connection, since, limit),
    ).fetchall():
        if session is None:
            continue
        if name == "authentication.sso_succeeded":
            ended.setdefault(session, at)
        elif session in ended:
            times.append(ended.pop(session) - at)
    return times


def cut_over(connection: sqlite3.Connection, since: int, within: int) -> tuple[str, int] | None:
    """(connection, when it succeeded) of the first sign-in that began after `since` and went through.

    Both events tell of one session, the second at most `within` after the first; all in ms.
    """
    session = "json_extract({}.body, '$.data.sso.session_id')"
    row = connection.execute(
        "select done.connection, done.at from events done join events begun "
        "on begun.connection = done.connection and begun.name = 'authentication.sso_started' "
        f"and {session.format('begun')} = {session.format('done')} "
        "where done.name = 'authentication.sso_succeeded' and begun.at >= ? "
        "and done.at between begun.at and begun.at + ? order by done.at limit 1",
        (since, within),
    ).fetchone()
    return None if row is None else (row[0], row[1])


def happened(connection: sqlite3.Connection, since: int) -> list[Followed]:
    """What was followed of what happened from then on (ms), oldest first."""
    rows = connection.execute("select event, name, at from events where at >= ? order by at, id", (since,))
    return [Followed(*row) for row in rows.fetchall()]


def prune(connection: sqlite3.Connection, now: int) -> None:
    """Forget events that the target has forgotten too."""
    connection.execute("delete from events where at < ?", (now - KEPT_MS,))


def forget(connection: sqlite3.Connection) -> None:
    """Everything that was followed belongs to another target."""
    connection.execute("delete from events")
    connection.execute("delete from sign_ins")
    meta.put(connection, CURSOR, None)
    meta.put(connection, SEEN_UNTIL, None)


def _minute(until: int | None) -> int:
    return (1 << 62) if until is None else -(-until // MINUTE_MS)
