"""The callback: which connection an answer belongs to, which side it goes to, and on it goes."""

from typing import NamedTuple

from cockpit.clock import Clock
from cockpit.proxy import cookies, pages
from cockpit.proxy.answers import Answer
from cockpit.proxy.config import Config
from cockpit.proxy.cookies import Marker
from cockpit.proxy.ledger import Ledger, key
from cockpit.proxy.table import Ready, Table
from cockpit.rollout import form
from cockpit.rollout.decide import Decision, Known, decide
from cockpit.rollout.route import Side
from cockpit.serving.asgi import Reply
from cockpit.state.rollout.flows import Claim, Flow


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

    def unknown(self, ready: Ready, read: Answer, sent_cookies: bytes) -> tuple[Decision, Claim | None]:
        """The side of an answer at its route's own address, if nothing is known of it, and what to claim.

        Without a claim it is decided.
        """
        if read.seen is None and ready.side == "workos" and not sent_cookies:
            return _AT_WORKOS, None
        now_s = self._clock.now()
        now = int(now_s * 1000)
        marker = self._marked(ready, read, _markers(sent_cookies), now_s)
        decision = self._decided(ready, read, None, marker, now)
        if read.seen is None:
            return decision, None
        return decision, Claim(read.claims, self._flow(ready, decision, now), read.watched)

    def known(self, table: Table, ready: Ready | None, read: Answer, sent_cookies: bytes) -> Found:
        """The long way: something is known of the answer, or its address names no route."""
        now_s = self._clock.now()
        now, markers = int(now_s * 1000), _markers(sent_cookies)
        keys = (read.seen, *read.flow) if read.seen else read.flow
        known = self._ledger.find(keys, now) if keys else {}
        flow = next((known[one] for one in read.flow if one in known), None)
        again = known.get(read.seen) if read.seen else None
        for earlier in (flow, again):
            if ready is None and earlier is not None and earlier.connection:
                ready = table.get(earlier.connection)
        if ready is None and read.issuer:
            ready = table.of_issuer(read.issuer)
        if ready is None and markers and read.solicited:
            ready = self._latest(table, markers, now_s)
        if again is not None:
            return Found(ready, _possible(ready, Decision(again.side, "again")))
        marker = self._marked(ready, read, markers, now_s)
        decision = self._decided(ready, read, flow.side if flow else None, marker, now)
        if read.seen is not None:
            side = self._ledger.claim(read.claims, self._flow(ready, decision, now), now)
            if side != decision.side:  # another proxy was first, just now
                decision = _possible(ready, Decision(side, "again"))
        return Found(ready, decision)

    def _decided(
        self, ready: Ready | None, read: Answer, flow: Side | None, marker: Side | None, now: int
    ) -> Decision:
        if ready is None:
            return Decision("legacy", "unknown")
        if ready.side == "workos" and flow is None and marker is None:
            return _AT_WORKOS
        known = Known(None, flow, marker, read.solicited)
        return _possible(ready, decide(ready.route, ready.side, known, lambda: self._begun(ready, now)))

    def _marked(
        self, ready: Ready | None, read: Answer, markers: dict[str, str], now_s: float
    ) -> Side | None:
        if ready is None or not read.solicited or not markers:
            return None
        said = self._marker.side(ready.cookie, markers, read.flow, now_s)
        return said[0] if said else None

    def _flow(self, ready: Ready | None, decision: Decision, now: int) -> Flow:
        connection = ready.route.connection if ready else None
        return Flow(decision.side, connection, now + self._config.seen_s * 1000)

    def _latest(self, table: Table, markers: dict[str, str], now_s: float) -> Ready | None:
        """The connection that this browser began with last."""
        best, end = None, 0
        for base in {cookies.base_of(cookie) for cookie in markers}:
            ready = table.of_cookie(base)
            said = self._marker.side(base, markers, (), now_s) if ready else None
            if said and said[1] > end:
                best, end = ready, said[1]
        return best

    def _begun(self, ready: Ready, now: int) -> bool:
        """Whether an application began logins at WorkOS by which we can't know their answers."""
        one = key("begun", ready.route.connection)
        return bool(self._ledger.find((one,), now))


def _markers(sent: bytes) -> dict[str, str]:
    return cookies.of_request(sent) if cookies.BYTES in sent else {}


_AT_WORKOS = Decision("workos", "route")


def _possible(ready: Ready | None, decision: Decision) -> Decision:
    """WorkOS only where there is a target that may be used."""
    if decision.side == "workos" and (ready is None or not ready.location):
        return Decision("legacy", "unknown")
    return decision


def to_workos(ready: Ready, read: Answer, query: bytes) -> Reply:
    """What sends the browser on, with what it brought. Raises NoForm."""
    if read.binding == "get":
        mark = b"&" if b"?" in ready.location else b"?"
        return Reply(302, ((b"location", ready.location + mark + query), pages.NO_STORE))
    if ready.route.delivery == "form":
        return pages.form(ready.location.decode(), form.texts(read.fields))
    return Reply(307, ((b"location", ready.location), pages.NO_STORE))
