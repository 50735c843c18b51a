"""Exports and their pages: a page's items, its cursor and its checksum are one transaction."""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.state import by_id, connections, journal, meta, resources
from cockpit.terms import Outcome, Page, RawItem, Readable


@dataclass(frozen=True, slots=True)
class Export:
    """One pass over the source's records of a kind. `complete_at` is None while it runs or was cut short.

    `seen` counts its distinct records; `missing` is how many more the provider counted at the end.
    """

    id: int
    kind: Readable
    started_at: int
    complete_at: int | None
    read: int
    merged: int
    held: int
    bytes: int
    pages: int
    total: int | None
    seen: int
    outcome: Outcome | None
    missing: int | None

    @property
    def standing(self) -> str:
        """What it came to, in words: complete, unverified, open (delta n), not finished."""
        if self.complete_at is None:
            return "not finished"
        if self.outcome == "open":
            return f"open (delta {self.missing or 0:+d})"
        return "complete" if self.outcome == "complete" else "unverified (the provider tells no total)"


@dataclass(frozen=True, slots=True)
class PageRow:
    """A committed page. `fresh` of its `items` were new to the state."""

    id: int
    export: int
    chain: str
    cursor: str
    next_cursor: str | None
    items: int
    fresh: int
    bytes: int
    checksum: str
    fetched_at: int


def latest(connection: sqlite3.Connection, kind: Readable = "user") -> Export | None:
    """The newest export of a kind, complete or not."""
    row = connection.execute(
        "select id, kind, started_at, complete_at, read, merged, held, bytes, pages, total, seen, outcome, "
        "missing from exports where kind = ? order by id desc limit 1",
        (kind,),
    ).fetchone()
    return Export(*row) if row else None


def begin(connection: sqlite3.Connection, now: int, kind: Readable = "user") -> Export:
    """The export of a kind to go on with: the newest if it is not complete, else a new one."""
    current = latest(connection, kind)
    if current is not None and current.complete_at is None:
        return current
    connection.execute("insert into exports(kind, started_at) values(?, ?)", (kind, now))
    started = latest(connection, kind)
    assert started is not None
    return started


def position(connection: sqlite3.Connection, export: int, chain: str) -> tuple[bool, str | None]:
    """Where a chain stands: (finished, cursor of the next page; None = from the start)."""
    row = connection.execute(
        "select next_cursor from pages where export = ? and chain = ? order by id desc limit 1",
        (export, chain),
    ).fetchone()
    if row is None:
        return False, None
    return row[0] is None, row[0]


def commit_page(
    connection: sqlite3.Connection, export: int, page: Page, batch_size: int, now: int
) -> tuple[int, int]:
    """Store a page and make its new records ready; returns (new, merged).

    A record whose id is known replaces the stored one when it differs, so a page that is read again
    changes nothing. A record without an id is held back.
    """
    checksum = hashlib.blake2b("\n".join(item.body for item in page.items).encode(), digest_size=16)
    number = connection.execute(
        "insert into pages(export, chain, cursor, next_cursor, items, fresh, bytes, checksum, fetched_at) "
        "values(?, ?, ?, ?, ?, 0, ?, ?, ?)",
        (
            export,
            page.chain,
            page.cursor,
            page.next_cursor,
            len(page.items),
            page.size,
            checksum.hexdigest(),
            now,
        ),
    ).lastrowid
    assert number is not None
    named = [item for item in page.items if item.id]
    kind: Readable = connection.execute("select kind from exports where id = ?", (export,)).fetchone()[0]
    if kind == "user":
        fresh, seen = _store_users(connection, export, number, named, batch_size)
    elif kind == "connection":
        fresh, seen = connections.store(connection, meta.provider(connection) or "", export, named)
    else:
        fresh, seen = resources.store(connection, kind, export, number, named)
    nameless = [(number, "no id", item.body) for item in page.items if not item.id]
    connection.executemany("insert into held(page, reason, body) values(?, ?, ?)", nameless)
    merged = len(page.items) - fresh - len(nameless)
    connection.execute("update pages set fresh = ? where id = ?", (fresh, number))
    connection.execute(
        "update exports set read = read + ?, merged = merged + ?, held = held + ?, bytes = bytes + ?, "
        "pages = pages + 1, seen = seen + ?, total = coalesce(?, total) where id = ?",
        (len(page.items), merged, len(nameless), page.size, seen + len(nameless), page.total, export),
    )
    return fresh, merged


