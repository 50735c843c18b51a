"""A state with many users, exported, mapped and ready, made by SQL alone: a million take seconds."""

import sqlite3
from collections import Counter
from pathlib import Path

from cockpit.state import exports, journal, meta, users
from cockpit.state.database import open_state, transaction
from tests.jobs.world import HASH

PAGE = 1000
PART = 50_000
BATCH_SIZE = 100

_NUMBERS = "with recursive numbers(n) as (select :first union all select n + 1 from numbers where n < :last)"
_RAW = f"""{_NUMBERS} insert into raw(id, source_id, page, body)
    select n, printf('auth0|%08d', n), (n - 1) / {PAGE} + 1,
    json_object('user_id', printf('auth0|%08d', n), 'email', printf('user%d@example.com', n)) from numbers"""
_USERS = """insert into users(id, page, external_id, email, email_key, name, verified, request, fingerprint,
    password_state, password_type)
    select id, page, source_id, printf('user%d@example.com', id), printf('user%d@example.com', id),
    printf('Ana Diaz %d', id), 1, json_object('email', printf('user%d@example.com', id),
    'email_verified', json('true'), 'first_name', 'Ana', 'last_name', printf('Diaz %d', id),
    'external_id', source_id, 'metadata', json_object('provider', 'auth0')),
    zeroblob(16), 'carried', 'bcrypt' from raw where id between :first and :last"""
_PASSWORDS = """insert into passwords(user, type, hash, origin)
    select id, 'bcrypt', :hash, 'source' from raw where id between :first and :last"""
_PAGES = """insert into pages(export, chain, cursor, next_cursor, items, fresh, bytes, checksum, fetched_at)
    select :export, '', min(id) - 1, case when max(id) < :count then max(id) end, count(*), count(*),
    sum(length(body)), '', 2 from raw where id between :first and :last group by page"""


def seed(state: Path, count: int) -> None:
    """Write the state file. The fingerprints are blank: a diff would find every user drifted."""
    connection = open_state(state, create=True)
    with transaction(connection):
        meta.bind_source(connection, "auth0:acme.example")
        export = exports.begin(connection, 1)
    for first in range(1, count + 1, PART):
        with transaction(connection):
            _part(connection, export.id, first, min(count, first + PART - 1), count)
    with transaction(connection):
        connection.execute("update exports set read = ?, pages = (select count(*) from pages)", (count,))
        exports.complete(connection, export.id, "complete", 0, 3)
        users.count_passwords(connection, Counter({("carried", "bcrypt", ""): count}))
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()


def _part(connection: sqlite3.Connection, export: int, first: int, last: int, count: int) -> None:
    part = {"first": first, "last": last}
    connection.execute(_RAW, part)
    connection.execute(_USERS, part)
    connection.execute(_PASSWORDS, {**part, "hash": HASH})
    connection.execute(_PAGES, {**part, "export": export, "count": count})
    journal.seed(connection, journal.USER, first, last, BATCH_SIZE)
