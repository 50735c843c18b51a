"""/user_management/users/{id}/auth_factors and /auth/factors (OpenAPI: AuthenticationFactor)."""

import base64
import secrets
from urllib.parse import quote, urlencode

from aiohttp import web

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.workos import totp
from cockpit.sandbox.workos.errors import not_found, unprocessable
from cockpit.sandbox.workos.factor_store import Factor
from cockpit.sandbox.workos.fields import check_shape
from cockpit.sandbox.workos.paging import Page, envelope, page, place
from cockpit.sandbox.workos.store import User
from cockpit.sandbox.world import World

ISSUER = "Sandbox"
"""At WorkOS the name of the team."""

_USER = "/user_management/users/{id}/auth_factors"
_TYPES: dict[str, type] = {"type": str, "totp_issuer": str, "totp_user": str, "totp_secret": str}


class Factors:
    """The second factors of one environment's users."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Enroll and list for a user; read and delete by the factor's id."""
        return [
            web.post(_USER, self.enroll),
            web.get(_USER, self.list_page),
            web.get("/auth/factors/{id}", self.get),
            web.delete("/auth/factors/{id}", self.delete),
        ]

    async def enroll(self, request: web.Request) -> web.Response:
        """POST: a new TOTP factor, each time; the secret given, or one made here.

        How lenient WorkOS is with a secret is UNVERIFIED: here it must be Base32 in capitals.
        """
        body = check_shape(await json_object(request), _TYPES)
        user = self._user(request)
        if body.get("type") != "totp":
            raise unprocessable(("type", "must be totp"))
        secret = body.get("totp_secret")
        if secret is None:
            secret = base64.b32encode(secrets.token_bytes(20)).decode()
        try:
            totp.key(secret)
        except ValueError as error:
            raise unprocessable(("totp_secret", f"is not a Base32 secret: {error}")) from None
        now = self._world.ids.now_ms()
        factor = Factor(
            id=self._world.ids.next("auth_factor"),
            user_id=user.id,
            issuer=body.get("totp_issuer") or ISSUER,
            user=body.get("totp_user") or user.email,
            secret=secret,
            created_at=now,
            updated_at=now,
        )
        self._world.factors.add(factor)
        challenge = {
            "object": "authentication_challenge",
            "id": self._world.ids.next("auth_challenge"),
            "authentication_factor_id": factor.id,
            "created_at": iso(now),
            "updated_at": iso(now),
        }
        body = {"authentication_factor": _enrolled(factor), "authentication_challenge": challenge}
        return answer(body, 201)

    async def list_page(self, request: web.Request) -> web.Response:
        """GET those of a user."""
        at, user, factors = place(request), self._user(request), self._world.factors
        found: Page[Factor] = page(factors.of_user.of(user.id), at, factors.__getitem__)
        return answer(envelope(found, Factor.as_json))

    async def get(self, request: web.Request) -> web.Response:
        """GET one."""
        return answer(self._found(request).as_json())

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE one."""
        self._world.factors.remove(self._found(request))
        return web.Response(status=204)

    def _user(self, request: web.Request) -> User:
        ident = request.match_info["id"]
        user = self._world.users.get(ident)
        if user is None:
            raise not_found("User", ident)
        return user

    def _found(self, request: web.Request) -> Factor:
        ident = request.match_info["id"]
        factor = self._world.factors.get(ident)
        if factor is None:
            raise not_found("Authentication factor", ident)
        return factor


def _enrolled(factor: Factor) -> Json:
    """What only the reply to the enrolment shows; the QR code of the address is not drawn here."""
    label = quote(f"{factor.issuer}:{factor.user}")
    uri = f"otpauth://totp/{label}?{urlencode({'secret': factor.secret, 'issuer': factor.issuer})}"
    shown = {"issuer": factor.issuer, "user": factor.user, "secret": factor.secret}
    return factor.as_json() | {"totp": shown | {"uri": uri, "qr_code": ""}}
