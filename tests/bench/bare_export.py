"""python -m tests.bench.bare_export URL FILE: the least that an export must do, and nothing of cockpit.

It pages, parses and inserts the raw rows, one synced transaction a page.
"""

import asyncio
import json
import sqlite3
import sys
import time

import httpx
from httpx_aiohttp import AiohttpTransport


async def main(url: str, file: str) -> None:
    """Read everything; prints the seconds from the first request to the last commit."""
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    database.execute(
        "create table raw(id integer primary key, source_id text not null unique, page integer, body text)"
    )
    began = time.perf_counter()
    users, page, token = 0, 0, ""
    async with httpx.AsyncClient(
        headers={"authorization": "Bearer owner"}, transport=AiohttpTransport(), timeout=60, trust_env=False
    ) as client:
        while True:
            query = {"maxResults": "1000"} | ({"nextPageToken": token} if token else {})
            response = await client.get(url, params=query)
            body = json.loads(response.raise_for_status().content)
            rows = [(user["localId"], page, json.dumps(user)) for user in body.get("users") or []]
            database.execute("begin immediate")
            database.executemany("insert into raw(source_id, page, body) values(?, ?, ?)", rows)
            database.execute("commit")
            users, page, token = users + len(rows), page + 1, body.get("nextPageToken")
            if not (rows and token):
                break
    print(json.dumps({"seconds": time.perf_counter() - began, "users": users}))
    database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2]))
