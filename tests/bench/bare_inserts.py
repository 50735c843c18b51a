"""python -m tests.bench.bare_inserts FILE GROUP COUNT: group-committed inserts, and nothing else at all."""

import json
import sqlite3
import sys
import time

from tests.bench.webhook_load import requests


def main(file: str, group: int, count: int) -> None:
    """Print the seconds that it took."""
    rows = [
        (f"msg_{number}", request.partition(b"\r\n\r\n")[2])
        for number, request in enumerate(requests("/", count))
    ]
    database = sqlite3.connect(file, isolation_level=None)
    database.execute("pragma journal_mode = wal")
    database.execute("pragma synchronous = full")
    database.execute("create table held(id integer primary key, event text unique, body blob)")
    began = time.perf_counter()
    for start in range(0, count, group):
        database.execute("begin immediate")
        database.executemany("insert into held(event, body) values(?, ?)", rows[start : start + group])
        database.execute("commit")
    print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
