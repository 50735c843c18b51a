"""What changed at the source since it was sent: partial updates, idempotent, field by field."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from cockpit.jobs.deliver import outcomes
from cockpit.rules.updates import partial
from cockpit.state.claims import UpdateClaim, Work
from cockpit.state.journal import Outcome
from cockpit.workos.client import WorkOS
from cockpit.workos.replies import Reply

Put = Callable[[WorkOS, str, str], Awaitable[Reply]]
"""Sends the changed fields (JSON) of the object of that id."""

NOTHING = Reply("ok", 200, data={})
"""Nothing differs any more from what the target has."""


class UpdateProcedure:
    """One kind's updates. A second send does what the first one did, so nothing is ever asked for."""

    settles_s = 0.0

    def __init__(self, target: WorkOS, work: Work[UpdateClaim], put: Put) -> None:
        self.work, self._target, self._put = work, target, put

    def request(self, claim: UpdateClaim) -> str:
        """The changed fields, with the password hash where that changed."""
        return json.dumps(changed(claim))

    async def send(self, claim: UpdateClaim) -> Reply:
        """PUT what changed."""
        fields = changed(claim)
        return await self._put(self._target, claim.target_id, json.dumps(fields)) if fields else NOTHING

    async def look(self, claim: UpdateClaim) -> Reply | None:
        """Nothing tells an update that was applied from one that was not."""
        return None

    async def judge(self, claim: UpdateClaim, reply: Reply, sends: int, unsure: bool) -> Outcome:
        """A refusal is an error."""
        return outcomes.failed(claim, reply, sends, self.request(claim))


def changed(claim: UpdateClaim) -> dict[str, Any]:
    """The fields to send."""
    fields = partial(json.loads(claim.before), json.loads(claim.now))
    if claim.hash is not None:
        fields |= {"password_hash": claim.hash, "password_hash_type": claim.hash_type}
        if claim.salt_position is not None:
            fields["password_salt_position"] = claim.salt_position
    return fields
