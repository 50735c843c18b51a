"""The proxy itself: identify -> decide -> forward."""

import asyncio
from typing import NamedTuple

from cockpit.clock import Clock
from cockpit.proxy import answers, callbacks, pages, starts
from cockpit.proxy.answers import Answer
from cockpit.proxy.callbacks import Callbacks, Found
from cockpit.proxy.claims import Claims
from cockpit.proxy.config import Config
from cockpit.proxy.cookies import Marker
from cockpit.proxy.counts import Counts, Refusal
from cockpit.proxy.head import Head, Refused, read
from cockpit.proxy.ledger import Ledger
from cockpit.proxy.legacy import LegacyHandler, Marking
from cockpit.proxy.observe import Observer
from cockpit.proxy.routes import Routes
from cockpit.proxy.table import Ready, unknown
from cockpit.rollout import form
from cockpit.serving.asgi import App, Headers, Receive, Reply, Scope, Send
from cockpit.serving.protocol import Answering, Outcome, Request
from cockpit.state.rollout.flows import Flow

_REFUSALS: dict[Refusal, tuple[int, pages.Text]] = {
    "body_too_large": (413, pages.TOO_LARGE),
    "hops": (508, pages.LOOP),
    "unknown_host": (421, pages.UNKNOWN_HOST),
    "framing": (400, pages.BAD_REQUEST),
}


class Arrived(NamedTuple):
    """An answer at a callback; `ready` is its route where the address names one."""

    request: Request
    ready: Ready | None
    read: Answer
    cookies: bytes


