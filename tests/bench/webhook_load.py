"""python -m tests.bench.webhook_load URL CONNECTIONS COUNT: signed events, as fast as they are taken.

Requests are made beforehand; each connection sends the next one when the last was answered.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from functools import partial
from typing import cast
from urllib.parse import urlsplit

import uvloop

from cockpit.webhooks.signatures import Verifier

SECRET = "whsec_YmVuY2gtc2VjcmV0"
PADDING = 500


def requests(path: str, count: int) -> Iterator[bytes]:
    """Of 1,000 users, each event with an id of its own."""
    verifier, now = Verifier.of("standard", [SECRET]), time.time()
    for number in range(count):
        data = {
            "id": f"user_{number % 1000}",
            "updated_at": 1_700_000_000_000 + number,
            "note": "x" * PADDING,
        }
        body = json.dumps({"type": "user.updated", "data": data}).encode()
        signed = verifier.sign(f"msg_{number}", body, now, "svix")
        head = "".join(f"{name}: {value}\r\n" for name, value in signed.items())
        yield (
            f"POST {path} HTTP/1.1\r\nhost: tank\r\ncontent-type: application/json\r\n"
            f"user-agent: Svix-Webhooks/1.62\r\ncontent-length: {len(body)}\r\n{head}\r\n"
        ).encode() + body


class Connection(asyncio.Protocol):
    """Sends one after the other."""

    def __init__(self, left: Iterator[bytes], done: "asyncio.Future[None]") -> None:
        self._left, self.done = left, done
        self.taken = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def data_received(self, data: bytes) -> None:
        if not data.startswith(b"HTTP/1.1 200"):
            self.done.set_exception(RuntimeError(f"not taken: {data[:60]!r}"))
            self._transport.close()
            return
        self.taken += 1
        self._send()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or RuntimeError("the tank closed the connection"))

    def _send(self) -> None:
        following = next(self._left, None)
        if following is not None:
            self._transport.write(following)
        elif not self.done.done():
            self.done.set_result(None)
            self._transport.close()


async def main(url: str, connections: int, count: int) -> None:
    """Print the seconds from the first request to the last answer."""
    address = urlsplit(url)
    left = iter(list(requests(address.path, count)))
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [Connection(left, loop.create_future()) for _ in range(connections)]
    for connection in made:
        await loop.create_connection(partial(_same, connection), str(address.hostname), address.port or 80)
    await asyncio.gather(*(connection.done for connection in made))
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "taken": sum(connection.taken for connection in made)}))


def _same(connection: Connection) -> Connection:
    return connection


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
