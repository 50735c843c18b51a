"""GET /api/v2/users with its cap of 1,000 rows, and GET /api/v2/users/{id}."""

import re
from bisect import bisect_left, bisect_right

from aiohttp import web

from cockpit.sandbox.auth0.api import Api, refused
from cockpit.sandbox.auth0.paging import bad_request, by_offset, offset_page
from cockpit.sandbox.clock import from_iso
from cockpit.sandbox.web import Json, answer
from cockpit.sandbox.world import World

_WINDOW = re.compile(r"created_at:\s*([\[{])\s*(\S+)\s+TO\s+(\S+?)\s*([\]}])")
_SECRET_FIELDS = ("passwordHash",)


class Users:
    """Reading users."""

    def __init__(self, api: Api, world: World) -> None:
        self._api, self._world = api, world

    def routes(self) -> list[web.RouteDef]:
        """What is served of users."""
        return [
            web.get("/auth0/api/v2/users", self.search),
            web.get("/auth0/api/v2/users/{id}", self.get),
        ]

    async def search(self, request: web.Request) -> web.Response:
        """GET /api/v2/users: a page of all users, or of those of a window of created_at."""
        headers = self._api.admit(request, "read:users")
        by_offset(request)
        indices = self._matching(request.query.get("q"))
        match request.query.get("sort"):
            case "created_at:-1":
                indices.reverse()
            case "updated_at:-1":
                indices.sort(key=self._changed, reverse=True)

        def show(index: int) -> Json:
            return public(self._world.population.record(index))

        return answer(offset_page(request, "users", indices, show), headers=headers)

    async def get(self, request: web.Request) -> web.Response:
        """GET /api/v2/users/{id}, the id quoted."""
        headers = self._api.admit(request, "read:users")
        index = self._world.population.find(request.match_info["id"])
        if index is None:
            raise refused(404, "Not Found", "The user does not exist.", "inexistent_user")
        return answer(public(self._world.population.record(index)), headers=headers)

    def _changed(self, index: int) -> str:
        return str(self._world.population.record(index).get("updated_at") or "")

    def _matching(self, q: str | None) -> list[int]:
        population = self._world.population
        if not q:
            return list(population.indices())
        found = _WINDOW.fullmatch(q.strip())
        if found is None:
            raise bad_request(f"Invalid query string: {q}", "invalid_query_string")
        opening, start, end, closing = found.groups()
        least, most = _bound(start, 0), _bound(end, 1 << 62)
        everyone, created_at = range(population.people.count), population.people.created_at
        low = (bisect_left if opening == "[" else bisect_right)(everyone, least, key=created_at)
        high = (bisect_right if closing == "]" else bisect_left)(everyone, most, key=created_at)
        indices = [index for index in range(low, high) if not population.is_deleted(index)]
        for index in population.added():
            at = population.record(index).get("created_at")
            if at and least + (opening == "{") <= from_iso(at) <= most - (closing == "}"):
                indices.append(index)
        return indices


def public(record: Json) -> Json:
    """The record without what only the support team's file shows."""
    return {field: value for field, value in record.items() if field not in _SECRET_FIELDS}


def _bound(text: str, unbounded: int) -> int:
    if text == "*":
        return unbounded
    try:
        return from_iso(text.strip('"'))
    except ValueError:
        raise bad_request(f"Invalid date: {text}", "invalid_query_string") from None
