"""Roles: unique by slug; their permissions are set by a request of their own."""

import json
from dataclasses import replace
from typing import Any

from cockpit.jobs.deliver import outcomes
from cockpit.jobs.deliver.line import Line
from cockpit.jobs.deliver.users import OnConflict
from cockpit.state.claims import ROLES, RoleClaim
from cockpit.state.journal import Outcome
from cockpit.workos.replies import Reply


class RoleProcedure:
    """A role that was there before us keeps its permissions: another set of them is a conflict.

    One without any, such as the two that every environment has, is given ours.
    """

    work = ROLES
    settles_s = 0.0

    def __init__(self, line: Line, on_conflict: OnConflict) -> None:
        self._line, self._target, self._on_conflict = line, line.target, on_conflict

    def request(self, claim: RoleClaim) -> str:
        """As mapped, with the permissions, which go by themselves."""
        return claim.request

    async def send(self, claim: RoleClaim) -> Reply:
        """POST the role, then PUT its permissions."""
        body, permissions = _parts(claim)
        reply = await self._target.create_role(claim.organization, json.dumps(body))
        return reply if reply.verdict != "ok" or not permissions else await self._grant(claim, reply)

    async def look(self, claim: RoleClaim) -> Reply | None:
        """The role of our slug: with our permissions, or with none yet, where a run ended between the two."""
        found = await self._role(claim)
        if found is None or not _may_be_ours(claim, found):
            return None
        return await self._line.found(lambda: self._complete(claim, found))

    async def judge(self, claim: RoleClaim, reply: Reply, sends: int, unsure: bool) -> Outcome:
        """A role that is there is ours, adopted, or in conflict; else the refusal is an error."""
        found = await self._role(claim)
        if found is None:
            return outcomes.failed(claim, reply, sends, claim.request)
        if not _may_be_ours(claim, found):
            return self._settle_conflict(claim, reply, found, sends)
        complete = await self._line.ask(lambda: self._complete(claim, found))
        if complete.verdict != "ok":
            return outcomes.failed(claim, complete, sends, claim.request)
        if unsure:
            return outcomes.arrived(claim, found, sends, confirmed=True)
        return outcomes.adopted(claim, found, sends)

    def _settle_conflict(self, claim: RoleClaim, reply: Reply, found: Reply, sends: int) -> Outcome:
        if self._on_conflict == "adopt":
            return outcomes.adopted(claim, found, sends)
        if self._on_conflict == "skip":
            target_id = (found.data or {}).get("id")
            return Outcome(claim.operation, claim.subject, "skipped", sends, target_id, reply.status)
        text = "a role with this slug and other permissions was at the target before"
        return outcomes.failed(claim, reply, sends, claim.request, text)

    async def _role(self, claim: RoleClaim) -> Reply | None:
        return await self._line.found(lambda: self._target.role(claim.organization, claim.slug))

    async def _complete(self, claim: RoleClaim, found: Reply) -> Reply:
        """Give our permissions to a role without any."""
        if (found.data or {}).get("permissions") or not _parts(claim)[1]:
            return found
        return await self._grant(claim, found)

    async def _grant(self, claim: RoleClaim, made: Reply) -> Reply:
        permissions = _parts(claim)[1]
        body = json.dumps({"permissions": list(permissions)})
        granted = await self._target.set_role_permissions(claim.organization, claim.slug, body)
        return replace(made, status=granted.status) if granted.verdict == "ok" else granted


def _parts(claim: RoleClaim) -> tuple[dict[str, Any], tuple[str, ...]]:
    body = json.loads(claim.request)
    return body, tuple(body.pop("permissions", ()))


def _may_be_ours(claim: RoleClaim, found: Reply) -> bool:
    """Whether a role at the target is what we want, or becomes so without taking anything away."""
    wanted, theirs = _parts(claim)[1], (found.data or {}).get("permissions") or ()
    return not wanted or not theirs or sorted(wanted) == sorted(theirs)
