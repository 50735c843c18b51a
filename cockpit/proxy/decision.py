"""GET /decision/{connection}: for applications that begin logins themselves. On an internal port.

Its answer is a promise: what began on a side ends there, so the flow is written down before it is given.
"""

import json
from urllib.parse import parse_qs

from cockpit.clock import Clock, millis
from cockpit.proxy.config import Config
from cockpit.proxy.counts import Counts
from cockpit.proxy.ledger import Kind, Ledger, key
from cockpit.proxy.routes import Routes
from cockpit.proxy.table import Ready
from cockpit.serving.asgi import Receive, Reply, Scope, Send
from cockpit.state.rollout.flows import Flow

PREFIX = "/decision/"
PROMISE_S = 0.25
"""How long an answer waits for the database while that is locked; while it is away, memory has to do."""
_GIVEN: dict[str, Kind] = {"id": "asked", "state": "state", "relay_state": "relay"}


class Decisions:
    """The side of a login that begins now.

    ?id= (the AuthnRequest's ID), ?state=, ?relay_state= (one of its own for each login): by what the
    answer will be known. Legacy's logins need one of them; of WorkOS's nothing can be known beforehand.
    """

    def __init__(self, config: Config, routes: Routes, ledger: Ledger, counts: Counts, clock: Clock) -> None:
        self._config = config
        self._routes = routes
        self._ledger = ledger
        self._counts = counts
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request. An unknown connection is legacy's."""
        path: str = scope["path"]
        if scope["method"] != "GET" or not path.startswith(PREFIX) or path == PREFIX:
            await Reply(404).by(send)
            return
        self._routes.refresh()
        connection = path.removeprefix(PREFIX)
        ready = self._routes.table.get(connection)
        if ready is not None:
            noted = self._write_down(ready, parse_qs(scope["query_string"].decode("latin-1")))
            await self._ledger.written(noted, PROMISE_S)
        said = {
            "connection": connection,
            "side": ready.side if ready else "legacy",
            "known": ready is not None,
            "workos_connection": ready.route.target_id if ready else None,
            "version": self._routes.table.version,
        }
        headers = ((b"content-type", b"application/json"), (b"cache-control", b"no-store"))
        await Reply(200, headers, json.dumps(said).encode()).by(send)

    def _write_down(self, ready: Ready, given: dict[str, list[str]]) -> list[bytes]:
        connection, side = ready.route.connection, ready.side
        self._counts.logins[connection, side, "start"] += 1
        now = millis(self._clock.now())
        flow = Flow(side, connection, now + self._config.flow_s * 1000)
        keys = [key(kind, value) for name, kind in _GIVEN.items() for value in given.get(name, [])]
        if side == "workos":
            keys.append(key("begun", connection))
        for one in keys:
            self._ledger.note(one, flow, now)
        return keys
