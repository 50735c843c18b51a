"""Group commit: whatever waits while one transaction is synced becomes the next one."""

import asyncio

from cockpit.state.tank import arrivals
from cockpit.state.tank.arrivals import Arrival
from cockpit.state.writer import Writer


class GroupCommit:
    """Keeps arrivals durably; a caller goes on when the transaction with its event is on the disk."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._waiting: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None

    def keep(self, arrival: Arrival) -> asyncio.Future[None]:
        """Done when the event is durable, or was before. Fails with StateError when it can't be kept."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((arrival, done))
        if self._committing is None:
            self._committing = asyncio.get_running_loop().create_task(self._commit())
        return done

    async def _commit(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            failure: Exception | None = None
            try:
                await self._writer.run(arrivals.keep, [arrival for arrival, _ in batch])
            except Exception as error:  # whatever it is, they wait for an answer, and others come
                failure = error
            for _, done in batch:
                if done.cancelled():
                    continue
                if failure is None:
                    done.set_result(None)
                else:
                    done.set_exception(failure)
        self._committing = None
