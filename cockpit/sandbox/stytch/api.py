"""POST /v1/users/search: by cursor, at most 150 times a minute, and no word on when to come back."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

from aiohttp import web

from cockpit.sandbox.limits import window
from cockpit.sandbox.web import Json, Refused, answer, json_object
from cockpit.sandbox.world import World

T = TypeVar("T")

PROJECT, SECRET = "project-live-sandbox", "sandbox-secret"
LIMIT_DEFAULT, LIMIT_MOST = 100, 1000
SEARCHES = (150, 60.0)
ANSWERED: Json = {"status_code": 200, "request_id": "request-id-sandbox"}


def error(status: int, kind: str, message: str) -> Json:
    """An error as Stytch words it."""
    return {
        "status_code": status,
        "request_id": "request-id-sandbox",
        "error_type": kind,
        "error_message": message,
        "error_url": f"https://stytch.example/errors/{status}#{kind}",
    }


def throttled() -> Refused:
    """429, bare."""
    return Refused(429, error(429, "too_many_requests", "Too many requests have been made."))


def basic() -> str:
    """The Authorization header of the project."""
    return f"Basic {base64.b64encode(f'{PROJECT}:{SECRET}'.encode()).decode()}"


class Door:
    """Who may call, how often, and what a page of a search is."""

    def __init__(self, world: World, searches: tuple[int, float]) -> None:
        self._world = world
        self._quota = window(world.config.rate_window, *searches)

    def check(self, request: web.Request) -> None:
        """Whether it is the project that asks."""
        if request.headers.get("Authorization") != basic():
            raise Refused(401, error(401, "unauthorized_credentials", "Unauthorized credentials."))

    async def body(self, request: web.Request) -> Json:
        """The body of an admitted search."""
        self.check(request)
        if self._world.budgets.admit_source(self._quota, self._world.clock.monotonic()):
            raise throttled()
        return await json_object(request) or {}

    def page(self, body: Json, found: Sequence[T]) -> tuple[Sequence[T], Json]:
        """A page of what was found, and results_metadata."""
        limit = body.get("limit") or LIMIT_DEFAULT
        if not isinstance(limit, int) or not 1 <= limit <= LIMIT_MOST:
            raise Refused(400, error(400, "invalid_limit", f"limit must be between 1 and {LIMIT_MOST}."))
        start = _place(body.get("cursor"))
        end = start + limit
        following = base64.urlsafe_b64encode(f"at {end}".encode()).decode() if end < len(found) else None
        return found[start:end], {"total": len(found), "next_cursor": following}


def _place(cursor: object) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(str(cursor)).decode().removeprefix("at "))
    except (binascii.Error, ValueError):
        raise Refused(400, error(400, "invalid_cursor", "The cursor is invalid.")) from None


class Api:
    """A consumer project."""

    def __init__(self, world: World) -> None:
        self._world, self._door = world, Door(world, SEARCHES)

    def routes(self) -> list[web.RouteDef]:
        """The search; a consumer project has no B2B."""
        return [web.post("/v1/users/search", self.search)]

    async def search(self, request: web.Request) -> web.Response:
        """All users, for the empty query."""
        body = await self._door.body(request)
        population = self._world.population
        indices, metadata = self._door.page(body, list(population.indices()))
        users = [population.record(index) for index in indices]
        return answer(ANSWERED | {"results": users, "results_metadata": metadata})
