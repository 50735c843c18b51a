"""The proxy itself: identify -> decide -> forward, as bare ASGI."""

from typing import NamedTuple

from cockpit.clock import Clock
from cockpit.proxy import answers, callbacks, pages, starts
from cockpit.proxy.answers import Answer
from cockpit.proxy.callbacks import Callbacks, Found
from cockpit.proxy.config import Config
from cockpit.proxy.cookies import Marker
from cockpit.proxy.counts import Counts, Refusal
from cockpit.proxy.head import Gone, Head, Refused, body, drain, read
from cockpit.proxy.ledger import Ledger
from cockpit.proxy.legacy import LegacyHandler
from cockpit.proxy.observe import Observer
from cockpit.proxy.routes import Routes
from cockpit.proxy.table import Ready, unknown
from cockpit.rollout import form
from cockpit.rollout.decide import Decision
from cockpit.serving.asgi import Headers, Receive, Scope, Send
from cockpit.state.rollout.flows import Flow

_REFUSALS: dict[Refusal, tuple[int, pages.Text]] = {
    "body_too_large": (413, pages.TOO_LARGE),
    "hops": (508, pages.LOOP),
    "unknown_host": (421, pages.UNKNOWN_HOST),
    "framing": (400, pages.BAD_REQUEST),
    "timeout": (408, pages.BAD_REQUEST),
}


class Start(NamedTuple):
    """A login that begins here."""

    ready: Ready


class Arrived(NamedTuple):
    """An answer, read and decided."""

    found: Found
    read: Answer


class Proxy:
    """The application that the public listener serves."""

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
        self._config = config
        self._routes = routes
        self._ledger = ledger
        self._legacy = legacy
        self._counts = counts
        self._observer = observer
        self._clock = clock
        self._marker = Marker(config.cookie_keys, config.flow_s)
        self._callbacks = Callbacks(config, ledger, self._marker, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        config = self._config
        content = b""
        try:
            head = read(scope, config)
            if scope["method"] != "GET":
                content = await body(receive, config.max_body)
        except Refused as error:
            self._counts.refused[error.why] += 1
            status, text = _REFUSALS[error.why]
            if error.why == "body_too_large":
                await drain(receive)
            await pages.page(send, status, text, config.help_url)
            return
        except Gone:
            return
        try:
            found = self._look(scope, head, content)
        except Exception as error:
            self._fell(error)
            found = None
        match found:
            case Arrived():
                await self._deliver(found, scope, content, send)
            case Start():
                await self._begin(found.ready, scope, content, send)
            case None:
                await self._legacy.forward(scope, content, send)

    def _look(self, scope: Scope, head: Head, content: bytes) -> Arrived | Start | None:
        """What a request is; None for one that is legacy's business alone."""
        self._routes.refresh()
        table, path, method = self._routes.table, scope["path"], scope["method"]
        if method not in ("GET", "POST"):
            return None
        ready = table.at(head.host, path)
        if ready is None:
            config = self._config
            named = config.callbacks.match(path)
            if named is None:
                begins = config.starts.paths.match(path) if config.starts else None
                if begins is None:
                    return None
                connection = begins or self._queried(scope["query_string"])
                return Start(table.get(connection) or unknown(connection)) if connection else None
            ready = table.get(named or self._queried(scope["query_string"]))
        return self._arrived(ready, method, scope["query_string"], head, content)

    def _arrived(
        self, ready: Ready | None, method: str, query: bytes, head: Head, content: bytes
    ) -> Arrived | None:
        """An answer at a callback; None where it is none that we can read: legacy will know."""
        guard = self._config.replay_guard
        read: Answer | None
        if not guard and ready is not None and (method == "GET" or ready.route.delivery == "redirect"):
            read = answers.glanced(query) if method == "GET" else answers.NOTHING_READ
        else:
            try:
                if method == "GET":
                    read = answers.queried(query, guard) if query else None
                else:
                    read = answers.posted(content, guard) if head.is_form else None
            except ValueError:
                read = None
        if read is None:
            return None
        if read.binding == "get" and ready is not None and ready.route.protocol == "saml":
            return None
        found = self._callbacks.side_of(self._routes.table, ready, read, head.cookies)
        return Arrived(found, read)

    async def _deliver(self, arrived: Arrived, scope: Scope, content: bytes, send: Send) -> None:
        ready, decision = arrived.found
        logins = self._counts.logins
        connection = ready.route.connection if ready else ""
        if decision.reason == "again":
            logins[connection, decision.side, "again"] += 1
        if ready is not None and self._config.observe:
            self._observer.see(connection, arrived.read, len(content))
        if decision.side == "workos" and ready is not None:
            try:
                await callbacks.to_workos(scope, send, ready, arrived.read)
            except form.NoForm as error:  # before anything was sent
                self._fell(error)
                decision = Decision("legacy", "unknown")
            else:
                logins[connection, "workos", "sent"] += 1
                return
        said = await self._legacy.forward(scope, content, send)
        logins[connection, "legacy", said] += 1

    async def _begin(self, ready: Ready, scope: Scope, content: bytes, send: Send) -> None:
        now_s = self._clock.now()
        config, side = self._config, ready.side
        known = self._routes.table.get(ready.route.connection) is not None
        self._counts.logins[ready.route.connection if known else "", side, "start"] += 1
        if side == "workos" and config.starts is not None:
            marked = (self._marker.header(ready.cookie, side, now_s),)
            await starts.to_workos(send, config.starts, ready, scope["query_string"], marked)
            return
        now = int(now_s * 1000)
        flow = Flow("legacy", ready.route.connection, now + config.flow_s * 1000)

        def mark(location: str) -> Headers:
            key = starts.key_of(location)
            if key is not None:
                self._ledger.note(key, flow, now)
            return (self._marker.header(ready.cookie, "legacy", now_s, key),)

        await self._legacy.forward(scope, content, send, mark)

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

    def _fell(self, error: Exception) -> None:
        """A fault of ours: counted by its kind, its words may hold what was sent."""
        self._counts.faults[type(error).__name__] += 1
        self._counts.logins["", "legacy", "fallback"] += 1
