"""python -m tests.bench.bare_database DOOR URL FILE: the least that reading a database of users must do.

It pages by id, parses and inserts the raw rows, one synced transaction a page, and knows nothing of cockpit.
"""

import json
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg

SUPABASE = """
select u.id::text, jsonb_build_object('id', u.id, 'email', u.email,
    'encrypted_password', u.encrypted_password, 'email_confirmed_at', u.email_confirmed_at,
    'created_at', u.created_at,
    'raw_user_meta_data', u.raw_user_meta_data,
    'identities', (select jsonb_agg(jsonb_build_object('provider', i.provider, 'id', i.provider_id))
        from auth.identities i where i.user_id = u.id))::text
from auth.users u where u.id > %s::uuid order by u.id limit 1000
"""
BETTER_AUTH = """
select u.id, json_build_object('id', u.id, 'name', u.name, 'email', u.email,
    'emailVerified', u."emailVerified", 'image', u.image, 'createdAt', u."createdAt",
    'updatedAt', u."updatedAt", 'role', u.role, 'banned', u.banned,
    'accounts', (select json_agg(json_build_object('providerId', a."providerId", 'accountId', a."accountId",
        'password', a.password)) from account a where a."userId" = u.id))::text
from "user" u where u.id > %s order by u.id limit 1000
"""
DOORS = {
    "supabase": (SUPABASE, "00000000-0000-0000-0000-000000000000"),
    "better_auth": (BETTER_AUTH, ""),
    "better_auth_sqlite": (
        BETTER_AUTH.replace("build_object", "object")
        .replace("json_agg", "json_group_array")
        .replace("::text", "")
        .replace("%s", "?"),
        "",
    ),
}
"""The query, and what is less than every id."""

Ask = Callable[[str, list[str]], Any]


@contextmanager
def opened(url: str) -> Iterator[Ask]:
    """The database, to be asked with (query, values)."""
    if url.startswith("sqlite:"):
        with closing(sqlite3.connect(f"file:{url.removeprefix('sqlite:')}?mode=ro", uri=True)) as file:
            yield file.execute
    else:
        with psycopg.connect(url, autocommit=True) as server:
            yield server.execute


def main(door: str, url: str, file: str) -> None:
    """Read everything; prints the seconds from the first query to the last commit."""
    query, last = DOORS[door]
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    database.execute(
        "create table raw(id integer primary key, source_id text not null unique, page integer, body text)"
    )
    with opened(url) as ask:
        began = time.perf_counter()
        users, page = 0, 0
        while found := ask(query, [last]).fetchall():
            rows = [(json.loads(body)["id"], page, body) for _, body in found]
            database.execute("begin immediate")
            database.executemany("insert into raw(source_id, page, body) values(?, ?, ?)", rows)
            database.execute("commit")
            users, page, last = users + len(rows), page + 1, found[-1][0]
        print(json.dumps({"seconds": time.perf_counter() - began, "users": users}))
    database.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
