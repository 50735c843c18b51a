"""One user to the target: send, and find out what became of it whatever happens on the way.

A reply that never came, or a 5xx, may stand for a user that exists now. So before a user is sent again it
is asked for; "already exists" is ours when an intent of ours may have been applied, else somebody else's.
"""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from cockpit.clock import Clock
from cockpit.jobs.breaker import Breaker
from cockpit.jobs.context import Steering, Stopped
from cockpit.rules.mask import mask
from cockpit.state.claims import UserClaim
from cockpit.state.errors import Failure
from cockpit.state.journal import Outcome
from cockpit.terms import normal_email
from cockpit.transport import Lost, Unsent
from cockpit.workos.client import KeyRefused, WorkOS, patiently
from cockpit.workos.replies import Reply

MOST_SENDS = 8
"""Sends of one record without an answer, while others get theirs, before it becomes an error."""
LOOKS = 3
"""Looks for a user that "already exists" and is found by neither id nor e-mail."""

OnConflict = Literal["ask", "adopt", "skip"]


@dataclass
class _Sent:
    """What is known of the sends of one user: how many now, and whether any may have been applied."""

    unsure: bool
    times: int = 0


class Delivery:
    """Delivers users one by one; safe to use from many senders at once."""

    def __init__(
        self, target: WorkOS, breaker: Breaker, steering: Steering, clock: Clock, on_conflict: OnConflict
    ) -> None:
        self._target, self._breaker = target, breaker
        self._steering, self._clock, self._on_conflict = steering, clock, on_conflict
        self.refused: KeyRefused | None = None

    async def __call__(self, user: UserClaim) -> Outcome:
        """Deliver one claimed user.

        A stop, and a refused key (kept in `refused`, and a reason to stop), leave it `ready`, with what is
        known of earlier sends, so that the next run asks for it first.
        """
        sent = _Sent(user.unsure)
        try:
            return await self._send(user, sent)
        except Stopped:
            pass
        except KeyRefused as error:
            self.refused = error
            self._steering.stop()
        return Outcome(user.operation, user.subject, "ready", sent.times, unsure=sent.unsure)

    async def _send(self, user: UserClaim, sent: "_Sent") -> Outcome:
        if sent.unsure and (found := await self._ours(user)) is not None:
            return _imported(user, found, 0, confirmed=True)
        body = request_body(user)
        unanswered = 0
        while True:
            await self._breaker.closed()
            reply: Reply | None = None
            before, sent.unsure = sent.unsure, True
            try:
                reply = await self._target.create_user(body)
                why = f"HTTP {reply.status}"
            except Unsent as error:
                sent.unsure, why = before, str(error)
            except (KeyRefused, Stopped):
                sent.unsure = before
                raise
            except Lost as error:
                why = str(error)
            sent.times += 1
            if reply is not None and reply.verdict != "unwell":
                self._breaker.succeeded()
                sent.unsure = before  # this send is accounted for, whatever stops the questions that follow
                return await self._judge(user, reply, sent.times, before)
            unanswered += await self._breaker.failed(why)
            if sent.unsure and (found := await self._ours(user)) is not None:
                return _imported(user, found, sent.times, confirmed=True)
            if unanswered >= MOST_SENDS:
                return _gave_up(user, reply, why, sent.times)
            await self._steering.sleep(min(5.0, 0.1 * 2.0**unanswered), self._clock)

    async def _judge(self, user: UserClaim, reply: Reply, sends: int, unsure: bool) -> Outcome:
        if reply.verdict == "ok":
            return _imported(user, reply, sends, confirmed=False)
        if reply.verdict != "exists":
            return _failed(user, reply, sends)
        for look in range(LOOKS):
            found = await self._ask_by_id(user)
            if found is not None:
                same = _same_email(user, found)
                if same and unsure:
                    return _imported(user, found, sends, confirmed=True)
                if same:
                    return await self._settle_conflict(user, reply, found, sends)
                text = "the external id belongs to a user with another e-mail"
                return _failed(user, reply, sends, text)
            if (other := await self._ask_by_email(user)) is not None:
                return await self._settle_conflict(user, reply, other, sends)
            if look + 1 < LOOKS:
                await self._steering.sleep(2.0**look, self._clock)
        return _failed(user, reply, sends, "said to exist, but found by neither external id nor e-mail")

    async def _settle_conflict(self, user: UserClaim, reply: Reply, found: Reply, sends: int) -> Outcome:
        """A user that was there before us: adopt, skip, or leave it to a person."""
        theirs = found.data or {}
        if theirs.get("external_id") not in (None, user.external_id):
            return _failed(user, reply, sends, "the e-mail belongs to a user with another external id")
        if self._on_conflict == "skip":
            return Outcome(user.operation, user.subject, "skipped", sends, theirs["id"], reply.status)
        if self._on_conflict == "ask":
            return _failed(user, reply, sends, "a user with this e-mail was at the target before")
        if theirs.get("external_id") is None:
            linked = await self._patiently(
                lambda: self._target.update_user(theirs["id"], {"external_id": user.external_id})
            )
            if linked.verdict != "ok":
                return _failed(user, linked, sends)
        return Outcome(
            user.operation, user.subject, "adopted", sends, theirs["id"], reply.status, confirmed=True
        )

    async def _ours(self, user: UserClaim) -> Reply | None:
        found = await self._ask_by_id(user)
        return found if found is not None and _same_email(user, found) else None

    async def _ask_by_id(self, user: UserClaim) -> Reply | None:
        reply = await self._patiently(lambda: self._target.user_by_external_id(user.external_id))
        return reply if reply.verdict == "ok" else None

    async def _ask_by_email(self, user: UserClaim) -> Reply | None:
        reply = await self._patiently(lambda: self._target.users_by_email(user.email_key))
        found: list[dict[str, Any]] = (reply.data or {}).get("data", [])
        exact = [item for item in found if normal_email(item.get("email") or "") == user.email_key]
        return Reply("ok", reply.status, data=exact[0]) if exact else None

    async def _patiently(self, call: Callable[[], Awaitable[Reply]]) -> Reply:
        pause = 0.1

        async def wait(why: str) -> None:
            nonlocal pause
            await self._breaker.failed(why)
            await self._steering.sleep(pause, self._clock)
            pause = min(5.0, pause * 2)

        reply = await patiently(call, wait)
        self._breaker.succeeded()
        return reply