def _store_users(
    connection: sqlite3.Connection, export: int, page: int, items: Sequence[RawItem], batch_size: int
) -> tuple[int, int]:
    """(new, seen first by this export)."""
    before = _last_raw(connection)
    parts = [item for item in items if item.part]
    _store(connection, export, page, [item for item in items if not item.part])
    if parts:
        _move_parts(connection, page, parts)
        _store_parts(connection, export, page, parts)
    after = _last_raw(connection)
    fresh = journal.seed(connection, journal.USER, before + 1, after, batch_size) if after > before else 0
    seen = _count_parts(connection, export, parts) if parts else fresh
    if not parts and fresh < len(items):
        seen += connection.execute(
            "update raw set seen = ? where seen <> ? and source_id in (select value from json_each(?))",
            (export, export, json.dumps([item.id for item in items])),
        ).rowcount
    return fresh, seen


def _store(connection: sqlite3.Connection, export: int, page: int, items: Sequence[RawItem]) -> None:
    connection.executemany(
        "insert into raw(source_id, page, body, seen) values(?, ?, ?, ?) on conflict(source_id) do update "
        "set body = excluded.body, page = excluded.page where body <> excluded.body",
        [(item.id, page, item.body, export) for item in items],
    )


def _store_parts(connection: sqlite3.Connection, export: int, page: int, items: Sequence[RawItem]) -> None:
    """A person's records are one JSON object; one that is read again replaces itself there."""
    connection.executemany(
        "insert into raw(source_id, page, body, seen) values(:id, :page, json_object(:part, json(:body)), "
        ":export) on conflict(source_id) do update set page = excluded.page, "
        "body = json_set(body, :path, json(:body)) where json_set(body, :path, json(:body)) <> body",
        [{**item._asdict(), "page": page, "export": export, "path": f'$."{item.part}"'} for item in items],
    )


def _move_parts(connection: sqlite3.Connection, page: int, items: Sequence[RawItem]) -> None:
    """Records that are another person's than before, as after a change of an e-mail, leave that person.

    Who has no other record becomes the new person, journal and all, unless the state has that one already.
    """
    known = connection.execute(
        "select id, source_id from parts where id in (select value from json_each(?))",
        (json.dumps([item.part for item in items]),),
    )
    before = dict(known.fetchall())
    for item in items:
        if before.get(item.part, item.id) == item.id:
            continue
        values = {"old": before[item.part], "new": item.id, "path": f'$."{item.part}"', "page": page}
        connection.execute(
            "update or ignore raw set source_id = :new "
            "where source_id = :old and json_remove(body, :path) = '{}'",
            values,
        )
        connection.execute(
            "update raw set body = json_remove(body, :path), page = :page "
            "where source_id = :old and json_remove(body, :path) <> '{}'",
            values,
        )


def _count_parts(connection: sqlite3.Connection, export: int, items: Sequence[RawItem]) -> int:
    before = connection.total_changes
    connection.executemany(
        "insert into parts(id, source_id, seen) values(?, ?, ?) on conflict(id) do update "
        "set seen = excluded.seen, source_id = excluded.source_id where seen <> excluded.seen",
        [(item.part, item.id, export) for item in items],
    )
    return connection.total_changes - before


def seen(connection: sqlite3.Connection, export: int) -> int:
    """The distinct records that an export has read so far."""
    return int(connection.execute("select seen from exports where id = ?", (export,)).fetchone()[0])


def complete(
    connection: sqlite3.Connection, export: int, outcome: Outcome, missing: int | None, now: int
) -> None:
    """Every chain has been read to its end, and this is what it came to."""
    connection.execute(
        "update exports set complete_at = ?, outcome = ?, missing = ? where id = ?",
        (now, outcome, missing, export),
    )


def records(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Raw records of users over all exports: (read, merged, held); read = users + merged + held."""
    row = connection.execute(
        "select coalesce(sum(read), 0), coalesce(sum(merged), 0), coalesce(sum(held), 0) from exports "
        "where kind = 'user'"
    ).fetchone()
    return row[0], row[1], row[2]


def page_ids(connection: sqlite3.Connection) -> list[int]:
    """All committed pages, oldest first."""
    return [row[0] for row in connection.execute("select id from pages order by id").fetchall()]


def page_rows(connection: sqlite3.Connection, wanted: list[int]) -> list[PageRow]:
    """Pages by id, in the order asked for."""
    query = (
        "select id, export, chain, cursor, next_cursor, items, fresh, bytes, checksum, fetched_at from pages"
    )
    return by_id.fetch(connection, query, "id", wanted, lambda row: PageRow(*row))


def _last_raw(connection: sqlite3.Connection) -> int:
    return int(connection.execute("select coalesce(max(id), 0) from raw").fetchone()[0])
