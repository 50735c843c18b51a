"""A provider's webhooks: events queue while the endpoint is paused, and all of them come at once on resume.

What is not answered 2xx is sent again, until it is.
"""

import asyncio
import json
from collections import deque
from dataclasses import dataclass, field

import aiohttp

from cockpit.sandbox.clock import Clock, iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.webhooks import signing

CONNECTIONS = 64
RETRY_S = 0.2
_TYPES = ("user.created", "user.updated", "user.updated", "session.created")


@dataclass(frozen=True)
class Event:
    """One event: its id and its body as it is sent."""

    id: str
    body: bytes


@dataclass
class Sender:
    """One endpoint's queue. `users` share the events evenly; `sequence` in a body grows with each event."""

    clock: Clock
    url: str = ""
    scheme: str = "svix"
    secret: str = "whsec_c2FuZGJveC1zZWNyZXQ="
    users: int = 100
    connections: int = CONNECTIONS
    paused: bool = True
    padding: int = 300
    acknowledged: list[str] = field(default_factory=list)
    attempts: int = 0
    _queue: deque[Event] = field(default_factory=deque)
    _made: int = 0
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _workers: list[asyncio.Task[None]] = field(default_factory=list)

    def happen(self, count: int) -> None:
        """So many events happen now; each user's are created, updated, updated, session.created, ..."""
        now = int(self.clock.now() * 1000)
        for _ in range(count):
            number, self._made = self._made, self._made + 1
            user, turn = number % self.users, number // self.users
            kind = _TYPES[min(turn, 3)] if turn < 4 else _TYPES[1 + turn % 3]
            self._queue.append(self._event(number, kind, f"user_{user:06}", now + number))
        self._wake.set()

    def _event(self, number: int, kind: str, user: str, at: int) -> Event:
        ident = f"msg_{number:08}"
        data: Json = {"id": user, "updated_at": at, "note": "x" * self.padding}
        if kind == "session.created":
            data = {"id": f"sess_{number:08}", "user_id": user, "created_at": at}
        envelope = {"type": kind, "data": data, "timestamp": at, "sequence": number}
        if self.scheme == "workos":
            envelope = {"id": ident, "event": kind, "created_at": iso(at), "data": data, "sequence": number}
        elif self.scheme != "svix":
            envelope["id"] = ident
        return Event(ident, json.dumps(envelope, separators=(",", ":")).encode())

    @property
    def queued(self) -> int:
        """Events that nobody has taken yet."""
        return len(self._queue)

    def resume(self) -> None:
        """The whole queue goes out as fast as the endpoint takes it."""
        self.paused = False
        self._wake.set()
        if not self._workers:
            self._workers = [asyncio.create_task(self._work()) for _ in range(self.connections)]

    async def close(self) -> None:
        """End; what is in flight is given up."""
        for worker in self._workers:
            worker.cancel()
        await asyncio.gather(*self._workers, return_exceptions=True)

    async def _work(self) -> None:
        timeout = aiohttp.ClientTimeout(total=15)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                if self.paused or not self._queue:
                    self._wake.clear()
                    await self._wake.wait()
                    continue
                event = self._queue.popleft()
                if await self._deliver(session, event):
                    self.acknowledged.append(event.id)
                else:
                    self._queue.appendleft(event)
                    await self.clock.sleep(RETRY_S)

    async def _deliver(self, session: aiohttp.ClientSession, event: Event) -> bool:
        self.attempts += 1
        signed = signing.headers(self.scheme, self.secret, event.id, event.body, self.clock.now())
        headers = {"Content-Type": "application/json", "User-Agent": "Svix-Webhooks/1.0", **signed}
        try:
            async with session.post(self.url, data=event.body, headers=headers) as response:
                return response.ok
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False
