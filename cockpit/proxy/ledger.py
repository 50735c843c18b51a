"""What is known of logins under way: in memory, and in rollout.db for the other proxies of this host.

While the database is away, memory goes on alone; what it learnt is written down later.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal

from cockpit.proxy.store import Store
from cockpit.rollout.route import Side
from cockpit.state.rollout import flows
from cockpit.state.rollout.flows import Flow

Kind = Literal["seen", "asked", "state", "relay", "begun"]
"""seen: an answer (a response's ID, or a state) that was here. asked: the ID of a request (InResponseTo).
state, relay: a state or RelayState of a login that began. begun: a connection's latest start at WorkOS by
an application that could not say by what its answer will be known."""

REMEMBERED = 50_000
PENDING = 50_000


def key(kind: Kind, value: str) -> bytes:
    """What a flow is found by: nobody reads an id or a state from the database."""
    return hashlib.sha256(f"{kind} {value}".encode()).digest()


class Ledger:
    """First writer wins. Times are ms."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[bytes, Flow] = OrderedDict()
        self.pending: dict[bytes, Flow] = {}
        """What could not be written down yet."""

    def find(self, keys: Sequence[bytes], now: int) -> dict[bytes, Flow]:
        """Those of these that are known and not over."""
        known = self._known
        found = {one: flow for one in keys if (flow := known.get(one)) and flow.until > now}
        if len(found) < len(keys):
            asked = [one for one in keys if one not in found]
            found.update(self._store.attempt(lambda db: flows.find(db, asked, now)) or {})
        return found

    def claim(self, keys: Sequence[bytes], flow: Flow, now: int) -> Side:
        """Take these where nobody has; returns whose side the first of them is on."""
        first = self.find(keys[:1], now).get(keys[0]) if keys[0] in self._known else None
        if first is not None:
            return first.side
        rows = [(one, flow) for one in keys]
        written = self._store.attempt(lambda db: flows.claim(db, rows, now))
        if written is None:
            for one in keys:
                self._later(one, flow)
        elif not written:
            first = self.find(keys[:1], now).get(keys[0])
        kept = first or flow
        self._remember(keys[0], kept)
        for one in keys[1:]:
            if one not in self._known or self._known[one].until <= now:
                self._remember(one, flow)
        return kept.side

    def note(self, one: bytes, flow: Flow, now: int) -> None:
        """Write one down, or keep it longer."""
        if self._store.attempt(lambda db: flows.extend(db, one, flow, now)) is None:
            self._later(one, flow)
        self._remember(one, flow)

    def _remember(self, one: bytes, flow: Flow) -> None:
        self._known[one] = flow
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _later(self, one: bytes, flow: Flow) -> None:
        if len(self.pending) < PENDING:
            self.pending[one] = flow
