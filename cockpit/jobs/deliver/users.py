"""Users: unique at the target by external id and by e-mail."""

import json
from typing import Any, Literal

from cockpit.jobs.deliver import outcomes
from cockpit.jobs.deliver.line import Line
from cockpit.state.claims import USERS, UserClaim
from cockpit.state.journal import Outcome
from cockpit.terms import normal_email
from cockpit.workos.replies import Reply

LOOKS = 3
"""Looks for a user that "already exists" and is found by neither id nor e-mail."""

OnConflict = Literal["ask", "adopt", "skip"]


class UserProcedure:
    """`on_conflict`: what happens when the target had such a user before us."""

    work = USERS
    settles_s = 0.0

    def __init__(self, line: Line, on_conflict: OnConflict) -> None:
        self._line, self._target, self._on_conflict = line, line.target, on_conflict

    def request(self, claim: UserClaim) -> str:
        """As mapped, with the password hash where there is one."""
        return request_body(claim)

    async def send(self, claim: UserClaim) -> Reply:
        """POST /user_management/users."""
        return await self._target.create_user(self.request(claim))

    async def look(self, claim: UserClaim) -> Reply | None:
        """The user of our external id, when it has our e-mail too."""
        found = await self._by_id(claim)
        return found if found is not None and _same_email(claim, found) else None

    async def judge(self, claim: UserClaim, reply: Reply, sends: int, unsure: bool) -> Outcome:
        """ "Already exists" is ours, theirs, or somebody else's; every other refusal is an error."""
        if reply.verdict != "exists":
            return self._failed(claim, reply, sends)
        for look in range(LOOKS):
            found = await self._by_id(claim)
            if found is not None:
                same = _same_email(claim, found)
                if same and unsure:
                    return outcomes.arrived(claim, found, sends, confirmed=True)
                if same:
                    return await self._settle_conflict(claim, reply, found, sends)
                if claim.merge is not None:
                    return outcomes.adopted(claim, found, sends)
                text = "the external id belongs to a user with another e-mail"
                return self._failed(claim, reply, sends, text)
            if (other := await self._by_email(claim)) is not None:
                return await self._settle_conflict(claim, reply, other, sends)
            if look + 1 < LOOKS:
                await self._line.sleep(2.0**look)
        return self._failed(claim, reply, sends, "said to exist, but found by neither external id nor e-mail")

    async def _settle_conflict(self, claim: UserClaim, reply: Reply, found: Reply, sends: int) -> Outcome:
        """A user that was there before us: as a reviewer chose, else adopt, skip, or leave it to a person."""
        theirs = found.data or {}
        if claim.merge == "link":
            return outcomes.adopted(claim, found, sends)
        if theirs.get("external_id") not in (None, claim.external_id):
            text = "the e-mail belongs to a user with another external id"
            return self._failed(claim, reply, sends, text)
        on_conflict = claim.merge or self._on_conflict
        if on_conflict == "skip":
            return Outcome(claim.operation, claim.subject, "skipped", sends, theirs["id"], reply.status)
        if on_conflict == "ask":
            return self._failed(claim, reply, sends, "a user with this e-mail was at the target before")
        if theirs.get("external_id") is None:
            linked = await self._line.ask(
                lambda: self._target.update_user(theirs["id"], {"external_id": claim.external_id})
            )
            if linked.verdict != "ok":
                return self._failed(claim, linked, sends)
        return outcomes.adopted(claim, found, sends)

    async def _by_id(self, claim: UserClaim) -> Reply | None:
        return await self._line.found(lambda: self._target.user_by_external_id(claim.external_id))

    async def _by_email(self, claim: UserClaim) -> Reply | None:
        reply = await self._line.ask(lambda: self._target.users_by_email(claim.email_key))
        found: list[dict[str, Any]] = (reply.data or {}).get("data", [])
        exact = [item for item in found if normal_email(item.get("email") or "") == claim.email_key]
        return Reply("ok", reply.status, data=exact[0]) if exact else None

    def _failed(self, claim: UserClaim, reply: Reply, sends: int, conflict: str | None = None) -> Outcome:
        return outcomes.failed(claim, reply, sends, self.request(claim), conflict)


def _same_email(claim: UserClaim, found: Reply) -> bool:
    return normal_email((found.data or {}).get("email") or "") == claim.email_key


def request_body(claim: UserClaim) -> str:
    """The JSON to send: the mapped request, with the password hash where there is one."""
    if claim.hash is None:
        return claim.request
    secret = {"password_hash": claim.hash, "password_hash_type": claim.hash_type}
    if claim.salt_position is not None:
        secret["password_salt_position"] = claim.salt_position
    return f"{claim.request[:-1]},{json.dumps(secret)[1:]}"
