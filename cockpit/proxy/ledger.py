"""What is known of logins under way: in memory, and in rollout.db for the other proxies of this host.

While the database is away, memory goes on alone; what it learnt is written down later.
"""

import asyncio
import contextlib
import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Literal

from cockpit.proxy.store import Store
from cockpit.rollout.route import SIDES, Side
from cockpit.state.rollout import flows
from cockpit.state.rollout.flows import Claim, Flow

Kind = Literal["seen", "asked", "state", "relay", "begun"]
"""seen: an answer (a response's ID, or a state) that was here. asked: the ID of a request (InResponseTo).
state, relay: a state or RelayState of a login that began. begun: a connection's latest start at WorkOS by
an application that could not say by what its answer will be known."""

REMEMBERED = 50_000
PENDING = 50_000
LOOK_S = 0.002
"""How often one that waits looks whether its flow is written."""


def key(kind: Kind, value: str) -> bytes:
    """What a flow is found by: nobody reads an id or a state from the database."""
    return hashlib.sha256(f"{kind} {value}".encode()).digest()[:16]


def beside(one: bytes, other: bytes) -> bytes:
    """A key like `one` that lies next to `other` in the table, so that both are written as one page."""
    return other[:8] + one[:8]


class Ledger:
    """First writer wins. Times are ms."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._known: OrderedDict[bytes, Flow] = OrderedDict()
        self.pending: dict[bytes, Flow] = {}
        """What could not be written down yet; `missed` is set when something is added."""
        self.missed = threading.Event()

    def find(self, keys: Sequence[bytes], now: int) -> dict[bytes, Flow]:
        """Those of these that are known and not over."""
        known = self._known
        found = {one: flow for one in keys if (flow := known.get(one)) and flow.until > now}
        if len(found) < len(keys):
            asked = [one for one in keys if one not in found]
            for one, flow in (self._store.read(lambda db: flows.find(db, asked, now)) or {}).items():
                found[one] = flow
                self._remember(one, flow)
        return found

    def first(self, claims: Sequence[Claim], now: int) -> list[bool]:
        """Take those of which nobody knows anything: what nearly every answer needs, in one step for all."""
        known = [self._knows(claim, now) for claim in claims]
        fresh = [claim for claim, is_known in zip(claims, known, strict=True) if not is_known]
        written = self._store.write(lambda db: flows.first(db, fresh, now)) if fresh else []
        if written is None:
            self.find([one for claim in fresh for one in (*claim.keys, *claim.others)], now)
            return [self._take_alone(claim, now) for claim in claims]
        answers = iter(written)
        firsts = [not is_known and next(answers) for is_known in known]
        for claim, is_first in zip(claims, firsts, strict=True):
            if is_first:
                for one in claim.keys:
                    self._remember(one, claim.flow)
        return firsts

    def claim(self, keys: Sequence[bytes], flow: Flow, now: int) -> Side:
        """Take these where nobody has; returns whose side the first of them is on."""
        first = self.find(keys[:1], now).get(keys[0]) if keys[0] in self._known else None
        if first is not None:
            return first.side
        rows = [(one, flow) for one in keys]
        written = self._store.write(lambda db: flows.claim(db, rows, now))
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
        if self._store.write(lambda db: flows.extend(db, one, flow, now)) is None:
            self._later(one, flow)
        self._remember(one, flow)

    async def written(self, keys: Sequence[bytes], patience_s: float) -> None:
        """Return when these are written down; after a while anyway, and at once while the file is away."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                while not (self._store.away or self.pending.keys().isdisjoint(keys)):
                    await asyncio.sleep(LOOK_S)

    def dump(self, now: int) -> str:
        """All that is remembered and not over, for the next start to `load`."""
        alive = ((one, flow) for one, flow in [*self._known.items()] if flow.until > now)
        return json.dumps([(one.hex(), *flow) for one, flow in alive])

    def load(self, dumped: str) -> None:
        """Remember what an earlier run did, and write it down. Raises ValueError, TypeError."""
        for one, side, connection, until in json.loads(dumped):
            if side in SIDES:
                self._remember(bytes.fromhex(one), Flow(side, connection, int(until)))
        self.write_again()

    def write_again(self) -> None:
        """Another file may stand in the database's place, an older copy: let it know all this too."""
        self.pending.update([*self._known.items()])

    def _knows(self, claim: Claim, now: int) -> bool:
        kept = map(self._known.get, (*claim.keys, *claim.others))
        return any(flow is not None and flow.until > now for flow in kept)

    def _take_alone(self, claim: Claim, now: int) -> bool:
        """By memory, while nothing can be written."""
        if self._knows(claim, now):
            return False
        for one in claim.keys:
            self._remember(one, claim.flow)
            self._later(one, claim.flow)
        return True

    def _remember(self, one: bytes, flow: Flow) -> None:
        self._known[one] = flow
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def _later(self, one: bytes, flow: Flow) -> None:
        if len(self.pending) < PENDING:
            self.pending[one] = flow
            self.missed.set()
