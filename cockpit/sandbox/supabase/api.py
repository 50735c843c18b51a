"""GET /admin/users as GoTrue orders it: by created_at alone, so that rows which tie come as they please."""

from aiohttp import web

from cockpit.sandbox import ties
from cockpit.sandbox.clock import iso
from cockpit.sandbox.idps import published
from cockpit.sandbox.supabase.providers import provider
from cockpit.sandbox.web import Json, Refused, answer, whole_number
from cockpit.sandbox.world import World

BASE = "/supabase/auth/v1"
KEY = "sandbox-service-role"
PER_PAGE_DEFAULT = 50
CURSOR_LIMIT = 1000


class Api:
    """Reading users with the service key."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The listing, and the factors of one user."""
        return [
            web.get(f"{BASE}/admin/users", self.users),
            web.get(f"{BASE}/admin/users/{{id}}/factors", self.factors),
            web.get(f"{BASE}/admin/sso/providers", self.providers),
        ]

    async def users(self, request: web.Request) -> web.Response:
        """A page, newest first: numbered, or by a cursor where that is switched on and asked for."""
        _check(request)
        if self._world.switches.cursor_paging and request.query.keys() & {"limit", "cursor"}:
            return self._cursored(request)
        return self._numbered(request)

    async def factors(self, request: web.Request) -> web.Response:
        """A bare array, without secrets."""
        _check(request)
        index = self._world.population.find(request.match_info["id"])
        if index is None:
            raise Refused(404, {"code": 404, "error_code": "user_not_found", "msg": "User not found"})
        return answer(self._world.population.record(index).get("factors", []))

    async def providers(self, request: web.Request) -> web.Response:
        """All SAML providers in one answer."""
        _check(request)
        idps = self._world.idps
        return answer({"items": [provider(one, published(self._world, request, one)) for one in idps.saml]})

    def _numbered(self, request: web.Request) -> web.Response:
        page, per_page = whole_number(request, "page", 1), whole_number(request, "per_page", PER_PAGE_DEFAULT)
        if not page or not per_page:
            raise _bad("Bad Pagination Parameters")
        indices = ties.ordered(self._indices(), self._world.switches.tied, f"{page} {per_page}")
        last = -(-len(indices) // per_page)
        link = f'<{BASE}/admin/users?page={{}}&per_page={per_page}>; rel="{{}}"'
        links = [link.format(page + 1, "next")] if page < last else []
        headers = {
            "X-Total-Count": str(len(indices)),
            "Link": ", ".join([*links, link.format(last, "last")]),
        }
        return answer(self._body(indices[(page - 1) * per_page : page * per_page]), headers=headers)

    def _cursored(self, request: web.Request) -> web.Response:
        """By created_at and id: nobody is lost."""
        limit, before = whole_number(request, "limit", PER_PAGE_DEFAULT), whole_number(request, "cursor", -1)
        if not limit or before is None:
            raise _bad("Bad Pagination Parameters")
        limit = min(limit, CURSOR_LIMIT)
        indices = [index for index in self._indices() if before < 0 or index < before]
        chosen = indices[:limit]
        more = len(indices) > limit
        pagination = {"next_cursor": str(chosen[-1]), "has_more": True} if more else {"has_more": False}
        return answer(self._body(chosen) | {"pagination": pagination})

    def _body(self, indices: list[int]) -> Json:
        population, tied = self._world.population, self._world.switches.tied
        records = []
        for index in indices:
            record, eldest = population.record(index), ties.eldest(population, index, tied)
            shared = {} if eldest == index else {"created_at": iso(population.people.created_at(eldest))}
            records.append(record | shared | self._tenant(index, record))
        return {"users": records, "aud": "authenticated"}

    def _tenant(self, index: int, record: Json) -> Json:
        """GoTrue knows no organizations; an application may keep one in app_metadata."""
        companies = self._world.companies
        members = companies.of(index) if self._world.switches.tenant_attribute else []
        if not members:
            return {}
        ident, roles = companies.ident(members[-1].company), list(members[-1].roles)
        return {"app_metadata": record["app_metadata"] | {"organization_id": ident, "roles": roles}}

    def _indices(self) -> list[int]:
        return list(self._world.population.indices())[::-1]


def _check(request: web.Request) -> None:
    if request.headers.get("apikey") != KEY or request.headers.get("Authorization") != f"Bearer {KEY}":
        raise Refused(401, {"code": 401, "error_code": "no_authorization", "msg": "Invalid API key"})


def _bad(message: str) -> Refused:
    return Refused(400, {"code": 400, "error_code": "validation_failed", "msg": message})
