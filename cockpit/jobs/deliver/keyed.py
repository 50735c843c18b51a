"""Organizations and permissions: known to the target by a key of ours; one that is there is adopted."""

from collections.abc import Awaitable, Callable

from cockpit.jobs.deliver import outcomes
from cockpit.jobs.deliver.line import Line
from cockpit.state.claims import KeyedClaim, Work
from cockpit.state.journal import Outcome
from cockpit.workos.replies import Reply

Ask = Callable[[str], Awaitable[Reply]]


class KeyedProcedure:
    """`create` is given the request, `find` the key.

    `settles_s`: where the target does not keep the key unique (the emulators take an organization's external
    id twice), nothing is asked for too early.
    """

    def __init__(
        self, line: Line, work: Work[KeyedClaim], create: Ask, find: Ask, settles_s: float = 0.0
    ) -> None:
        self._line, self.work, self._create, self._find, self.settles_s = line, work, create, find, settles_s

    def request(self, claim: KeyedClaim) -> str:
        """As mapped."""
        return claim.request

    async def send(self, claim: KeyedClaim) -> Reply:
        """Create it."""
        return await self._create(claim.request)

    async def look(self, claim: KeyedClaim) -> Reply | None:
        """The one with our key."""
        return await self._line.found(lambda: self._find(claim.key))

    async def judge(self, claim: KeyedClaim, reply: Reply, sends: int, unsure: bool) -> Outcome:
        """One with our key is ours, or adopted; else the refusal is an error."""
        found = await self.look(claim)
        if found is None:
            return outcomes.failed(claim, reply, sends, claim.request)
        if unsure:
            return outcomes.arrived(claim, found, sends, confirmed=True)
        return outcomes.adopted(claim, found, sends)
