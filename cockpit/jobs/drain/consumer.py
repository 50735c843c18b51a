"""The consumer: one event to it, signed anew, and what its answer means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from cockpit import transport
from cockpit.clock import Clock
from cockpit.state.tank.deliveries import Claim
from cockpit.transport import TransportError
from cockpit.webhooks.signatures import STANDARD, SVIX, Verifier

Verdict = Literal["taken", "paced", "unwell", "refused"]
"""taken: 2xx. paced: 429, or 503 with a Retry-After. unwell: 5xx, 408, 425, silence. refused: any other."""

REPLAY, EVENT_ID = "cockpit-replay", "cockpit-event-id"
_OWN = frozenset(
    {
        "host", "content-length", "connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade",
        "accept-encoding", "expect", "forwarded", "via", "x-real-ip", "workos-signature", REPLAY, EVENT_ID,
    }
)  # fmt: skip
_OWN_PREFIXES = ("svix-", "webhook-", "x-forwarded-", "proxy-")


class ConsumerShut(Exception):
    """Nothing can be sent to it at all; the message says why and what to look at."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `wait_s` is what Retry-After says; `why` is for a person."""

    verdict: Verdict
    status: int | None
    why: str
    seconds: float
    wait_s: float | None = None


class Consumer:
    """Sends to one address. `verifiers` sign by source."""

    def __init__(
        self, to: str, verifiers: Mapping[str, Verifier], clock: Clock, connections: int, timeout_s: float
    ) -> None:
        self._to, self._verifiers, self._clock = to, verifiers, clock
        self._client = transport.client(to, timeout=timeout_s, max_connections=connections)

    async def send(self, claim: Claim) -> Answer:
        """Send an event once. Nothing that the other side does is an exception."""
        began = self._clock.monotonic()
        try:
            response = await self._client.request(
                "POST", self._to, content=claim.body, headers=self._headers(claim)
            )
        except TransportError as error:
            return Answer("unwell", None, f"{error.what}: {error.why}", self._clock.monotonic() - began)
        seconds, status = self._clock.monotonic() - began, response.status_code
        wait_s = transport.retry_after(response.headers, self._clock.now())
        return Answer(_verdict(status, wait_s), status, f"HTTP {status}", seconds, wait_s)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def _headers(self, claim: Claim) -> dict[str, str]:
        kept: dict[str, str] = json.loads(claim.headers)
        names = SVIX if "svix-id" in kept else STANDARD
        event = claim.event if claim.event.isascii() else quote(claim.event)
        signed = self._verifiers[claim.source].sign(event, claim.body, self._clock.now(), names)
        theirs = {name: value for name, value in kept.items() if _goes_along(name, value)}
        theirs.setdefault("content-type", "application/json")
        return {**theirs, **signed, REPLAY: "true", EVENT_ID: event}


def _goes_along(name: str, value: str) -> bool:
    return not (name in _OWN or name.startswith(_OWN_PREFIXES)) and value.isascii() and value.isprintable()


def _verdict(status: int, wait_s: float | None) -> Verdict:
    if 200 <= status < 300:
        return "taken"
    if status == 429 or (status == 503 and wait_s is not None):
        return "paced"
    if status >= 500 or status in (408, 425):
        return "unwell"
    return "refused"
