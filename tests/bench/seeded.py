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


_ORGANIZATIONS = f"""{_NUMBERS}
    insert into resources(kind, source_id, page, mapped, name, external_id, request)
    select 'organization', printf('org_%07d', n), 1, 1, printf('Company %d', n), printf('org_%07d', n),
    json_object('external_id', printf('org_%07d', n), 'name', printf('Company %d', n)) from numbers"""
_MEMBERSHIPS = f"""{_NUMBERS}
    insert into resources(kind, source_id, page, mapped, name, user_key, organization_key, user, organization,
    request)
    select 'membership', printf('membership_%07d', n), 1, 1, 'member', r.source_id, o.source_id, r.id, o.id,
    json_object('role_slug', 'member') from numbers
    join raw r on r.id = (n - 1) % :users + 1
    join resources o on o.kind = 'organization'
    and o.source_id = printf('org_%07d', (n - 1) % :organizations + 1)"""
_BODIES = """insert into resource_bodies(id, body) select id, json_object('id', source_id) from resources
    where id between :first and :last"""


def seed_companies(state: Path, users: int, organizations: int, memberships: int) -> None:
    """Beside users: organizations, and memberships that are dealt to both in turn. Bodies are short."""
    seed(state, users)
    connection = open_state(state)
    for kind, count, query in (
        ("organization", organizations, _ORGANIZATIONS),
        ("membership", memberships, _MEMBERSHIPS),
    ):
        for first in range(1, count + 1, PART):
            part = {"first": first, "last": min(count, first + PART - 1)}
            with transaction(connection):
                before = connection.execute("select coalesce(max(id), 0) from resources").fetchone()[0]
                connection.execute(query, {**part, "users": users, "organizations": organizations})
                journal.enlist(connection, kind, "select id from resources where id > ?", (before,))
                last = connection.execute("select max(id) from resources").fetchone()[0]
                connection.execute(_BODIES, {"first": before + 1, "last": last})
    connection.execute("pragma wal_checkpoint(truncate)")
    connection.close()
