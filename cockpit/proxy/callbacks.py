"""The callback: which connection an answer belongs to, which side it goes to, and on it goes."""

from typing import NamedTuple

from cockpit.clock import Clock
from cockpit.proxy import cookies, pages
from cockpit.proxy.answers import Answer
from cockpit.proxy.asgi import Scope, Send, answer
from cockpit.proxy.config import Config
from cockpit.proxy.cookies import Marker
from cockpit.proxy.ledger import Ledger, key
from cockpit.proxy.table import Ready, Table
from cockpit.rollout import form
from cockpit.rollout.decide import Decision, Known, decide
from cockpit.state.rollout.flows import Flow


class Found(NamedTuple):
    """An answer's route (None: nobody's) and the side it goes to."""

    ready: Ready | None
    decision: Decision


class Callbacks:
    """Identify and decide."""

    def __init__(self, config: Config, ledger: Ledger, marker: Marker, clock: Clock) -> None:
        self._config = config
        self._ledger = ledger
        self._marker = marker
        self._clock = clock

    def side_of(self, table: Table, ready: Ready | None, read: Answer, sent_cookies: bytes) -> Found:
        """Where an answer goes; `ready` is its route where the address names one."""
        now_s = self._clock.now()
        now = int(now_s * 1000)
        keys = (read.seen, *read.flow) if read.seen else read.flow
        known = self._ledger.find(keys, now) if keys else {}
        flow = next((known[one] for one in read.flow if one in known), None)
        if ready is None and flow is not None and flow.connection:
            ready = table.get(flow.connection)
        if ready is None and read.issuer:
            ready = table.of_issuer(read.issuer)
        markers = cookies.of_request(sent_cookies) if cookies.BYTES in sent_cookies else {}
        if ready is None and markers and read.solicited:
            ready = self._latest(table, markers, now_s)
        again = known.get(read.seen) if read.seen else None
        if again is not None:
            if ready is None and again.connection:
                ready = table.get(again.connection)
            return Found(ready, self._possible(ready, Decision(again.side, "again")))
        marker = None
        if ready is not None and read.solicited and (value := markers.get(ready.cookie)):
            said = self._marker.read(ready.cookie, value, now_s)
            marker = said[0] if said else None
        decision = self._possible(
            ready,
            decide(
                ready.route if ready else None,
                ready.side if ready else "legacy",
                Known(None, flow.side if flow else None, marker, read.solicited),
                lambda: self._begun(ready, now),
            ),
        )
        if read.seen is not None:
            decision = self._claim(ready, read.seen, read.flow, decision, now)
        return Found(ready, decision)

    def _claim(
        self, ready: Ready | None, seen: bytes, flow: tuple[bytes, ...], decision: Decision, now: int
    ) -> Decision:
        """Write down that the answer went to this side; another proxy may have been first."""
        until = now + self._config.seen_s * 1000
        connection = ready.route.connection if ready else None
        side = self._ledger.claim((seen, *flow[:1]), Flow(decision.side, connection, until), now)
        if side == decision.side:
            return decision
        return self._possible(ready, Decision(side, "again"))

    def _latest(self, table: Table, markers: dict[str, str], now_s: float) -> Ready | None:
        """The connection that this browser began with last."""
        best, end = None, 0
        for cookie, value in markers.items():
            ready = table.of_cookie(cookie)
            said = self._marker.read(cookie, value, now_s) if ready else None
            if said and said[1] > end:
                best, end = ready, said[1]
        return best

    def _begun(self, ready: Ready | None, now: int) -> bool:
        """Whether an application began logins at WorkOS by which we can't know their answers."""
        if ready is None:
            return False
        one = key("begun", ready.route.connection)
        return bool(self._ledger.find((one,), now))

    def _possible(self, ready: Ready | None, decision: Decision) -> Decision:
        """WorkOS only where there is a target that may be used."""
        if decision.side == "workos" and (ready is None or not ready.location):
            return Decision("legacy", "unknown")
        return decision


async def to_workos(scope: Scope, send: Send, ready: Ready, read: Answer) -> None:
    """Send the browser on, with what it brought."""
    if scope["method"] == "GET":
        mark = b"&" if b"?" in ready.location else b"?"
        location = ready.location + mark + scope["query_string"]
        await answer(send, 302, ((b"location", location), pages.NO_STORE))
    elif ready.route.delivery == "form":
        url = ready.location.decode()
        await pages.form(send, url, ready.form_action, form.texts(read.fields))
    else:
        await answer(send, 307, ((b"location", ready.location), pages.NO_STORE))
