"""The Management API's common ground: tokens, rate limits and the shape of errors."""

import math

from aiohttp import web

from cockpit.sandbox.clock import Clock
from cockpit.sandbox.web import Refused, answer, json_object
from cockpit.sandbox.world import World

SCOPES = (
    "read:users", "read:connections", "read:connections_options", "read:organizations",
    "read:organization_members", "read:organization_member_roles", "read:organization_connections",
    "read:organization_discovery_domains", "read:roles", "read:log_streams", "read:event_streams",
)  # fmt: skip
JOB_SCOPE = "create:users"

RATES: dict[str, tuple[float, int]] = {
    "users": (500 / 60, 40),
    "organizations": (50 / 60, 5),
    "members": (200 / 60, 10),
    "other": (150 / 60, 10),
}
"""Essentials and Professional: requests a second, and in one burst (documentation: rate limits).

The burst of members is a guess: their rate is published, 200 to 500 a minute, their burst is not.
"""


def refused(status: int, error: str, message: str, code: str) -> Refused:
    """An error as the Management API words it."""
    return Refused(status, {"statusCode": status, "error": error, "message": message, "errorCode": code})


class Bucket:
    """A burst that refills at a steady rate."""

    def __init__(self, clock: Clock, rate: float, burst: int, enforced: bool) -> None:
        self._clock, self._rate, self.burst, self._enforced = clock, rate, burst, enforced
        self._level, self._seen = float(burst), clock.monotonic()

    def take(self) -> bool:
        """Whether the request may pass."""
        now = self._clock.monotonic()
        self._level = min(self.burst, self._level + (now - self._seen) * self._rate)
        self._seen = now
        if self._level < 1:
            return not self._enforced
        self._level -= 1
        return True

    def headers(self) -> dict[str, str]:
        """The state of the bucket; x-ratelimit-reset is a point in time, not a delay."""
        reset = math.ceil(self._clock.now() + max(0.0, 1 - self._level) / self._rate)
        return {
            "x-ratelimit-limit": str(self.burst),
            "x-ratelimit-remaining": str(int(self._level)),
            "x-ratelimit-reset": str(reset),
        }


class Api:
    """Who may call, and how often."""

    def __init__(self, world: World) -> None:
        self._world = world
        enforced = world.config.limits == "published"
        self._buckets = {name: Bucket(world.clock, *size, enforced) for name, size in RATES.items()}

    def routes(self) -> list[web.RouteDef]:
        """The token endpoint."""
        return [web.post("/auth0/oauth/token", self.token)]

    async def token(self, request: web.Request) -> web.Response:
        """POST /oauth/token with grant_type client_credentials, JSON."""
        body = await json_object(request)
        if body is None or body.get("grant_type") != "client_credentials":
            raise _denied(403, "unauthorized_client", "Grant type not allowed for the client.")
        config = self._world.config
        secret = (body.get("client_id"), body.get("client_secret"))
        if secret != (config.auth0_client_id, config.auth0_client_secret):
            raise _denied(401, "access_denied", "Unauthorized")
        audience = str(body.get("audience", ""))
        if not audience.endswith("/api/v2/"):
            raise _denied(403, "access_denied", f"Service not found: {audience}")
        ttl = self._world.switches.token_ttl
        granted = [*SCOPES, *([JOB_SCOPE] if self._world.switches.job_scope else [])]
        scope = " ".join(name for name in granted if name != self._world.switches.denied_scope)
        token = self._world.tokens.mint("auth0_", ttl)
        return answer({"access_token": token, "scope": scope, "expires_in": int(ttl), "token_type": "Bearer"})

    def admit(self, request: web.Request, *scopes: str) -> dict[str, str]:
        """Check the token, its scopes and the rate; the headers that every answer carries."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise refused(401, "Unauthorized", "Missing authentication", "missing_authentication")
        if not self._world.tokens.is_valid(token):
            message = "Expired token received for JSON Web Token validation"
            raise refused(401, "Unauthorized", message, "invalid_token")
        if self._world.switches.denied_scope in scopes:
            raise insufficient(self._world.switches.denied_scope)
        bucket = self._buckets[_budget(request.path)]
        if not bucket.take():
            error = refused(429, "Too Many Requests", "Global limit has been reached", "too_many_requests")
            # No Retry-After: a caller has to read the point in time in x-ratelimit-reset.
            error.headers.update(bucket.headers())
            raise error
        return bucket.headers()


def insufficient(*scopes: str) -> Refused:
    """403 that names the scopes of which one would do."""
    message = f"Insufficient scope, expected any of: {','.join(scopes)}"
    return refused(403, "Forbidden", message, "insufficient_scope")


def _budget(path: str) -> str:
    match path.removeprefix("/auth0/api/v2/").split("/"):
        case ["users", *_]:
            return "users"
        case ["organizations"] | ["organizations", _]:
            return "organizations"
        case ["organizations", _, "members", *_]:
            return "members"
    return "other"


def _denied(status: int, error: str, description: str) -> Refused:
    return Refused(status, {"error": error, "error_description": description})
