"""Where routes come from: rollout.db on this host, or a signed snapshot in a file or at a publisher."""

import asyncio
import ipaddress
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp

from cockpit.proxy.store import Store
from cockpit.rollout import snapshot
from cockpit.rollout.route import RouteTable
from cockpit.rollout.snapshot import Key, SnapshotRefused
from cockpit.state.rollout import routes
from cockpit.state.rollout.proxies import Mode

START_BUSY_MS = 5000
WAIT_S = 20
"""How long a publisher is asked to hold its answer until there is news."""
PROXY_HEADER, VERSION_HEADER = "X-Cockpit-Proxy", "X-Cockpit-Version"


class Source(Protocol):
    """Gives news; `fault` says why there is none to be had, None while all is well."""

    mode: Mode

    @property
    def fault(self) -> str | None:
        """Why no news can be had."""
        ...

    def poll(self) -> RouteTable | None:
        """Routes that are news, None without. Cheap, and raises nothing."""
        ...


class Database:
    """rollout.db. A version that is lower than the last is news too: somebody put a copy back."""

    mode: Mode = "database"

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: tuple[int, int] | None = None

    @property
    def fault(self) -> str | None:
        """Why rollout.db is not in use."""
        return self._store.fault

    def begin(self) -> None:
        """Open the file with patience: after a kill its log is recovered first, and who has just started
        remembers no login by itself.
        """
        self._store.look(START_BUSY_MS)

    def poll(self) -> RouteTable | None:
        """An empty file that nobody ever moved a route in is no news: it stands where a good one was."""
        self._store.look()
        version = self._store.read(routes.version)
        if version is None or (self._store.opened, version) == self._last:
            return None
        table = self._store.read(routes.table)
        if table is None:
            return None
        self._last = (self._store.opened, table.version)
        return table if table.version > 0 else None


class Newest:
    """Signed snapshots; never an older one than before, unless told so at the start."""

    def __init__(self, keys: Sequence[Key], *, accept_older: bool) -> None:
        self._keys = keys
        self._accept_older = accept_older
        self._version = -1
        self.fault: str | None = "no snapshot yet"

    def begin(self, version: int) -> None:
        """The version that was applied before this start."""
        if not self._accept_older:
            self._version = version

    def take(self, document: bytes) -> RouteTable | None:
        """The routes of a document that is newer; `fault` says why not."""
        try:
            table = snapshot.read(document, self._keys).table
        except SnapshotRefused as error:
            self.fault = str(error)
            return None
        if table.version < self._version:
            self.fault = f"version {table.version} is older than {self._version}; --accept-older takes it"
            return None
        self.fault = None
        if table.version == self._version:
            return None
        self._version = table.version
        return table


class File:
    """A snapshot that something else brings to this host, replaced by a rename."""

    mode: Mode = "snapshot"

    def __init__(self, path: Path, newest: Newest) -> None:
        self._path = path
        self.newest = newest
        self._seen: tuple[int, int, int] | None = None

    @property
    def fault(self) -> str | None:
        """Why the file is not in use."""
        return self.newest.fault

    def poll(self) -> RouteTable | None:
        """Read it when it changed."""
        try:
            found = self._path.stat()
            seen = (found.st_ino, found.st_mtime_ns, found.st_size)
            if seen == self._seen:
                return None
            document = self._path.read_bytes()
        except OSError as error:
            self.newest.fault = f"{self._path}: {error.strerror}"
            self._seen = None
            return None
        self._seen = seen
        return self.newest.take(document)


class Publisher:
    """A `cockpit rollout serve`: asked again and again, it answers when there is news.

    Each question says which version this proxy applies: that is how the kill screen knows.
    """

    mode: Mode = "snapshot"

    def __init__(self, url: str, newest: Newest, name: str, token: str | None) -> None:
        """Raises SnapshotRefused for an address that is neither https nor on loopback."""
        parts = urlsplit(url)
        if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
            raise SnapshotRefused(f"{url}: https, or http on loopback")
        self._url = url
        self.newest = newest
        self._name = name
        self._token = token
        self._news: list[RouteTable] = []
        self.applied = -1
        """The version in use, as the next question reports it."""

    @property
    def fault(self) -> str | None:
        """Why the publisher's routes are not in use."""
        return self.newest.fault

    def poll(self) -> RouteTable | None:
        """What came since the last poll."""
        return self._news.pop(0) if self._news else None

    async def follow(self, arrived: Callable[[], None]) -> None:
        """Ask until cancelled; `arrived` is called for each news, and must poll."""
        timeout = aiohttp.ClientTimeout(total=WAIT_S + 10, sock_connect=5)
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as session:
            pause = 0.1
            while True:
                try:
                    document = await self._ask(session)
                    pause = 0.1
                except (aiohttp.ClientError, TimeoutError, OSError) as error:
                    self.newest.fault = f"{self._url}: {error or type(error).__name__}"
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, 5.0)
                    continue
                table = self.newest.take(document) if document else None
                if table is not None:
                    self._news.append(table)
                    arrived()
                elif document:
                    await asyncio.sleep(1.0)  # refused: the same would come at once

    async def _ask(self, session: aiohttp.ClientSession) -> bytes | None:
        headers = {PROXY_HEADER: self._name, VERSION_HEADER: str(self.applied)}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        asked = {"after": str(self.applied), "wait": str(WAIT_S)}
        async with session.get(self._url, params=asked, headers=headers, allow_redirects=False) as response:
            if response.status == 204:
                self.newest.fault = None
                return None
            if response.status != 200:
                raise aiohttp.ClientError(f"HTTP {response.status}")
            return await response.read()


def _is_loopback(host: str | None) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False
