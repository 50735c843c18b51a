"""Claims of answers, asked of the ledger together: what comes in at one turn of the loop is one transaction.

The write lock is held for the statements alone, so that other proxies of this host get their turn, and a
commit is shared by all of them.
"""

import asyncio
from collections.abc import Callable

from cockpit.clock import Clock, millis
from cockpit.proxy.ledger import Ledger
from cockpit.state.rollout.flows import Claim

MOST = 64
"""Claims of one transaction: half a millisecond."""


class Claims:
    """Those that wait for this turn's end."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._waiting: list[tuple[Claim, Callable[[bool], None]]] = []

    def ask(self, claim: Claim, then: Callable[[bool], None]) -> None:
        """Call `then` soon, with whether this was the first to claim."""
        if not self._waiting:
            self._loop.call_soon(self._settle)
        self._waiting.append((claim, then))

    def _settle(self) -> None:
        waiting, self._waiting = self._waiting, []
        now = millis(self._clock.now())
        for start in range(0, len(waiting), MOST):
            some = waiting[start : start + MOST]
            firsts = self._ledger.first([claim for claim, _ in some], now)
            for (_, then), is_first in zip(some, firsts, strict=True):
                then(is_first)
