"""The way from WorkOS to customers' IdPs."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import ClientSession, ClientTimeout, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult

_TIMEOUT = ClientTimeout(total=10)


class _OneAddress(AbstractResolver):
    """All names are at one address: those of a rehearsal are in nobody's DNS."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """That address, under the name that was asked for, which TLS goes on to check."""
        return [
            ResolveResult(
                hostname=host,
                host=self._host,
                port=self._port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        """Nothing is kept."""


@asynccontextmanager
async def providers(address: tuple[str, int] | None) -> AsyncIterator[ClientSession]:
    """A client of IdPs; `address` (IP and port) is where all of them are, None asks the DNS."""
    if address is None:
        connector = TCPConnector()
    else:
        connector = TCPConnector(resolver=_OneAddress(*address), use_dns_cache=False)
    async with ClientSession(connector=connector, timeout=_TIMEOUT) as session:
        yield session
