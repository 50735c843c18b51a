"""One claimed operation to the target: send, and find out what became of it whatever happens on the way.

A reply that never came, or a 5xx, may stand for something that exists now. So before it is sent again it is
asked for; "already exists" is ours when an intent of ours may have been applied, else somebody else's.
"""

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from cockpit.jobs.context import Stopped
from cockpit.jobs.deliver import outcomes
from cockpit.jobs.deliver.line import Line
from cockpit.state.claims import Claim, Work
from cockpit.state.journal import Outcome
from cockpit.transport import Lost, Unsent
from cockpit.workos.client import KeyRefused
from cockpit.workos.replies import Reply

MOST_SENDS = 8
"""Sends of one record without an answer, while others get theirs, before it becomes an error."""

C = TypeVar("C", bound=Claim)


class InDoubt(Exception):
    """Asking can't tell whether an earlier send was applied; one line says what was found."""


class Procedure(Protocol[C]):
    """How one kind of operation is sent and asked for.

    `settles_s`: for so long after a send without an answer the target may still apply it, so that asking
    earlier tells nothing; 0 where a second send would be refused anyway.
    """

    work: Work[C]
    settles_s: float

    def request(self, claim: C) -> str:
        """The JSON that is sent."""

    async def send(self, claim: C) -> Reply:
        """Make it; the data of a success has an "id". Raises Lost, Unsent, KeyRefused."""

    async def look(self, claim: C) -> Reply | None:
        """What an earlier send of ours made, None when there is none. Raises InDoubt, KeyRefused, Stopped."""

    async def judge(self, claim: C, reply: Reply, sends: int, unsure: bool) -> Outcome:
        """What a refusal means; `unsure`: an earlier send may have been applied. Raises as `look`."""


@dataclass
class _Sent:
    """What is known of the sends of one claim: whether any may be applied, when the last, how many now."""

    unsure: bool
    at: float
    times: int = 0


class Delivery(Generic[C]):
    """Delivers claims of one kind one by one; safe to use from many senders at once."""

    def __init__(self, procedure: Procedure[C], line: Line) -> None:
        self._procedure, self._line = procedure, line
        self._began = line.clock.now()

    async def __call__(self, claim: C) -> Outcome:
        """Deliver one claim.

        A stop, and a refused key (a reason to stop), leave it `ready`, with what is known of earlier sends,
        so that the next run asks for it first.
        """
        # An earlier run sent its last request before this one began.
        sent = _Sent(claim.unsure, self._began)
        try:
            return await self._send(claim, sent)
        except Stopped:
            pass
        except KeyRefused as error:
            self._line.refuse(error)
        except InDoubt as error:
            return outcomes.in_doubt(claim, sent.times, self._procedure.request(claim), str(error))
        return Outcome(claim.operation, claim.subject, "ready", sent.times, unsure=sent.unsure)

    async def _send(self, claim: C, sent: _Sent) -> Outcome:
        line = self._line
        if sent.unsure and (found := await self._look(claim, sent)) is not None:
            return outcomes.arrived(claim, found, 0, confirmed=True)
        unanswered = 0
        while True:
            await line.breaker.closed()
            reply: Reply | None = None
            before, sent.unsure = sent.unsure, True
            try:
                reply = await self._procedure.send(claim)
                why = f"HTTP {reply.status}"
            except Unsent as error:
                sent.unsure, why = before, str(error)
            except (KeyRefused, Stopped):
                sent.unsure = before
                raise
            except Lost as error:
                why = str(error)
            sent.times += 1
            sent.at = line.clock.now()
            if reply is not None and reply.verdict != "unwell":
                line.breaker.succeeded()
                sent.unsure = before  # this send is accounted for, whatever stops the questions that follow
                if reply.verdict == "ok":
                    return outcomes.arrived(claim, reply, sent.times, confirmed=False)
                return await self._procedure.judge(claim, reply, sent.times, before)
            unanswered += await line.breaker.failed(why)
            if sent.unsure and (found := await self._look(claim, sent)) is not None:
                return outcomes.arrived(claim, found, sent.times, confirmed=True)
            if unanswered >= MOST_SENDS:
                return outcomes.gave_up(claim, reply, why, sent.times, self._procedure.request(claim))
            await line.sleep(min(5.0, 0.1 * 2.0**unanswered))

    async def _look(self, claim: C, sent: _Sent) -> Reply | None:
        left = sent.at + self._procedure.settles_s - self._line.clock.now()
        if self._procedure.settles_s and left > 0:
            await self._line.sleep(left)
        return await self._procedure.look(claim)
