"""Authenticator apps: not unique at the target, so two sends make two."""

import json
from datetime import datetime
from typing import Any

from cockpit.jobs.deliver import outcomes
from cockpit.jobs.deliver.delivery import InDoubt
from cockpit.jobs.deliver.line import Line
from cockpit.state.claims import FACTORS, FactorClaim
from cockpit.state.journal import Outcome
from cockpit.workos.replies import Reply

SKEW_S = 300.0
"""So much may the target's clock differ from ours."""


class FactorProcedure:
    """`settles_s`: the client's time-out, while which a lost request may still be applied."""

    work = FACTORS

    def __init__(self, line: Line, settles_s: float) -> None:
        self._line, self._target, self.settles_s = line, line.target, settles_s

    def request(self, claim: FactorClaim) -> str:
        """As mapped, with the secret."""
        return json.dumps({**json.loads(claim.request), "totp_secret": claim.secret})

    async def send(self, claim: FactorClaim) -> Reply:
        """POST /user_management/users/{id}/auth_factors."""
        return _factor(await self._target.create_factor(claim.user, self.request(claim)))

    async def look(self, claim: FactorClaim) -> Reply | None:
        """The one TOTP made since our intent. Raises InDoubt when there are several."""
        reply = await self._line.ask(lambda: self._target.factors_of(claim.user))
        found: list[dict[str, Any]] = (reply.data or {}).get("data", [])
        since = (claim.sent_at or 0) / 1000 - SKEW_S
        made = [item for item in found if item.get("type") == "totp" and _made_at(item) >= since]
        if len(made) > 1:
            raise InDoubt(f"the user has {len(made)} authenticator apps, and one of them may be ours")
        return Reply("ok", reply.status, data=made[0]) if made else None

    async def judge(self, claim: FactorClaim, reply: Reply, sends: int, unsure: bool) -> Outcome:
        """A refusal is an error."""
        return outcomes.failed(claim, reply, sends, self.request(claim))


def _factor(reply: Reply) -> Reply:
    """The answer to a creation holds the factor beside a challenge; only the factor is of use here."""
    factor = (reply.data or {}).get("authentication_factor")
    if reply.verdict != "ok" or not isinstance(factor, dict):
        return reply
    return Reply(reply.verdict, reply.status, data={"id": factor.get("id")}, request_id=reply.request_id)


def _made_at(factor: dict[str, Any]) -> float:
    try:
        return datetime.fromisoformat(str(factor.get("created_at"))).timestamp()
    except ValueError:
        return float("inf")
