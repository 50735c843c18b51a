"""The callback endpoints of connections: SAML's ACS, and OIDC's redirect URI by query or by form_post."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from cockpit.sandbox.web import Json, Refused, answer
from cockpit.sandbox.workos.connection_store import Connection, Protocol
from cockpit.sandbox.workos.errors import not_found, refuse
from cockpit.sandbox.workos.sso import oidc
from cockpit.sandbox.workos.sso.attempts import Rejected, visitor
from cockpit.sandbox.workos.sso.finish import Finish
from cockpit.sandbox.workos.sso.flows import Flow
from cockpit.sandbox.workos.sso.profile import profile
from cockpit.sandbox.workos.sso.providers import providers
from cockpit.sandbox.world import World


class Callbacks:
    """Where browsers come back from IdPs, directly or by way of a proxy."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._finish = Finish(world)

    def routes(self) -> list[web.RouteDef]:
        """Both endpoints, and what came to them."""
        return [
            web.post("/sso/saml/acs/{key}", self.saml),
            web.get("/sso/oidc/callback/{key}", self.oidc_query),
            web.post("/sso/oidc/callback/{key}", self.oidc_form),
            web.get("/_sandbox/sso/arrivals", self.arrivals),
        ]

    async def saml(self, request: web.Request) -> web.Response:
        """POST SAMLResponse and RelayState."""
        try:
            from cockpit.sandbox.workos.sso import saml_response
        except ImportError as error:
            raise _not_installed("signxml") from error
        row, form, who = self._connection(request, "saml"), await request.post(), visitor(request)
        world, flow = self._world, None
        self._finish.time_out()
        try:
            document = _decoded(form.get("SAMLResponse"))
            world.flows.arrive(document, "saml", row.id, world.ids.now_ms())
            root = saml_response.parsed(document)
            flow = world.flows.close(root.get("InResponseTo"), row.id)
            options, now = row.options, world.clock.now()
            expected = saml_response.Expected(
                certificates=[one["value"] for one in options["idp_signing_certs"]],
                issuer=options["idp_entity_id"],
                acs_url=options["acs_url"],
                audience=options["sp_entity_id"],
                now=now,
            )
            found = saml_response.verified(document, root, expected)
            if not world.flows.first_sight(found.id, found.until + saml_response.SKEW_S, now):
                raise Rejected("saml_assertion_replayed", "The assertion was used before.")
            _check_beginning(row, found.in_response_to, flow)
            person = profile(world.ids.next("prof"), row, found.attributes, found.subject)
            return self._finish.succeeded(row, person, flow, str(form.get("RelayState", "")), who)
        except Rejected as error:
            return self._finish.failed(row, error, flow, who)

    async def oidc_query(self, request: web.Request) -> web.Response:
        """GET ?code=&state=, or ?error=."""
        return await self._oidc(request, request.query)

    async def oidc_form(self, request: web.Request) -> web.Response:
        """The same by response_mode=form_post."""
        return await self._oidc(request, await request.post())

    async def arrivals(self, request: web.Request) -> web.Response:
        """The SHA-256 of every SAML response (its XML) and OIDC code that came, oldest first."""
        return answer({"arrivals": [one.as_json() for one in self._world.flows.arrivals]})

    async def _oidc(self, request: web.Request, said: Mapping[str, Any]) -> web.Response:
        row, who, code = self._connection(request, "oidc"), visitor(request), str(said.get("code", ""))
        world = self._world
        self._finish.time_out()
        if code:
            world.flows.arrive(code.encode(), "oidc", row.id, world.ids.now_ms())
        flow = world.flows.close(str(said.get("state", "")), row.id)
        try:
            if flow is None:
                raise Rejected("oauth_failed", "The state is not one of a sign-in that began here.")
            if not code:
                error = str(said.get("error", "oauth_failed"))
                raise Rejected(error, "The identity provider refused the sign-in.")
            claims = await self._claims(row, flow, code)
            person = profile(world.ids.next("prof"), row, claims, claims["sub"])
            return self._finish.succeeded(row, person, flow, "", who)
        except Rejected as rejected:
            return self._finish.failed(row, rejected, flow, who)

    async def _claims(self, row: Connection, flow: Flow, code: str) -> Json:
        """What the provider says of the person whose code it is, verified."""
        try:
            from cockpit.sandbox.workos.sso import id_token
        except ImportError as error:
            raise _not_installed("joserfc") from error
        async with providers(self._world.config.idp_address) as session:
            document = await oidc.discovered(session, row)
            tokens = await oidc.exchanged(session, document, row, flow, code)
            claims = id_token.verified(
                str(tokens.get("id_token")),
                await oidc.keys(session, document),
                algorithm=row.options["id_token_signature_algorithm"],
                issuer=document["issuer"],
                audience=row.options["client_id"],
                nonce=flow.nonce,
                now=self._world.clock.now(),
            )
            if not row.options["fetch_user_info"]:
                return claims
            return claims | await oidc.user_info(
                session, document, str(tokens.get("access_token")), claims["sub"]
            )

    def _connection(self, request: web.Request, protocol: Protocol) -> Connection:
        row = self._world.connections.by_key(request.match_info["key"])
        if row is None or row.protocol != protocol:
            raise not_found("Connection", request.match_info["key"])
        return row


def _check_beginning(row: Connection, in_response_to: str | None, flow: Flow | None) -> None:
    if in_response_to is not None and flow is None:
        raise Rejected("saml_in_response_to_mismatch", "The request that this answers did not begin here.")
    if in_response_to is None and not row.idp_initiated:
        raise Rejected("idp_initiated_sso_disabled", "IdP-initiated SSO is disabled for the connection.")


def _decoded(text: Any) -> bytes:
    try:
        return base64.b64decode("".join(str(text or "").split()), validate=True)
    except binascii.Error:
        raise Rejected("saml_response_malformed", "SAMLResponse is not base64.") from None


def _not_installed(name: str) -> Refused:
    return refuse(501, f"{name} is not installed: pip install 'cockpit[sandbox]'.", "not_installed")
