"""python -m tests.bench.bare_database URL FILE: the least that reading Supabase's database must do.

It pages by id, parses and inserts the raw rows, one synced transaction a page, and knows nothing of cockpit.
"""

import json
import sqlite3
import sys
import time

import psycopg

QUERY = """
select u.id::text, jsonb_build_object('id', u.id, 'email', u.email,
    'encrypted_password', u.encrypted_password, 'email_confirmed_at', u.email_confirmed_at,
    'created_at', u.created_at,
    'raw_user_meta_data', u.raw_user_meta_data,
    'identities', (select jsonb_agg(jsonb_build_object('provider', i.provider, 'id', i.provider_id))
        from auth.identities i where i.user_id = u.id))::text
from auth.users u where u.id > %s::uuid order by u.id limit 1000
"""


def main(url: str, file: str) -> None:
    """Read everything; prints the seconds from the first query to the last commit."""
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    database.execute(
        "create table raw(id integer primary key, source_id text not null unique, page integer, body text)"
    )
    with psycopg.connect(url, autocommit=True) as source:
        began = time.perf_counter()
        users, page, last = 0, 0, "00000000-0000-0000-0000-000000000000"
        while found := source.execute(QUERY, [last]).fetchall():
            rows = [(json.loads(body)["id"], page, body) for _, body in found]
            database.execute("begin immediate")
            database.executemany("insert into raw(source_id, page, body) values(?, ?, ?)", rows)
            database.execute("commit")
            users, page, last = users + len(rows), page + 1, found[-1][0]
        print(json.dumps({"seconds": time.perf_counter() - began, "users": users}))
    database.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
