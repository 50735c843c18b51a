"""POST /user_management/authenticate with grant_type=password: the stored hash is really verified."""

import asyncio
import secrets

from aiohttp import web

from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.workos.errors import refuse, too_many, unauthorized, unprocessable
from cockpit.sandbox.workos.store import User
from cockpit.sandbox.workos.verify import NotInstalled, matches
from cockpit.sandbox.world import World


class SignIn:
    """Sign-in by password, for the canary of a migration."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The authenticate endpoint."""
        return [web.post("/user_management/authenticate", self.authenticate)]

    async def authenticate(self, request: web.Request) -> web.Response:
        """The user and tokens, or 400 invalid_credentials, which is not the 401 of a refused key."""
        body = await json_object(request)
        if body is None or body.get("grant_type") != "password":
            raise unprocessable(("grant_type", "must be password"))
        if body.get("client_secret") not in self._world.keys:
            raise unauthorized()
        if not all(isinstance(body.get(field), str) for field in ("client_id", "email", "password")):
            raise unprocessable(("email", "client_id, email and password must be strings"))
        email, password = body["email"].strip().lower(), body["password"]
        wait = self._world.budgets.admit_email("sign_in_60s", email, self._world.clock.monotonic())
        if wait:
            raise too_many(wait)
        user = self._world.users.by_email(email)
        if user is None or not await _verified(user, password):
            raise refuse(400, "The email or the password is not right.", "invalid_credentials")
        return answer(_session(self._world.users.signed_in(user, self._world.ids.now_ms())))


async def _verified(user: User, password: str) -> bool:
    stored = user.password
    if stored is None:
        return False
    try:
        return await asyncio.to_thread(matches, stored.kind, stored.text, stored.salt_position, password)
    except NotInstalled as error:
        message = f"{error} is not installed: pip install 'cockpit[sandbox]'."
        raise refuse(501, message, "not_installed") from error


def _session(user: User) -> Json:
    return {
        "user": user.as_json(),
        "organization_id": None,
        "access_token": secrets.token_urlsafe(32),
        "refresh_token": secrets.token_urlsafe(24),
        "authentication_method": "Password",
    }
