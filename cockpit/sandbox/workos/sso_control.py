"""/_sandbox: sign-ins by SSO and what administrators do to connections, so that events tell of them."""

from aiohttp import web

from cockpit.sandbox.web import Refused, answer, posted
from cockpit.sandbox.workos.connection_store import Connection, State, domains_of
from cockpit.sandbox.workos.session_store import Session
from cockpit.sandbox.workos.sso.attempts import EVENTS, TIMED_OUT, Attempt, Outcome, Visitor
from cockpit.sandbox.world import World

_STATES: dict[str, State] = {"active": "active", "inactive": "inactive", "validating": "validating"}
_OUTCOMES: dict[str, Outcome] = {outcome: outcome for outcome in EVENTS}
_FAILED = {"code": "sso_failed", "message": "The identity provider refused the sign-in."}
_VISITOR = Visitor("127.0.0.1", "sandbox")


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

        A success makes a connection that is validating active, and is a session of the user of that e-mail,
        if there is one. The ids of the sessions are answered.
        """
        body, world = await posted(request), self._world
        row = self._connection(str(body.get("connection_id")))
        outcomes = body.get("outcomes", ["started", "succeeded"])
        if unknown := set(outcomes) - _OUTCOMES.keys():
            raise Refused(400, {"message": f"no outcome {min(unknown)!r}; there are {', '.join(_OUTCOMES)}"})
        email, sessions = str(body.get("email", "ana@example.com")), []
        user = world.users.by_email(email)
        for _ in range(int(body.get("count", 1))):
            session = world.ids.next("session")
            sessions.append(session)
            for outcome in map(_OUTCOMES.__getitem__, outcomes):
                error = {"failed": body.get("error") or _FAILED, "timed_out": TIMED_OUT}.get(outcome)
                ident = user.id if user is not None and outcome == "succeeded" else None
                attempt = Attempt(outcome, row, session, _VISITOR, email, ident, error)
                world.events.append(EVENTS[outcome], attempt.as_json)
            if user is not None and "succeeded" in outcomes:
                now = world.ids.now_ms()
                world.sessions.add(Session(session, user.id, row.organization_id, *_VISITOR, now))
        if "succeeded" in outcomes and row.state == "validating":
            self._change(row, "active")
        return answer({"sessions": sessions})

    async def set_state(self, request: web.Request) -> web.Response:
        """{"state"}: active, inactive or validating; {"idp_initiated"}: whether sign-ins may begin there."""
        row, body = self._connection(request.match_info["id"]), await posted(request)
        state = _STATES.get(str(body.get("state", row.state)))
        if state is None:
            raise Refused(400, {"message": f"state must be one of {', '.join(_STATES)}"})
        row = row._replace(idp_initiated=bool(body.get("idp_initiated", row.idp_initiated)))
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
            callback_endpoint=f"{world.origin(request)}/sso/saml/acs/{key}",
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
