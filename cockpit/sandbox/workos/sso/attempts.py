"""What the events of a sign-in by SSO tell (SDK: AuthenticationSSOSucceededData and its like)."""

from typing import Literal, NamedTuple

from aiohttp import web

from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.connection_store import Connection
from cockpit.sandbox.workos.event_log import EventName

Outcome = Literal["started", "succeeded", "failed", "timed_out"]

EVENTS: dict[Outcome, EventName] = {
    "started": "authentication.sso_started",
    "succeeded": "authentication.sso_succeeded",
    "failed": "authentication.sso_failed",
    "timed_out": "authentication.sso_timed_out",
}
TIMED_OUT = {"code": "sso_session_timed_out", "message": "The SSO session has timed out."}


class Rejected(Exception):
    """A sign-in that fails: `code` and `message` are what the event and the redirect say.

    The codes of get-authorization-url are published; those of refused responses of IdPs are UNVERIFIED.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message


class Visitor(NamedTuple):
    """Whose browser it is."""

    ip_address: str | None
    user_agent: str | None


def visitor(request: web.Request) -> Visitor:
    """The browser behind a request, which a TLS terminator in front of the sandbox may have passed on."""
    address = request.headers.get("X-Forwarded-For", request.remote or "").partition(",")[0]
    return Visitor(address or None, request.headers.get("User-Agent"))


class Attempt(NamedTuple):
    """One step of a sign-in by SSO."""

    outcome: Outcome
    connection: Connection
    session_id: str
    visitor: Visitor
    email: str | None = None
    user_id: str | None = None
    error: Json | None = None

    def as_json(self) -> Json:
        """The data of an authentication.sso_... event."""
        shown: Json = {
            "type": "sso",
            "status": self.outcome,
            "ip_address": self.visitor.ip_address,
            "user_agent": self.visitor.user_agent,
            "user_id": self.user_id,
            "email": self.email,
            "sso": {
                "organization_id": self.connection.organization_id,
                "connection_id": self.connection.id,
                "session_id": self.session_id,
            },
        }
        return shown if self.error is None else shown | {"error": self.error}
