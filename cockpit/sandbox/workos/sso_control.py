"""/_sandbox: sign-ins by SSO and what administrators do to connections, so that events tell of them."""

from typing import NamedTuple

from aiohttp import web

from cockpit.sandbox.web import Json, Refused, answer, posted
from cockpit.sandbox.workos.connection_store import Connection, State, domains_of
from cockpit.sandbox.workos.event_log import EventName
from cockpit.sandbox.world import World

OUTCOMES: dict[str, EventName] = {
    "started": "authentication.sso_started",
    "succeeded": "authentication.sso_succeeded",
    "failed": "authentication.sso_failed",
    "timed_out": "authentication.sso_timed_out",
}
_STATES: dict[str, State] = {"active": "active", "inactive": "inactive", "validating": "validating"}
_FAILED = {"code": "sso_failed", "message": "The identity provider refused the sign-in."}
_TIMED_OUT = {"code": "sso_session_timed_out", "message": "The SSO session has timed out."}


class Attempt(NamedTuple):
    """One step of a sign-in by SSO."""

    outcome: str
    email: str
    connection: Connection
    session_id: str
    error: Json | None

    def as_json(self) -> Json:
        """The data of an authentication.sso_... event."""
        shown: Json = {
            "type": "sso",
            "status": self.outcome,
            "ip_address": "127.0.0.1",
            "user_agent": "sandbox",
            "user_id": None,
            "email": self.email,
            "sso": {
                "organization_id": self.connection.organization_id,
                "connection_id": self.connection.id,
                "session_id": self.session_id,
            },
        }
        return shown if self.error is None else shown | {"error": self.error}


class SsoControl:
    """What no call of the API does."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """A sign-in, a connection's state, and a portal that somebody went through."""
        return [
            web.post("/_sandbox/sso", self.sign_in),
            web.post("/_sandbox/connections/{id}", self.set_state),
            web.post("/_sandbox/portal", self.set_up),
        ]

    async def sign_in(self, request: web.Request) -> web.Response:
        """{"connection_id", "outcomes", "email", "error", "count"}: that many times these steps.

        A success makes a connection that is validating active. The ids of the sessions are answered.
        """
        body = await posted(request)
        row = self._connection(str(body.get("connection_id")))
        outcomes = body.get("outcomes", ["started", "succeeded"])
        if unknown := set(outcomes) - OUTCOMES.keys():
            raise Refused(400, {"message": f"no outcome {min(unknown)!r}; there are {', '.join(OUTCOMES)}"})
        sessions = []
        for _ in range(int(body.get("count", 1))):
            session = self._world.ids.next("sso_session")
            sessions.append(session)
            for outcome in outcomes:
                error = {"failed": body.get("error") or _FAILED, "timed_out": _TIMED_OUT}.get(outcome)
                attempt = Attempt(outcome, str(body.get("email", "ana@example.com")), row, session, error)
                self._world.events.append(OUTCOMES[outcome], attempt.as_json)
        if "succeeded" in outcomes and row.state == "validating":
            self._change(row, "active")
        return answer({"sessions": sessions})

    async def set_state(self, request: web.Request) -> web.Response:
        """{"state"}: active, inactive or validating."""
        row = self._connection(request.match_info["id"])
        state = _STATES.get(str((await posted(request)).get("state")))
        if state is None:
            raise Refused(400, {"message": f"state must be one of {', '.join(_STATES)}"})
        return answer(self._change(row, state).as_json())

    async def set_up(self, request: web.Request) -> web.Response:
        """{"organization_id", "connection_type"}: its administrator has gone through the Admin Portal.

        A connection is there then, active, and the invitation is used up.
        """
        body, world = await posted(request), self._world
        organization = world.organizations.get(str(body.get("organization_id")))
        if organization is None:
            raise Refused(404, {"message": f"no organization {body.get('organization_id')!r}"})
        now, key = world.ids.now_ms(), world.ids.next("key")
        row = Connection(
            id=world.ids.next("conn"),
            organization_id=organization.id,
            connection_type=str(body.get("connection_type", "GenericSAML")),
            name=organization.name,
            state="active",
            external_id=None,
            external_key=key,
            protocol="saml",
            callback_endpoint=f"{request.url.origin()}/sso/saml/acs/{key}",
            attribute_maps={"standard_attributes": {}, "custom_attributes": {}},
            options={},
            secret=None,
            domains=domains_of(organization),
            created_at=now,
            updated_at=now,
        )
        world.connections.add(row)
        for ident in world.contacts.of_organization.of(organization.id):
            world.contacts.replace(world.contacts[ident]._replace(invited=False))
        return answer(row.as_json(), 201)

    def _change(self, row: Connection, state: State) -> Connection:
        changed = row._replace(state=state, updated_at=self._world.ids.now_ms())
        self._world.connections.replace(changed)
        return changed

    def _connection(self, ident: str) -> Connection:
        row = self._world.connections.get(ident)
        if row is None:
            raise Refused(404, {"message": f"no connection {ident!r}"})
        return row
