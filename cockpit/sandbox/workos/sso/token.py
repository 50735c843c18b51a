"""POST /sso/token: a code becomes a profile and a token (SDK: SSOTokenResponse)."""

import secrets
from collections.abc import Mapping
from hmac import compare_digest
from typing import Any

from aiohttp import web

from cockpit.sandbox.web import Refused, answer, json_object
from cockpit.sandbox.workos.sso.flows import CODE_S
from cockpit.sandbox.workos.sso.pkce import challenge
from cockpit.sandbox.world import World


class Token:
    """The exchange of codes."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The one endpoint."""
        return [web.post("/sso/token", self.exchange)]

    async def exchange(self, request: web.Request) -> web.Response:
        """The profile of that code, once; errors are OAuth's."""
        world = self._world
        is_json = request.content_type == "application/json"
        said: Mapping[str, Any] = (await json_object(request) or {}) if is_json else await request.post()
        if said.get("grant_type") != "authorization_code":
            raise _refused("unsupported_grant_type", "grant_type must be authorization_code.")
        verifier = said.get("code_verifier")
        if said.get("client_id") != world.config.client_id or not (
            said.get("client_secret") in world.keys or verifier
        ):
            raise _refused("invalid_client", "The client ID or the client secret is not right.")
        grant = world.flows.redeem(str(said.get("code")), world.clock.now())
        if grant is None:
            raise _refused("invalid_grant", f"The code is unknown, was used or is older than {CODE_S:.0f} s.")
        wanted = grant.challenge or ""
        if (verifier or wanted) and not compare_digest(challenge(str(verifier)), wanted):
            raise _refused("invalid_grant", "The code verifier does not match the code challenge.")
        return answer(
            {
                "token_type": "Bearer",
                "access_token": secrets.token_urlsafe(32),
                "expires_in": int(CODE_S),
                "profile": grant.profile.as_json(),
            }
        )


def _refused(error: str, description: str) -> Refused:
    return Refused(400, {"error": error, "error_description": description})
