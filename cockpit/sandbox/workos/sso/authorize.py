"""GET /sso/authorize: a sign-in by SSO begins at WorkOS."""

import secrets

from aiohttp import web

from cockpit.sandbox.workos.connection_store import Connection
from cockpit.sandbox.workos.errors import refuse
from cockpit.sandbox.workos.sso import authn_request, oidc
from cockpit.sandbox.workos.sso.attempts import Attempt, Rejected, visitor
from cockpit.sandbox.workos.sso.finish import Finish, returned
from cockpit.sandbox.workos.sso.flows import Flow
from cockpit.sandbox.workos.sso.providers import providers
from cockpit.sandbox.world import World


class Authorize:
    """The beginning of a sign-in."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._finish = Finish(world)

    def routes(self) -> list[web.RouteDef]:
        """The one endpoint."""
        return [web.get("/sso/authorize", self.authorize)]

    async def authorize(self, request: web.Request) -> web.Response:
        """To the IdP of the connection, or back to the application with an error.

        Without an application that may be told, 400; UNVERIFIED: its code.
        """
        query, world = request.query, self._world
        redirect_uri = query.get("redirect_uri", "")
        if query.get("client_id") != world.config.client_id:
            raise refuse(400, "The client ID is not one of this environment.", "client-id-invalid")
        if not self._finish.is_allowed(redirect_uri):
            raise refuse(400, "The redirect URI is not one of this environment.", "redirect-uri-invalid")
        self._finish.time_out()
        flow = Flow(
            token=f"_{secrets.token_hex(20)}",
            session_id=world.ids.next("session"),
            connection_id="",
            redirect_uri=redirect_uri,
            state=query.get("state"),
            challenge=query.get("code_challenge"),
            nonce=secrets.token_urlsafe(24),
            verifier=secrets.token_urlsafe(48),
            visitor=visitor(request),
            started_at=world.clock.now(),
        )
        try:
            row = self._selected(query.get("connection"), query.get("organization"))
        except Rejected as error:
            return returned(error, flow)
        flow = flow._replace(connection_id=row.id)
        try:
            address = await self._location(row, flow)
        except Rejected as error:
            return self._finish.failed(row, error, flow, flow.visitor)
        world.flows.open(flow)
        self._finish.tell(Attempt("started", row, flow.session_id, flow.visitor))
        return web.Response(status=302, headers={"Location": address, "Cache-Control": "no-store"})

    async def _location(self, row: Connection, flow: Flow) -> str:
        if row.protocol == "saml":
            saml = row.options
            issuer, acs_url, now = saml["sp_entity_id"], saml["acs_url"], self._world.clock.now()
            return authn_request.location(
                saml["idp_sso_url"], flow.token, issuer, acs_url, flow.session_id, now
            )
        async with providers(self._world.config.idp_address) as session:
            return oidc.location(await oidc.discovered(session, row), row, flow)

    def _selected(self, connection: str | None, organization: str | None) -> Connection:
        """The connection that was asked for; Rejected with the published codes when there is none to use."""
        rows = self._world.connections
        if (connection is None) == (organization is None):
            raise Rejected("invalid_connection_selector", "Either connection or organization is needed.")
        if organization is not None:
            found = rows.of_organization.of(organization)
            if len(found) > 1:
                raise Rejected("ambiguous_connection_selector", "The organization has several connections.")
            connection = next(iter(found), None)
            if connection is None:
                raise Rejected("organization_invalid", "No connection associated with organization")
        row = rows.get(connection or "")
        if row is None:
            raise Rejected("connection_invalid", "There is no connection for the provided ID.")
        if row.state not in ("active", "validating"):
            raise Rejected("connection_unlinked", "The connection is unlinked.")
        return row
