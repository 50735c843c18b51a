"""Routes for proxies on other hosts: signed snapshots, given as soon as there is a new one.

GET /routes?after=VERSION&wait=SECONDS answers 200 with the newest snapshot when it is another one, else waits
for news and answers 204 without. Who asks says by headers which proxy it is and what it applies.
"""

import asyncio
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qsl

from cockpit.clock import Clock, millis
from cockpit.proxy.sources import PROXY_HEADER, VERSION_HEADER, Database
from cockpit.proxy.store import Store
from cockpit.rollout import snapshot
from cockpit.rollout.snapshot import Key
from cockpit.serving.asgi import Receive, Reply, Scope, Send
from cockpit.state.rollout import proxies

PATH = "/routes"
LONGEST_WAIT_S = 30.0
LOOK_S = 0.025


class Publisher:
    """Serves the routes of one rollout.db. While it is away the last ones are served on."""

    def __init__(self, store: Store, key: Key, token: str | None, clock: Clock) -> None:
        """Raises SnapshotRefused for a key that can't sign."""
        key.sign(b"")
        self._store = store
        self._database = Database(store)
        self._key = key
        self._token = token
        self._clock = clock
        self._document = b""
        self._version = -1
        self._news = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One question of a proxy."""
        headers = dict(scope["headers"])
        if scope["path"] != PATH or scope["method"] != "GET":
            await Reply(404).by(send)
            return
        if self._token and not _is_bearer(headers.get(b"authorization", b""), self._token):
            await Reply(401).by(send)
            return
        asked = dict(parse_qsl(scope["query_string"].decode("latin-1")))
        self._report(headers)
        after = _number(asked.get("after", ""))
        if self._version in (after, -1):
            await self._wait(min(_number(asked.get("wait", "0")), LONGEST_WAIT_S))
        if self._version in (after, -1):
            await Reply(204).by(send)
            return
        kind = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
        await Reply(200, kind, self._document).by(send)

    async def follow(self) -> None:
        """Look for new routes until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Take new routes, if there are."""
        table = self._database.poll()
        if table is None:
            return
        self._document = snapshot.write(table, millis(self._clock.now()), self._key)
        self._version = table.version
        self._news.set()
        self._news = asyncio.Event()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    def _report(self, headers: Mapping[bytes, bytes]) -> None:
        name = headers.get(PROXY_HEADER.lower().encode(), b"").decode("latin-1")
        version = _number(headers.get(VERSION_HEADER.lower().encode(), b"").decode("latin-1"))
        if not name.isprintable() or not 0 < len(name) <= 200 or version < 0:
            return
        now = millis(self._clock.now())
        self._store.write(lambda db: proxies.report(db, name, "snapshot", version, now))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else -1


def _is_bearer(given: bytes, token: str) -> bool:
    return hmac.compare_digest(given, f"Bearer {token}".encode())
