"""Sign-in by e-mail: the administrator, or anybody who has a password."""

import re
import secrets

from aiohttp import web

from cockpit.sandbox.web import Json, Refused, answer, json_object
from cockpit.sandbox.world import World

EMAIL, PASSWORD = "admin@sandbox.example", "sandbox-admin"
COOKIE = "better-auth.session_token"
_NUMBER = re.compile(r"(\d+)@")


def error(code: str, message: str) -> Json:
    """An error as Better Auth words it."""
    return {"code": code, "message": message}


class Sessions:
    """Who has signed in; a session is known by its cookie alone."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._people: dict[str, int] = {}

    async def sign_in(self, request: web.Request) -> web.Response:
        """POST sign-in/email: a session cookie."""
        body = await json_object(request) or {}
        if "Origin" not in request.headers:
            raise Refused(403, error("MISSING_OR_NULL_ORIGIN", "Missing or null Origin"))
        email, password = str(body.get("email")), body.get("password")
        index = None if (email, password) == (EMAIL, PASSWORD) else self._person(email, password)
        token = self._world.tokens.mint("", self._world.switches.token_ttl)
        if index is not None:
            self._people[token] = index
        answered = answer({"redirect": False, "token": token, "user": {"email": email}})
        answered.set_cookie(COOKIE, f"{token}.{secrets.token_hex(8)}", httponly=True, samesite="Lax")
        return answered

    def who(self, request: web.Request) -> int | None:
        """The number of the person who asks, None for the administrator; 401 without a session."""
        token = request.cookies.get(COOKIE, "").rpartition(".")[0]
        if not self._world.tokens.is_valid(token):
            raise Refused(401, error("UNAUTHORIZED", "Unauthorized"))
        return self._people.get(token)

    def _person(self, email: str, password: object) -> int:
        population, found = self._world.population, _NUMBER.search(email)
        index = int(found[1]) if found else population.people.count
        if index < population.people.count and not population.is_deleted(index):
            known = population.password(index)
            if known is not None and (population.record(index)["email"], known) == (email, password):
                return index
        raise Refused(401, error("INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"))
