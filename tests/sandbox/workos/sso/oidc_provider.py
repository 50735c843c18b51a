"""An OpenID provider that says what a test tells it to say."""

import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import RSAKey

from cockpit.sandbox.workos.sso.pkce import challenge

CLIENT, SECRET = "acme/client", "hush hush"
_KEY, _STRANGERS = (RSAKey.generate_key(2048, auto_kid=True) for _ in range(2))


class Provider:
    """Discovery, token endpoint, keys and user info; `changes` go into the claims of the ID token."""

    def __init__(self) -> None:
        self.changes: dict[str, Any] = {}
        self.key = _KEY
        self.other_subject = False
        self.asked: dict[str, str] = {}
        self.issuer = ""
        self.now = 0.0

    def authorized(self, location: str) -> str:
        """The code for whoever was sent to that address."""
        assert location.startswith(f"{self.issuer}/authorize?")
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(location).query).items()}
        return "the-code"

    def signed_by_a_stranger(self) -> None:
        """From now on the key is not the one that is published."""
        self.key = _STRANGERS

    async def discovery(self, request: web.Request) -> web.Response:
        """The provider's document."""
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        paths["userinfo_endpoint"] = "me"
        return web.json_response(
            {"issuer": self.issuer} | {name: f"{self.issuer}/{path}" for name, path in paths.items()}
        )

    async def token(self, request: web.Request) -> web.Response:
        """Tokens for the code, whose client, redirect URI and verifier must be the right ones."""
        form = await request.post()
        pair = base64.b64encode(b"acme%2Fclient:hush%20hush").decode()
        right = (
            form["code"] == "the-code"
            and request.headers["Authorization"] == f"Basic {pair}"
            and form["redirect_uri"] == self.asked["redirect_uri"]
            and challenge(str(form["code_verifier"])) == self.asked["code_challenge"]
        )
        if not right:
            return web.json_response({"error": "invalid_grant"}, status=400)
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "person-1",
            "nonce": self.asked["nonce"],
            "iat": int(self.now),
            "exp": int(self.now) + 300,
        } | self.changes
        header = {"alg": "RS256", "kid": _KEY.kid}
        return web.json_response({"access_token": "at", "id_token": jwt.encode(header, claims, self.key)})

    async def keys(self, request: web.Request) -> web.Response:
        """The JSON Web Key Set."""
        return web.json_response({"keys": [_KEY.as_dict(private=False)]})

    async def me(self, request: web.Request) -> web.Response:
        """The user info, for who has the access token."""
        assert request.headers["Authorization"] == "Bearer at"
        sub = "person-2" if self.other_subject else "person-1"
        return web.json_response({"sub": sub, "email": "Ana@Acme.example", "given_name": "Ana"})


@asynccontextmanager
async def provider(now: float) -> AsyncIterator[Provider]:
    """One that listens on loopback, at that time."""
    made = Provider()
    made.now = now
    app = web.Application()
    app.add_routes(
        [
            web.get("/.well-known/openid-configuration", made.discovery),
            web.post("/token", made.token),
            web.get("/keys", made.keys),
            web.get("/me", made.me),
        ]
    )
    async with TestServer(app) as server:
        made.issuer = str(server.make_url("")).rstrip("/")
        yield made
