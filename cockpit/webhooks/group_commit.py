"""Group commit: what comes in at one turn of the loop is one synced transaction.

In the loop's own thread: who waits for the disk waits anyway, and another thread would have to take the
interpreter's lock anew for each row, from one that has requests to read.
"""

import asyncio
import logging

from cockpit.serving.asgi import Reply
from cockpit.serving.protocol import Answering
from cockpit.state.tank import arrivals
from cockpit.state.tank.arrivals import Arrival
from cockpit.state.writer import Transactions

log = logging.getLogger("cockpit.tank")

RETRY_S = 10
"""When to come again while nothing can be stored."""
KEPT = Reply(200)
AGAIN = Reply(503, ((b"retry-after", b"%d" % RETRY_S),))


class GroupCommit:
    """Keeps arrivals durably; each is answered when the transaction with it is on the disk."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions
        self._waiting: list[tuple[Arrival, asyncio.Future[Answering]]] = []
        self._unwell = False

    def keep(self, arrival: Arrival) -> "asyncio.Future[Answering]":
        """200 once the event is durable, or was before; 503 when it can't be kept."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answering] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._commit)
        self._waiting.append((arrival, answer))
        return answer

    def _commit(self) -> None:
        batch, self._waiting = self._waiting, []
        try:
            self._transactions.run(arrivals.keep, [arrival for arrival, _ in batch])
            said, self._unwell = KEPT, False
        except Exception as error:  # whatever it is, they wait for an answer, and others come
            said = AGAIN
            if not self._unwell:
                log.error("nothing can be stored, senders are told to come again: %s", error)
            self._unwell = True
        for _, answer in batch:
            answer.set_result(said)
