"""Draining: claim, send, settle. Many in flight, one at a time of each key; every outcome written down."""

import asyncio
import sqlite3
from collections.abc import Sequence

from cockpit.jobs.context import JobContext
from cockpit.jobs.drain.breaker import Breaker
from cockpit.jobs.drain.consumer import Answer, Consumer, ConsumerShut
from cockpit.jobs.drain.pace import Pace
from cockpit.jobs.grouped import Grouped
from cockpit.state.tank import deliveries, standing
from cockpit.state.tank.deliveries import Claim, Outcome
from cockpit.state.tank.standing import Standing
from cockpit.state.writer import Writer
from cockpit.webhooks.lanes import Lanes

CLAIM = 100
WINDOW = 500
"""Claimed events at a time, so that one busy key does not hold up all others."""
NAP_S = 0.25
LONGEST_BACKOFF_S = 60.0
SHUT = frozenset({401, 403, 404, 405, 410})
"""Answers that speak of the address or the signature, and so of every event."""
SHUT_TRIP = 20


class Draining:
    """Sends what is held until nothing is. `tries`: failures of one event that make it a dead letter."""

    def __init__(
        self,
        context: JobContext,
        tank: Writer,
        consumer: Consumer,
        pace: Pace,
        *,
        to: str,
        sources: Sequence[str],
        concurrency: int,
        tries: int,
    ) -> None:
        self._context, self._tank, self._consumer, self._pace = context, tank, consumer, pace
        self._sources = sources
        self._to, self._concurrency, self._tries = to, concurrency, tries
        self._breaker = Breaker()
        self._lanes: Lanes[Claim] = Lanes()
        self._attempts: dict[int, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._flying = 0
        self._after = 0
        self._dry = False
        self._fault: BaseException | None = None
        self._shut_in_a_row = 0
        self._changed = asyncio.Event()
        self.dead = 0
        self.throttled = 0
        """Answers that asked everybody to wait."""

    @property
    def breaker(self) -> Breaker:
        """The circuit breaker."""
        return self._breaker

    async def run(self) -> None:
        """Send until nothing is held any more. Raises Stopped, ConsumerShut, StateError; claims that were not
        sent are held again."""
        self._ledger: Grouped[Outcome] = Grouped(self._context, self._settle)
        telling = asyncio.create_task(self._tell())
        try:
            while (claim := await self._next()) is not None:
                self._pace.sent(self._context.clock.monotonic())
                self._breaker.sent()
                self._flying += 1
                self._context.progress.in_flight += 1
                self._spawn(claim)
        finally:
            telling.cancel()
            await self._land()

    async def _tell(self) -> None:
        """Write how it stands when that changed, also while nothing is settled."""
        known: tuple[object, ...] = ()
        while True:
            await self._context.clock.sleep(NAP_S)
            told = self.standing()
            if known != (known := (told.breaker, round(told.pace), told.limit)):
                await self._tank.run(standing.write, told)

    async def _next(self) -> Claim | None:
        """The next event once it may go; None when there is none left."""
        clock = self._context.clock
        while True:
            await self._context.steering.gate()
            if self._fault is not None:
                raise self._fault
            if not self._dry and len(self._lanes) <= WINDOW - CLAIM:
                await self._claim()
            self._changed.clear()
            if not self._lanes.ready or self._flying >= self._concurrency:
                if self._dry and not len(self._lanes):
                    if not await self._claim_again():
                        return None
                    continue
                await self._nap()
                continue
            now = clock.monotonic()
            paced, allowed = self._pace.ready_at(now), self._breaker.ready_at(now)
            if paced is None or allowed is None:
                await self._nap()
            elif (at := max(paced, allowed)) > now:
                # A throttle or a stop may come meanwhile, so a long wait is cut into pieces.
                await clock.sleep(min(at - now, NAP_S))
            else:
                return self._lanes.take()

    async def _claim(self) -> None:
        context = self._context
        found = await self._tank.run(
            deliveries.claim, self._sources, self._after, CLAIM, context.job, context.now()
        )
        for claim in found:
            self._lanes.add(claim)
        self._dry = len(found) < CLAIM
        self._after = found[-1].id if found else self._after

    async def _claim_again(self) -> bool:
        """What came or was redriven meanwhile, wherever it is; whether there is anything."""
        self._after, self._dry = 0, False
        await self._claim()
        return bool(len(self._lanes))

    async def _nap(self) -> None:
        """Until something changed, or somebody may have asked for something."""
        try:
            async with asyncio.timeout(NAP_S):
                await self._changed.wait()
        except TimeoutError:
            pass

    def _spawn(self, claim: Claim) -> None:
        task = asyncio.create_task(self._send(claim))
        self._tasks.add(task)
        task.add_done_callback(self._returned)

    def _returned(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._fault = task.exception()
        self._changed.set()

    async def _send(self, claim: Claim) -> None:
        try:
            answer = await self._consumer.send(claim)
        finally:
            self._flying -= 1
            self._context.progress.in_flight -= 1
        self._context.latency(answer.seconds)
        now = self._context.clock.monotonic()
        self._pace.answered(now, answer.seconds, answer.verdict in ("taken", "refused"))
        match answer.verdict:
            case "taken":
                self._shut_in_a_row = 0
                self._breaker.succeeded()
                self._ended(claim, Outcome(claim.id, "delivered", self._tried(claim), answer.status))
            case "paced":
                self.throttled += 1
                self._pace.hold(now, answer.wait_s if answer.wait_s is not None else 1.0)
                self._breaker.succeeded()
                self._lanes.again(claim)
            case "refused":
                self._breaker.succeeded()
                self._refused(answer)
                await self._failed(claim, answer)
            case "unwell" if self._breaker.failed(now):
                await self._failed(claim, answer)
            case "unwell":
                self._lanes.again(claim)  # the consumer is down, which is not this event's fault

    def _refused(self, answer: Answer) -> None:
        self._shut_in_a_row = self._shut_in_a_row + 1 if answer.status in SHUT else 0
        if self._shut_in_a_row >= SHUT_TRIP:
            self._fault = ConsumerShut(
                f"the consumer refused {SHUT_TRIP} in a row ({answer.why}); check --to, --sign and the "
                f"secret. What was not sent is still held"
            )

    async def _failed(self, claim: Claim, answer: Answer) -> None:
        """Once more later, or a dead letter."""
        tried = self._attempts[claim.id] = self._tried(claim)
        if tried >= self._tries:
            self.dead += 1
            self._context.progress.failed += 1
            self._ended(claim, Outcome(claim.id, "dead", tried, answer.status, answer.why))
            return
        self._changed.set()
        await self._context.clock.sleep(min(LONGEST_BACKOFF_S, 2.0 ** (tried - 1)))
        self._lanes.again(claim)

    def _tried(self, claim: Claim) -> int:
        return self._attempts.get(claim.id, 0) + 1

    def _ended(self, claim: Claim, outcome: Outcome) -> None:
        self._attempts.pop(claim.id, None)
        self._lanes.done(claim)
        self._ledger.add(outcome)

    async def _settle(self, group: list[Outcome]) -> None:
        told, job = self.standing(), self._context.job

        def write(connection: sqlite3.Connection) -> None:
            deliveries.settle(connection, group, job, self._context.now())
            standing.write(connection, told)

        await self._tank.run(write)
        self._context.progress.done += sum(outcome.state == "delivered" for outcome in group)

    def standing(self) -> Standing:
        """How it stands, for those who watch."""
        p50, p95 = self._context.progress.percentiles()
        pace = self._pace
        return Standing(
            self._context.job,
            self._to,
            self._breaker.state,
            pace.rate,
            pace.limit,
            p50,
            p95,
            self._context.now(),
        )

    async def _land(self) -> None:
        """Nothing new goes out; what is in flight is awaited, what waits to go again is held again."""
        while self._flying:
            self._changed.clear()
            await self._nap()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for claim in self._lanes.left():
            self._ledger.add(Outcome(claim.id, None))
        await self._ledger.close()
