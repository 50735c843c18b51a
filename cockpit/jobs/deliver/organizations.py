"""Organizations: unique by external id, at targets that keep that rule."""

from cockpit.jobs.deliver import outcomes
from cockpit.jobs.deliver.line import Line
from cockpit.state.claims import ORGANIZATIONS, OrganizationClaim
from cockpit.state.journal import Outcome
from cockpit.workos.replies import Reply


class OrganizationProcedure:
    """`settles_s`: the emulators take an external id twice, so nothing is asked for too early."""

    work = ORGANIZATIONS

    def __init__(self, line: Line, settles_s: float) -> None:
        self._line, self._target, self.settles_s = line, line.target, settles_s

    def request(self, claim: OrganizationClaim) -> str:
        """As mapped."""
        return claim.request

    async def send(self, claim: OrganizationClaim) -> Reply:
        """POST /organizations."""
        return await self._target.create_organization(claim.request)

    async def look(self, claim: OrganizationClaim) -> Reply | None:
        """The organization of our external id."""
        return await self._line.found(lambda: self._target.organization_by_external_id(claim.external_id))

    async def judge(self, claim: OrganizationClaim, reply: Reply, sends: int, unsure: bool) -> Outcome:
        """One with our external id is ours, or adopted; else the refusal is an error."""
        found = await self.look(claim)
        if found is None:
            return outcomes.failed(claim, reply, sends, claim.request)
        if unsure:
            return outcomes.arrived(claim, found, sends, confirmed=True)
        return outcomes.adopted(claim, found, sends)
