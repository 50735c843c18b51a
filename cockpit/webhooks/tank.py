"""The holding tank: it says 200 once an event is verified and durable, never before."""

import json
from collections import Counter
from collections.abc import Mapping

from cockpit.clock import Clock, millis
from cockpit.serving.asgi import Reply
from cockpit.serving.protocol import Outcome, Request
from cockpit.state.tank.arrivals import Arrival
from cockpit.webhooks.classify import classify
from cockpit.webhooks.group_commit import GroupCommit
from cockpit.webhooks.signatures import Verifier

MAX_BODY = 1 << 20
"""Bytes; Svix sends at most 350 kB, Auth0's log streams batches of 100 records."""
CONNECTIONS = 2048
"""More at a time are answered 503: each may hold a body in memory."""
CREDENTIALS = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that are not kept: the drain signs anew."""


class Tank:
    """Takes POST /NAME for each source; with one source, any path. Nothing of a body is ever logged."""

    max_body = MAX_BODY
    max_connections = CONNECTIONS

    def __init__(self, sources: Mapping[str, Verifier], keeper: GroupCommit, clock: Clock) -> None:
        self._sources, self._keeper, self._clock = dict(sources), keeper, clock
        self._only = next(iter(sources)) if len(sources) == 1 else None
        self.refused: Counter[tuple[str, str]] = Counter()
        """What was not let in since somebody took the counts, by source and reason."""

    def take(self, request: Request) -> Outcome:
        """A refusal at once, or the promise of an answer that comes when the event is durable."""
        source = self._only or request.path.strip("/")
        verifier = self._sources.get(source)
        if verifier is None:
            return Reply(404)
        if request.method != b"POST":
            return Reply(405, ((b"allow", b"POST"),))
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
        now = self._clock.now()
        why = verifier.refusal(headers, request.body, now)
        if why is not None:
            return self._refuse(source, why, 401)
        told = classify(headers, request.body)
        kept = json.dumps({name: value for name, value in headers.items() if name not in CREDENTIALS})
        return self._keeper.keep(Arrival(source, *told, millis(now), kept, request.body))

    def too_large(self, request: Request) -> Reply:
        """Of a body that is read no further."""
        return self._refuse(self._only or request.path.strip("/"), "a body of more than 1 MB", 413)

    def malformed(self) -> None:
        """Not counted: whoever scans the internet sends such, and it is no sign of a provider."""

    def late(self) -> None:
        """Not counted either; a provider that was cut off comes again."""

    def _refuse(self, source: str, why: str, status: int) -> Reply:
        if source in self._sources:
            self.refused[source, why] += 1
        return Reply(status, close=status == 413)
