"""The token endpoint of service accounts: a JWT signed with RS256 is exchanged for a bearer token."""

import base64
import json
from functools import cached_property
from typing import Any

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from cockpit.sandbox.web import Json, Refused, answer
from cockpit.sandbox.world import World

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
EMAIL = "exporter@demo-sandbox.iam.example"
PATH = "/oauth2/token"
PUBLIC_AUDIENCE = "https://oauth2.googleapis.com/token"
"""What google-auth writes as `aud`, whatever the token_uri."""
LONGEST_ASSERTION = 3600
TOKEN_TTL = 3600.0


class OAuth:
    """One service account and the tokens given to it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The token endpoint."""
        return [web.post(PATH, self.token)]

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def service_account(self, base_url: str) -> Json:
        """The JSON file of the service account, whose token_uri points here."""
        pem = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return {
            "type": "service_account",
            "project_id": "demo-sandbox",
            "private_key_id": "sandbox",
            "private_key": pem.decode(),
            "client_email": EMAIL,
            "client_id": "100000000000000000000",
            "token_uri": f"{base_url}{PATH}",
        }

    async def token(self, request: web.Request) -> web.Response:
        """POST /token with the grant jwt-bearer, as a form."""
        form = await request.post()
        if form.get("grant_type") != GRANT:
            raise Refused(400, {"error": "unsupported_grant_type", "error_description": "Not supported"})
        claims = self._claims(str(form.get("assertion", "")))
        now = self._world.clock.now()
        issued, expires = claims.get("iat"), claims.get("exp")
        if not (isinstance(issued, int) and isinstance(expires, int)):
            raise _invalid("iat and exp are required")
        if not issued - 60 <= now < expires or expires - issued > LONGEST_ASSERTION:
            raise _invalid("the token must be short-lived and in a reasonable timeframe")
        audiences = (PUBLIC_AUDIENCE, f"{request.scheme}://{request.host}{PATH}")
        if claims.get("iss") != EMAIL or claims.get("aud") not in audiences:
            raise _invalid("iss or aud is not right")
        ttl = min(self._world.switches.token_ttl, TOKEN_TTL)
        token = self._world.tokens.mint("ya29.", ttl)
        return answer({"access_token": token, "expires_in": int(ttl), "token_type": "Bearer"})

    def _claims(self, assertion: str) -> dict[str, Any]:
        signed, _, signature = assertion.rpartition(".")
        try:
            header, payload = (json.loads(_decoded(part)) for part in signed.split("."))
            if header["alg"] != "RS256":
                raise ValueError(header)
            public_key = self._key.public_key()
            public_key.verify(_decoded(signature), signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        except (ValueError, KeyError, TypeError, InvalidSignature):
            raise _invalid("the signature is not that of the service account") from None
        if not isinstance(payload, dict):
            raise _invalid("the claims are no object")
        return payload


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _invalid(why: str) -> Refused:
    return Refused(400, {"error": "invalid_grant", "error_description": f"Invalid JWT: {why}."})
