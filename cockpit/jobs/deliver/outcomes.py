"""What a delivery comes to, as the journal keeps it; requests and bodies with their secrets masked."""

import json

from cockpit.rules.mask import mask
from cockpit.state.claims import Claim, UpdateClaim
from cockpit.state.errors import Failure
from cockpit.state.journal import Outcome
from cockpit.workos.replies import Reply


def arrived(claim: Claim, reply: Reply, sends: int, *, confirmed: bool) -> Outcome:
    """It is at the target by our doing; `confirmed` where that was learnt by asking."""
    return Outcome(
        claim.operation,
        claim.subject,
        "imported",
        sends,
        (reply.data or {}).get("id"),
        reply.status,
        reply.request_id,
        confirmed=confirmed,
        sent=claim.now if isinstance(claim, UpdateClaim) else None,
    )


def adopted(claim: Claim, reply: Reply, sends: int) -> Outcome:
    """It was at the target before us and is ours now."""
    target_id = (reply.data or {}).get("id")
    return Outcome(claim.operation, claim.subject, "adopted", sends, target_id, reply.status, confirmed=True)


def failed(claim: Claim, reply: Reply, sends: int, request: str, conflict: str | None = None) -> Outcome:
    """The target refuses it; `conflict` says what stands in its way where that is something of its own."""
    failure = Failure(
        klass="conflict" if conflict else reply.klass,
        fingerprint=f"{reply.status}:{reply.code}:{conflict}" if conflict else reply.fingerprint,
        title=conflict or reply.message,
        message=reply.message,
        request=masked(request),
        status=reply.status,
        code=reply.code,
        body=_masked_body(reply.body),
        request_id=reply.request_id,
        attempts=claim.attempts + sends,
    )
    return Outcome(
        claim.operation,
        claim.subject,
        "failed",
        sends,
        status=reply.status,
        request_id=reply.request_id,
        failure=failure,
    )


def gave_up(claim: Claim, reply: Reply | None, why: str, sends: int, request: str) -> Outcome:
    """No answer that means anything, while other records get theirs. It was asked for and is not there."""
    failure = Failure(
        klass="transient",
        fingerprint=f"{reply.status if reply else 0}:unanswered",
        title=f"no usable answer: HTTP {reply.status}" if reply else "no answer",
        message=why,
        request=masked(request),
        status=reply.status if reply else None,
        body=_masked_body(reply.body) if reply else None,
        request_id=reply.request_id if reply else None,
        attempts=claim.attempts + sends,
    )
    return Outcome(claim.operation, claim.subject, "failed", sends, unsure=True, failure=failure)


def in_doubt(claim: Claim, sends: int, request: str, what: str) -> Outcome:
    """It may be at the target, and nothing there tells whether it is: a person must look."""
    failure = Failure(
        klass="conflict",
        fingerprint=f"in doubt:{what}",
        title=what,
        message=f"{what}: look at the target, then retry it or ignore it with a reason",
        request=masked(request),
        attempts=claim.attempts + sends,
    )
    return Outcome(claim.operation, claim.subject, "failed", sends, failure=failure)


def masked(request: str) -> str:
    """A request with its secrets masked, for error rows."""
    return json.dumps(mask(json.loads(request)))


def _masked_body(body: str | None) -> str | None:
    """A response as an error row keeps it: JSON with its secrets masked, anything else as it came."""
    try:
        return json.dumps(mask(json.loads(body or "")))
    except ValueError:
        return body
