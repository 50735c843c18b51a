"""The holding tank: an ASGI endpoint that says 200 once an event is verified and durable, never before."""

import asyncio
import json
import logging
from collections import Counter
from collections.abc import Mapping

from cockpit.clock import Clock, millis
from cockpit.serving.asgi import Receive, Reply, Scope, Send
from cockpit.state.database import StateError
from cockpit.state.tank.arrivals import Arrival
from cockpit.webhooks.classify import classify
from cockpit.webhooks.group_commit import GroupCommit
from cockpit.webhooks.signatures import Verifier

log = logging.getLogger("cockpit.tank")

MAX_BODY = 1 << 20
"""Bytes; Svix sends at most 350 kB, Auth0's log streams batches of 100 records."""
BODY_S = 15.0
"""How long a body may take to come."""
RETRY_S = 10
"""When to come again while nothing can be stored."""
CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that are not kept: the drain signs anew."""


class TooLarge(Exception):
    """A body beyond MAX_BODY."""


class Gone(Exception):
    """The sender went away, or its body did not come in time."""


class Tank:
    """Takes POST /NAME for each source; with one source, any path. Nothing of a body is ever logged."""

    def __init__(self, sources: Mapping[str, Verifier], keeper: GroupCommit, clock: Clock) -> None:
        self._sources, self._keeper, self._clock = dict(sources), keeper, clock
        self._only = next(iter(sources)) if len(sources) == 1 else None
        self.refused: Counter[tuple[str, str]] = Counter()
        """What was not let in since somebody took the counts, by source and reason."""
        self._unwell = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http", "the server is told to have no lifespan and no websockets"
        try:
            status = await self._take(scope, receive)
        except Gone:
            return
        await _answer(send, status)

    async def _take(self, scope: Scope, receive: Receive) -> int:
        source = self._only or scope["path"].strip("/")
        verifier = self._sources.get(source)
        if verifier is None:
            return 404
        if scope["method"] != "POST":
            return 405
        try:
            body = await _body(scope, receive)
        except TooLarge:
            return self._refuse(source, "a body of more than 1 MB", 413)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        now = self._clock.now()
        why = verifier.refusal(headers, body, now)
        if why is not None:
            return self._refuse(source, why, 401)
        told = classify(headers, body)
        kept = json.dumps({name: value for name, value in headers.items() if name not in CREDENTIALS})
        try:
            await self._keeper.keep(Arrival(source, *told, millis(now), kept, body))
        except StateError as error:
            if not self._unwell:
                log.error("nothing can be stored, senders are told to come again: %s", error)
            self._unwell = True
            return 503
        self._unwell = False
        return 200

    def _refuse(self, source: str, why: str, status: int) -> int:
        self.refused[source, why] += 1
        return status


async def _body(scope: Scope, receive: Receive) -> bytes:
    message = await receive()
    if not message.get("more_body") and message["type"] == "http.request":
        body: bytes = message["body"]
        if len(body) > MAX_BODY:
            raise TooLarge
        return body
    parts, size = [], 0
    try:
        async with asyncio.timeout(BODY_S):
            while True:
                if message["type"] != "http.request":
                    raise Gone
                parts.append(message["body"])
                size += len(parts[-1])
                if size > MAX_BODY:
                    raise TooLarge
                if not message.get("more_body"):
                    return b"".join(parts)
                message = await receive()
    except TimeoutError:
        raise Gone from None


async def _answer(send: Send, status: int) -> None:
    headers = []
    if status == 503:
        headers.append((b"retry-after", str(RETRY_S).encode()))
    if status == 405:
        headers.append((b"allow", b"POST"))
    if status == 413:
        headers.append((b"connection", b"close"))
    await Reply(status, headers).by(send)