class Proxy:
    """What the public listener does with requests."""

    def __init__(
        self,
        config: Config,
        routes: Routes,
        ledger: Ledger,
        legacy: LegacyHandler,
        counts: Counts,
        observer: Observer,
        clock: Clock,
    ) -> None:
        self.max_body = config.max_body
        self.max_connections = config.max_connections
        self._config = config
        self._routes = routes
        self._ledger = ledger
        self._legacy = legacy
        self._counts = counts
        self._observer = observer
        self._clock = clock
        self._marker = Marker(config.cookie_keys, config.flow_s)
        self._callbacks = Callbacks(config, ledger, self._marker, clock)
        self._claims = Claims(ledger, clock)
        self._loop = asyncio.get_running_loop()

    def take(self, request: Request) -> Outcome:
        """What answers a request. Whatever fails on our side ends in legacy."""
        try:
            return self._taken(request, read(request.headers, self._config))
        except Refused as error:
            return self._refusal(error.why)
        except Exception as error:
            return self._fallen(request, error)

    def too_large(self, request: Request) -> Reply:
        """Of a body that is read no further."""
        return self._refusal("body_too_large")

    def malformed(self) -> None:
        """Two lengths, a length beside chunks, no HTTP at all."""
        self._counts.refused["framing"] += 1

    def late(self) -> None:
        """A head or a body that did not come."""
        self._counts.refused["timeout"] += 1

    def _refusal(self, why: Refusal) -> Reply:
        self._counts.refused[why] += 1
        status, text = _REFUSALS[why]
        return pages.page(status, text, self._config.help_url)

    def _taken(self, request: Request, head: Head) -> Outcome:
        self._routes.refresh()
        table, method, path = self._routes.table, request.method, request.path
        if method not in (b"GET", b"POST"):
            return self._at_legacy(request)
        ready = table.at(head.host, path)
        if ready is None:
            config = self._config
            named = config.callbacks.match(path)
            if named is None:
                begins = config.starts.paths.match(path) if config.starts else None
                connection = "" if begins is None else begins or self._queried(request.query)
                return self._begin(connection, request) if connection else self._at_legacy(request)
            ready = table.get(named or self._queried(request.query))
        read = self._read(ready, request, head)
        if read is None:
            return self._at_legacy(request)
        return self._decide(Arrived(request, ready, read, head.cookies))

    def _read(self, ready: Ready | None, request: Request, head: Head) -> Answer | None:
        """An answer at a callback; None where it is none that we can read: legacy will know."""
        guard, query = self._config.replay_guard, request.query
        is_get = request.method == b"GET"
        if is_get and ready is not None and ready.route.protocol == "saml":
            return None
        if not guard and ready is not None and (is_get or ready.route.delivery == "redirect"):
            return answers.glanced(query) if is_get else answers.NOTHING_READ
        try:
            if is_get:
                return answers.queried(query, guard) if query else None
            return answers.posted(request.body, guard) if head.is_form else None
        except ValueError:
            return None

    def _decide(self, arrived: Arrived) -> Outcome:
        ready = arrived.ready
        if ready is None:
            return self._deliver(arrived, self._known(arrived))
        decision, claim = self._callbacks.unknown(ready, arrived.read, arrived.cookies)
        if claim is None:
            return self._deliver(arrived, Found(ready, decision))
        outcome: asyncio.Future[Answering] = self._loop.create_future()

        def go_on(is_first: bool) -> None:
            try:
                found = Found(ready, decision) if is_first else self._known(arrived)
                outcome.set_result(self._deliver(arrived, found))
            except Exception as error:
                outcome.set_result(self._fallen(arrived.request, error))

        self._claims.ask(claim, go_on)
        return outcome

    def _known(self, arrived: Arrived) -> Found:
        return self._callbacks.known(self._routes.table, arrived.ready, arrived.read, arrived.cookies)

    def _deliver(self, arrived: Arrived, found: Found) -> Answering:
        """An answer to its side; one that can't be sent on as its route says goes to legacy."""
        ready, decision = found
        request, read = arrived.request, arrived.read
        logins = self._counts.logins
        connection = ready.route.connection if ready else ""
        if decision.reason == "again":
            logins[connection, decision.side, "again"] += 1
        if ready is None:
            return self._at_legacy(request, connection)
        if self._config.observe:
            self._observer.see(connection, read, len(request.body))
        if decision.side == "workos":
            try:
                reply = callbacks.to_workos(ready, read, request.query)
            except form.NoForm as error:
                self._fell(error)
            else:
                logins[connection, "workos", "sent"] += 1
                return reply
        return self._at_legacy(request, connection)

    def _begin(self, connection: str, request: Request) -> Answering:
        now_s, config = self._clock.now(), self._config
        routed = self._routes.table.get(connection)
        ready = routed or unknown(connection)
        side = ready.side
        self._counts.logins[connection if routed else "", side, "start"] += 1
        if side == "workos" and config.starts is not None:
            marked = (self._marker.header(ready.cookie, side, now_s),)
            return starts.to_workos(config.starts, ready, request.query, marked)
        now = int(now_s * 1000)
        flow = Flow("legacy", connection, now + config.flow_s * 1000)

        def mark(location: str) -> Headers:
            key = starts.key_of(location)
            if key is not None:
                self._ledger.note(key, flow, now)
            return (self._marker.header(ready.cookie, "legacy", now_s, key),)

        return self._at_legacy(request, mark=mark)

    def _at_legacy(self, request: Request, connection: str | None = None, mark: Marking | None = None) -> App:
        """Hand it on; what legacy says of an answer is counted under its `connection`."""

        async def hand_on(scope: Scope, receive: Receive, send: Send) -> None:
            said = await self._legacy.forward(scope, request.body, send, mark)
            if connection is not None:
                self._counts.logins[connection, "legacy", said] += 1

        return hand_on

    def _queried(self, query: bytes) -> str:
        """The connection that a query names, "" without."""
        if not query:
            return ""
        try:
            fields = form.fields(query)
        except form.NoForm:
            return ""
        for name in self._config.query_names:
            if value := fields.get(name.encode()):
                return form.decoded(value).decode("utf-8", "replace")
        return ""

    def _fallen(self, request: Request, error: Exception) -> App:
        self._fell(error)
        return self._at_legacy(request)

    def _fell(self, error: Exception) -> None:
        """A fault of ours: counted by its kind, its words may hold what was sent."""
        self._counts.faults[type(error).__name__] += 1
        self._counts.logins["", "legacy", "fallback"] += 1
