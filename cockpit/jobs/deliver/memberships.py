"""Memberships: one for each user and organization, asked for by both."""

import json
from typing import Any

from cockpit.jobs.deliver import outcomes
from cockpit.jobs.deliver.line import Line
from cockpit.jobs.deliver.users import OnConflict
from cockpit.rules.compare import roles_of, wanted_roles
from cockpit.state.claims import MEMBERSHIPS, MembershipClaim
from cockpit.state.journal import Outcome
from cockpit.workos.replies import Reply


class MembershipProcedure:
    """What WorkOS answers when there is one already is UNVERIFIED, so every refusal is asked about."""

    work = MEMBERSHIPS
    settles_s = 0.0

    def __init__(self, line: Line, on_conflict: OnConflict) -> None:
        self._line, self._target, self._on_conflict = line, line.target, on_conflict

    def request(self, claim: MembershipClaim) -> str:
        """Both ids, and the roles as mapped."""
        ids = {"user_id": claim.user, "organization_id": claim.organization}
        return json.dumps({**ids, **json.loads(claim.request)})

    async def send(self, claim: MembershipClaim) -> Reply:
        """POST /user_management/organization_memberships."""
        return await self._target.create_membership(self.request(claim))

    async def look(self, claim: MembershipClaim) -> Reply | None:
        """The active membership of this user in this organization."""
        found = await self._any(claim)
        return found if found is not None and _status(found) == "active" else None

    async def judge(self, claim: MembershipClaim, reply: Reply, sends: int, unsure: bool) -> Outcome:
        """One that is there is ours, adopted, or in conflict; else the refusal is an error."""
        found = await self._any(claim)
        request = self.request(claim)
        if found is None:
            return outcomes.failed(claim, reply, sends, request)
        if _status(found) != "active":
            text = f"a membership that is {_status(found)} was at the target before"
            return outcomes.failed(claim, reply, sends, request, text)
        if unsure:
            return outcomes.arrived(claim, found, sends, confirmed=True)
        wanted = wanted_roles(json.loads(claim.request))
        if not wanted or wanted == roles_of(found.data or {}) or self._on_conflict == "adopt":
            return outcomes.adopted(claim, found, sends)
        if self._on_conflict == "skip":
            target_id = (found.data or {}).get("id")
            return Outcome(claim.operation, claim.subject, "skipped", sends, target_id, reply.status)
        text = "a membership with other roles was at the target before"
        return outcomes.failed(claim, reply, sends, request, text)

    async def _any(self, claim: MembershipClaim) -> Reply | None:
        reply = await self._line.ask(lambda: self._target.memberships_of(claim.user, claim.organization))
        found: list[dict[str, Any]] = (reply.data or {}).get("data", [])
        # Some targets know only one of the two filters.
        exact = [item for item in found if item.get("organization_id") == claim.organization]
        return Reply("ok", reply.status, data=exact[0]) if exact else None


def _status(found: Reply) -> str:
    return str((found.data or {}).get("status", "active"))
