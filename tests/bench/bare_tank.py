"""python -m tests.bench.bare_tank FILE: the least that an endpoint must do which keeps what it acknowledges.

The same server; it inserts the raw body in groups, one synced transaction a group, and checks nothing.
"""

import asyncio
import json
import socket
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import uvicorn
import uvloop


class Bare:
    """POST anything: 200 once it is on the disk."""

    def __init__(self, file: str) -> None:
        self._pool = ThreadPoolExecutor(1)
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None
        self._database = self._pool.submit(self._open, file).result()

    @staticmethod
    def _open(file: str) -> sqlite3.Connection:
        database = sqlite3.connect(file, isolation_level=None)
        database.execute("pragma journal_mode = wal")
        database.execute("pragma synchronous = full")
        database.execute("create table held(id integer primary key, event text unique, body blob)")
        return database

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        event = next(value for name, value in scope["headers"] if name == b"svix-id")
        message = await receive()
        body = message["body"]
        while message.get("more_body"):
            message = await receive()
            body += message["body"]
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(((event, body), done))  # type: ignore[arg-type]
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        await done
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    async def _commit(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            rows = [row for row, _ in batch]
            await asyncio.get_running_loop().run_in_executor(self._pool, self._insert, rows)
            for _, done in batch:
                done.set_result(None)
        self._committing = None

    def _insert(self, rows: Any) -> None:
        self._database.execute("begin immediate")
        self._database.executemany("insert into held(event, body) values(?, ?)", rows)
        self._database.execute("commit")


async def main(file: str) -> None:
    """Serve until a signal."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(json.dumps({"listen": f"127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
    config = uvicorn.Config(
        Bare(file), http="httptools", ws="none", lifespan="off", log_config=None, access_log=False
    )
    await uvicorn.Server(config).serve(sockets=[listener])


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
