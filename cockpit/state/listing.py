"""What a diff lists of both sides, in temporary tables of the diff's own connection; then joins."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

RANGE = 20_000
"""Ids compared in one query, so that no lock and no result is large."""


class Listed(NamedTuple):
    """A user as the target listed it. `body` is its JSON."""

    target_id: str
    external_id: str | None
    email_key: str
    fingerprint: bytes
    body: str


class Absent(NamedTuple):
    """A user to move that the target did not list."""

    subject: int
    external_id: str
    email: str | None
    state: str


class Drifted(NamedTuple):
    """A user whose comparable fields differ: our request and their JSON."""

    subject: int
    external_id: str
    email: str | None
    target_id: str
    request: str
    theirs: str


def create(connection: sqlite3.Connection) -> None:
    """Empty listings."""
    connection.execute("pragma temp_store = file")
    connection.executescript(
        "drop table if exists temp.at_target; drop table if exists temp.at_source;"
        "create temp table at_target(target_id text, external_id text, email text, subject integer,"
        " body text);"
        "create temp table at_source(subject integer primary key);"
    )


def add_target(connection: sqlite3.Connection, users: Iterable[Listed]) -> None:
    """Note a listed page. The JSON is kept only where the fingerprint is not ours."""
    rows = []
    for user in users:
        ours = connection.execute(
            "select id, fingerprint from users where external_id = ?", (user.external_id,)
        ).fetchone()
        if ours is None:
            # Adopted users may be known by their id at the target only.
            ours = connection.execute(
                "select u.id, u.fingerprint from users u join operations o on o.kind = 'user' "
                "and o.subject = u.id where u.email_key = ? and o.target_id = ?",
                (user.email_key, user.target_id),
            ).fetchone()
        subject, expected = ours or (None, None)
        body = None if subject is not None and expected == user.fingerprint else user.body
        rows.append((user.target_id, user.external_id, user.email_key, subject, body))
    connection.executemany("insert into temp.at_target values(?, ?, ?, ?, ?)", rows)


def index(connection: sqlite3.Connection) -> None:
    """Index the target's listing once it is whole."""
    connection.execute("create index temp.at_target_subject on at_target(subject)")
    if connection.execute("select 1 from merges limit 1").fetchone():
        connection.execute("create index temp.at_target_id on at_target(target_id)")


def see_source(connection: sqlite3.Connection, source_id: str) -> tuple[int, str, str | None, str] | None:
    """Note that the source still has a record: its subject, the JSON it had, our request, its state."""
    row: tuple[int, str, str | None, str] | None = connection.execute(
        "select r.id, r.body, u.request, o.state from raw r "
        "join operations o on o.kind = 'user' and o.subject = r.id "
        "left join users u on u.id = r.id where r.source_id = ?",
        (source_id,),
    ).fetchone()
    if row is not None:
        connection.execute("insert or ignore into temp.at_source values(?)", (row[0],))
    return row


def absent(connection: sqlite3.Connection, before: int) -> Iterator[Absent]:
    """Users to move that are not at the target; those that were done after `before` (ms) are not judged."""
    query = (
        "select o.subject, r.source_id, u.email, o.state from operations o "
        "join raw r on r.id = o.subject left join users u on u.id = o.subject "
        "where o.kind = 'user' and o.subject between ? and ? "
        "and not exists (select 1 from temp.at_target t where t.subject = o.subject) "
        # Who is linked is there under somebody else's id.
        "and not exists (select 1 from merges m cross join temp.at_target t "
        "on t.target_id = o.target_id where m.user = o.subject) "
        "and (o.done_at is null or o.done_at < ?) order by o.subject"
    )
    for first, last in _ranges(connection):
        for row in connection.execute(query, (first, last, before)).fetchall():
            yield Absent(*row)


def drifted(connection: sqlite3.Connection, before: int) -> Iterator[Drifted]:
    """Users at the target whose fields are not what we sent."""
    rows = connection.execute(
        "select t.subject, u.external_id, u.email, t.target_id, u.request, t.body from temp.at_target t "
        "join users u on u.id = t.subject join operations o on o.kind = 'user' and o.subject = t.subject "
        "where t.body is not null and o.state in ('imported', 'adopted') and o.done_at < ? "
        # Who is linked to somebody else's record need not look like it.
        "and t.subject not in (select user from merges where choice = 'link') "
        "order by t.subject",
        (before,),
    ).fetchall()
    return (Drifted(*row) for row in rows)


def extra(connection: sqlite3.Connection, limit: int) -> list[tuple[str, str | None, str]]:
    """(target id, external id, e-mail) of users at the target that we did not bring."""
    return connection.execute(
        "select target_id, external_id, email from temp.at_target where subject is null limit ?", (limit,)
    ).fetchall()


def deleted(connection: sqlite3.Connection) -> Iterator[tuple[int, str, str | None]]:
    """(subject, source id, e-mail) of records that the source no longer has; not of users skipped."""
    query = (
        "select r.id, r.source_id, u.email from raw r "
        "join operations o on o.kind = 'user' and o.subject = r.id and o.state <> 'skipped' "
        "left join users u on u.id = r.id "
        "where r.id between ? and ? and not exists (select 1 from temp.at_source s where s.subject = r.id)"
    )
    for first, last in _ranges(connection):
        yield from connection.execute(query, (first, last)).fetchall()


def _ranges(connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    newest: int = connection.execute("select coalesce(max(id), 0) from raw").fetchone()[0]
    for first in range(1, newest + 1, RANGE):
        yield first, first + RANGE - 1