def request_body(user: UserClaim) -> str:
    """The JSON to send: the mapped request, with the password hash where there is one."""
    if user.hash is None:
        return user.request
    secret = {"password_hash": user.hash, "password_hash_type": user.hash_type}
    if user.salt_position is not None:
        secret["password_salt_position"] = user.salt_position
    return f"{user.request[:-1]},{json.dumps(secret)[1:]}"


def masked_request(user: UserClaim) -> str:
    """The same with its secrets masked, for error rows."""
    return json.dumps(mask(json.loads(request_body(user))))


def _same_email(user: UserClaim, found: Reply) -> bool:
    return normal_email((found.data or {}).get("email") or "") == user.email_key


def _imported(user: UserClaim, reply: Reply, sends: int, *, confirmed: bool) -> Outcome:
    return Outcome(
        user.operation,
        user.subject,
        "imported",
        sends,
        (reply.data or {}).get("id"),
        reply.status,
        reply.request_id,
        confirmed=confirmed,
    )


def _failed(user: UserClaim, reply: Reply, sends: int, title: str | None = None) -> Outcome:
    named = title or reply.message
    failure = Failure(
        klass="conflict" if title else reply.klass,
        fingerprint=f"{reply.status}:{reply.code}:{title}" if title else reply.fingerprint,
        title=named,
        message=reply.message,
        request=masked_request(user),
        status=reply.status,
        code=reply.code,
        body=_masked_body(reply.body),
        request_id=reply.request_id,
        attempts=user.attempts + sends,
    )
    return Outcome(
        user.operation,
        user.subject,
        "failed",
        sends,
        status=reply.status,
        request_id=reply.request_id,
        failure=failure,
    )


def _gave_up(user: UserClaim, reply: Reply | None, why: str, sends: int) -> Outcome:
    """No answer that means anything, while other records get theirs. It was asked for and is not there."""
    failure = Failure(
        klass="transient",
        fingerprint=f"{reply.status if reply else 0}:unanswered",
        title=f"no usable answer: HTTP {reply.status}" if reply else "no answer",
        message=why,
        request=masked_request(user),
        status=reply.status if reply else None,
        body=_masked_body(reply.body) if reply else None,
        request_id=reply.request_id if reply else None,
        attempts=user.attempts + sends,
    )
    return Outcome(user.operation, user.subject, "failed", sends, unsure=True, failure=failure)


def _masked_body(body: str | None) -> str | None:
    """A response as an error row keeps it: JSON with its secrets masked, anything else as it came."""
    try:
        return json.dumps(mask(json.loads(body or "")))
    except ValueError:
        return body
