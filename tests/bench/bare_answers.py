"""python -m tests.bench.bare_answers: posts answered 200 at once, read and kept by nobody.

The most that one Python process takes over HTTP, whatever it did with it.
"""

import asyncio
import json
import socket
from typing import cast

import httptools
import uvloop


class Answering(asyncio.Protocol):
    """Parses, and says 200."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._parser = httptools.HttpRequestParser(self)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_complete(self) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")


async def main() -> None:
    """Serve until a signal."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(json.dumps({"listen": f"127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
    server = await asyncio.get_running_loop().create_server(Answering, sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())
