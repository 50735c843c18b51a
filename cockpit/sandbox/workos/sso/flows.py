"""Sign-ins under way, the codes that await their exchange, and what has come from IdPs, in memory."""

import secrets
from collections.abc import Iterator
from hashlib import sha256
from typing import NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.connection_store import Protocol
from cockpit.sandbox.workos.sso.attempts import Visitor
from cockpit.sandbox.workos.sso.profile import Profile

FLOW_S = 300.0
"""How long a person may take at the IdP (documentation: sso_timed_out after five minutes)."""
CODE_S = 600.0
"""How long a code may be exchanged (documentation: sso/token)."""


class Flow(NamedTuple):
    """A sign-in that began here. `token` is what its IdP has to give back: our request's id or our state.

    `nonce` and `verifier` are OIDC's; `challenge` is that of the application that exchanges the code.
    """

    token: str
    session_id: str
    connection_id: str
    redirect_uri: str
    state: str | None
    challenge: str | None
    nonce: str
    verifier: str
    visitor: Visitor
    started_at: float


class Grant(NamedTuple):
    """What a code is good for."""

    profile: Profile
    challenge: str | None
    until: float


class Arrival(NamedTuple):
    """A response of an IdP that reached WorkOS: a SAML response or an OIDC code, by its hash."""

    digest: str
    protocol: Protocol
    connection_id: str
    at_ms: int

    def as_json(self) -> Json:
        """For tests that compare with what another party consumed."""
        return {
            "sha256": self.digest,
            "protocol": self.protocol,
            "connection_id": self.connection_id,
            "at": iso(self.at_ms),
        }


class Flows:
    """All of one environment."""

    def __init__(self) -> None:
        self._open: dict[str, Flow] = {}
        self._grants: dict[str, Grant] = {}
        self._seen: dict[str, float] = {}
        self.arrivals: list[Arrival] = []

    def open(self, flow: Flow) -> None:
        """A sign-in has begun."""
        self._open[flow.token] = flow

    def close(self, token: str | None, connection_id: str) -> Flow | None:
        """The sign-in of that token, which ends; None when it did not begin here and so."""
        flow = self._open.get(token or "")
        if flow is None or flow.connection_id != connection_id:
            return None
        return self._open.pop(flow.token)

    def overdue(self, now: float) -> Iterator[Flow]:
        """Those that took too long, which end."""
        for flow in [one for one in self._open.values() if one.started_at + FLOW_S <= now]:
            yield self._open.pop(flow.token)

    def grant(self, profile: Profile, challenge: str | None, now: float) -> str:
        """A code for that profile."""
        code = secrets.token_urlsafe(24)
        self._grants[code] = Grant(profile, challenge, now + CODE_S)
        return code

    def redeem(self, code: str, now: float) -> Grant | None:
        """What the code is good for, once."""
        grant = self._grants.pop(code, None)
        return grant if grant is not None and grant.until > now else None

    def first_sight(self, ident: str, until: float, now: float) -> bool:
        """Whether an assertion of that id was not accepted before; it is remembered while it is valid."""
        self._seen = {one: end for one, end in self._seen.items() if end > now}
        if ident in self._seen:
            return False
        self._seen[ident] = until
        return True

    def arrive(self, content: bytes, protocol: Protocol, connection_id: str, at_ms: int) -> None:
        """Note what came, before anything is made of it."""
        self.arrivals.append(Arrival(sha256(content).hexdigest(), protocol, connection_id, at_ms))
