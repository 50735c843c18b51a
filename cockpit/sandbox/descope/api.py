"""POST /v2/mgmt/user/search: at most a hundred a page, in no order unless asked, 200 times a minute."""

import random

from aiohttp import web

from cockpit.sandbox.limits import FixedWindow
from cockpit.sandbox.web import Json, Refused, answer, json_object
from cockpit.sandbox.world import World

BASE = "/descope"
PROJECT, KEY = "P2sandbox", "sandbox-management-key"
LIMIT_DEFAULT, LIMIT_MOST = 100, 100
SEARCHES = (200, 60.0)
TEST_USER: Json = {"userId": "U2test", "loginIds": ["test"], "email": "test@sandbox.example", "test": True}


def error(code: str, message: str) -> Json:
    """An error as Descope words it."""
    return {"errorCode": code, "errorDescription": message, "errorMessage": message}


def throttled(wait: float) -> Refused:
    """429 with Retry-After."""
    return Refused(429, error("E130429", "Too many requests"), {"Retry-After": str(int(wait) + 1)})


class Api:
    """One project."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._window = FixedWindow(*SEARCHES)

    def routes(self) -> list[web.RouteDef]:
        """The search, and what the SDK asks first."""
        return [
            web.post(f"{BASE}/v2/mgmt/user/search", self.search),
            web.get(f"{BASE}/v1/mgmt/license", self.license),
        ]

    async def license(self, request: web.Request) -> web.Response:
        """The tier of rate limits."""
        return answer({"rateLimitTier": "tier1"})

    async def search(self, request: web.Request) -> web.Response:
        """A page; test users come along unless told not to."""
        self._admit(request)
        body = await json_object(request) or {}
        limit = body.get("limit") or LIMIT_DEFAULT
        offset = body.get("offset") if "offset" in body else (body.get("page") or 0) * limit
        if not isinstance(limit, int) or not isinstance(offset, int) or limit < 0 or offset < 0:
            raise Refused(400, error("E011003", "limit, page and offset must not be negative"))
        limit = min(limit, LIMIT_MOST)
        population = self._world.population
        found = [population.record(index) for index in population.indices()]
        if body.get("withTestUser"):
            found.append(TEST_USER)
        if since := body.get("fromCreatedTime"):
            found = [user for user in found if user.get("createdTime", 0) * 1000 >= since - 999]
        if not body.get("sort"):
            random.shuffle(found)
        return answer({"users": found[offset : offset + limit], "total": len(found)})

    def _admit(self, request: web.Request) -> None:
        if request.headers.get("Authorization") != f"Bearer {PROJECT}:{KEY}":
            raise Refused(401, error("E061105", "The management key is not valid"))
        if self._world.config.limits == "published":
            now = self._world.clock.monotonic()
            if wait := self._window.wait(now):
                raise throttled(wait)
            self._window.take(now)
