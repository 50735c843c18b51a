"""GET /admin/users as GoTrue orders it: by created_at alone, so that rows which tie come as they please."""

import random

from aiohttp import web

from cockpit.sandbox.web import Refused, answer, whole_number
from cockpit.sandbox.world import World

BASE = "/supabase/auth/v1"
KEY = "sandbox-service-role"
PER_PAGE_DEFAULT = 50


class Api:
    """Reading users with the service key."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The listing."""
        return [web.get(f"{BASE}/admin/users", self.users)]

    async def users(self, request: web.Request) -> web.Response:
        """A page, newest first, with X-Total-Count and Link; per_page has no most."""
        if request.headers.get("apikey") != KEY or request.headers.get("Authorization") != f"Bearer {KEY}":
            raise Refused(401, {"code": 401, "error_code": "no_authorization", "msg": "Invalid API key"})
        page, per_page = whole_number(request, "page", 1), whole_number(request, "per_page", PER_PAGE_DEFAULT)
        if not page or not per_page:
            raise Refused(400, {"code": 400, "error_code": "validation_failed", "msg": "Bad Pagination"})
        indices = self._ordered()
        chosen = indices[(page - 1) * per_page : page * per_page]
        records = [self._world.population.record(index) for index in chosen]
        headers = {"X-Total-Count": str(len(indices))}
        last = -(-len(indices) // per_page)
        link = f'<{BASE}/admin/users?page={{}}&per_page={per_page}>; rel="{{}}"'
        links = [link.format(page + 1, "next")] if page < last else []
        headers["Link"] = ", ".join([*links, link.format(last, "last")])
        return answer({"users": records, "aud": "authenticated"}, headers=headers)

    def _ordered(self) -> list[int]:
        """Newest first; `tied` neighbours share a created_at, and their order is another at each query."""
        indices = list(self._world.population.indices())[::-1]
        tied = self._world.switches.tied
        if tied < 2:
            return indices
        dice = random.Random(len(self._world.requests) + sum(self._world.requests.values()))
        groups = [indices[start : start + tied] for start in range(0, len(indices), tied)]
        for group in groups:
            dice.shuffle(group)
        return [index for group in groups for index in group]
