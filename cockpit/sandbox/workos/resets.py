"""/user_management/password_reset: a token to choose a new password (OpenAPI: PasswordReset)."""

import secrets
from typing import NamedTuple

from aiohttp import web

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.workos.errors import not_found, refuse, too_many, unprocessable
from cockpit.sandbox.workos.rules import email_of, password_of
from cockpit.sandbox.world import World

LIFE_MS = 3_600_000


class _Token(NamedTuple):
    user: str
    expires_at: int


class Resets:
    """Resets of one environment; `World.resets` counts those of each e-mail."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tokens: dict[str, _Token] = {}

    def routes(self) -> list[web.RouteDef]:
        """Create and confirm."""
        return [
            web.post("/user_management/password_reset", self.create),
            web.post("/user_management/password_reset/confirm", self.confirm),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """A token and the address that takes it; no e-mail leaves a sandbox."""
        email = email_of(await json_object(request) or {})
        wait = self._world.budgets.admit_email("reset_60s", email, self._world.clock.monotonic())
        if wait:
            raise too_many(wait)
        user = self._world.users.by_email(email)
        if user is None:
            raise not_found("User", email)
        now = self._world.ids.now_ms()
        token = secrets.token_urlsafe(24)
        self._tokens[token] = _Token(user.id, now + LIFE_MS)
        self._world.resets[email] += 1
        body: Json = {
            "object": "password_reset",
            "id": self._world.ids.next("password_reset"),
            "user_id": user.id,
            "email": user.email,
            "expires_at": iso(now + LIFE_MS),
            "created_at": iso(now),
            "password_reset_token": token,
            "password_reset_url": f"{request.scheme}://{request.host}/reset-password?token={token}",
        }
        return answer(body, 201)

    async def confirm(self, request: web.Request) -> web.Response:
        """The new password takes the place of what was there; a token serves once."""
        body = await json_object(request) or {}
        token, chosen = body.get("token"), body.get("new_password")
        if not isinstance(token, str) or not isinstance(chosen, str):
            raise unprocessable(("token", "token and new_password must be strings"))
        password = password_of({"password": chosen})
        users, now = self._world.users, self._world.ids.now_ms()
        kept = self._tokens.pop(token, None)
        user = users.get(kept.user) if kept is not None and kept.expires_at > now else None
        if user is None:
            raise refuse(404, "The token is unknown or has expired.", "entity_not_found")
        changed = user._replace(password=password, updated_at=now)
        users.replace(changed)
        return answer({"user": changed.as_json()})
