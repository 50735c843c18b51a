"""POST /v2/mgmt/user/search: at most a hundred a page, in no order unless asked, 200 times a minute.

Tenants, roles and permissions each come in one answer, all kinds of it 100 times a minute. Who asks more
often is shut out for a minute.
"""

import random

from aiohttp import web

from cockpit.sandbox import ties
from cockpit.sandbox.descope.sso_settings import settings
from cockpit.sandbox.descope.tenants import PROJECT_PERMISSIONS, PROJECT_ROLES, tenant, user_tenant
from cockpit.sandbox.idps import published
from cockpit.sandbox.limits import Window, window
from cockpit.sandbox.web import Json, Refused, answer, json_object
from cockpit.sandbox.world import World

BASE = "/descope"
PROJECT, KEY = "P2sandbox", "sandbox-management-key"
LIMIT_DEFAULT, LIMIT_MOST = 100, 100
SEARCHES, OTHERS = (200, 60.0), (100, 60.0)
SHUT_OUT_S = 60.0
_TEST = -1
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
        self._quota = window(world.config.rate_window, *SEARCHES)
        self._others = window(world.config.rate_window, *OTHERS)
        self._shut_out_until = 0.0

    def routes(self) -> list[web.RouteDef]:
        """The search, and what the SDK asks first."""
        return [
            web.post(f"{BASE}/v2/mgmt/user/search", self.search),
            web.get(f"{BASE}/v1/mgmt/license", self.license),
            web.get(f"{BASE}/v1/mgmt/tenant/all", self.tenants),
            web.get(f"{BASE}/v2/mgmt/sso/settings", self.sso),
            web.get(f"{BASE}/v1/mgmt/role/all", self.roles),
            web.get(f"{BASE}/v1/mgmt/permission/all", self.permissions),
        ]

    async def license(self, request: web.Request) -> web.Response:
        """The tier of rate limits."""
        return answer({"rateLimitTier": "tier1"})

    async def tenants(self, request: web.Request) -> web.Response:
        """All of them in one answer, however many; parameters of paging change nothing."""
        self._admit(request, self._others)
        return answer({"tenants": [tenant(company) for company in self._world.companies.all()]})

    async def sso(self, request: web.Request) -> web.Response:
        """What a tenant has set up for SSO, or nothing in the same shape; one a tenant."""
        self._admit(request, self._others)
        ident = request.query.get("tenantId", "")
        number = self._world.companies.find(ident)
        if number is None:
            raise Refused(404, error("E076001", f"No tenant {ident!r}"))
        theirs = (one for one in self._world.idps.of_company(number) if one.companies[0] == number)
        one = next(theirs, None)
        where = published(self._world, request, one) if one else None
        return answer(settings(self._world.companies.company(number), one, where))

    async def roles(self, request: web.Request) -> web.Response:
        """All roles of the project, with the names of their permissions."""
        self._admit(request, self._others)
        return answer({"roles": PROJECT_ROLES})

    async def permissions(self, request: web.Request) -> web.Response:
        """All permissions of the project."""
        self._admit(request, self._others)
        return answer({"permissions": PROJECT_PERMISSIONS})

    async def search(self, request: web.Request) -> web.Response:
        """A page; test users come along unless told not to."""
        self._admit(request, self._quota)
        body = await json_object(request) or {}
        limit = body.get("limit") or LIMIT_DEFAULT
        offset = body.get("offset") if "offset" in body else (body.get("page") or 0) * limit
        if not isinstance(limit, int) or not isinstance(offset, int) or limit < 0 or offset < 0:
            raise Refused(400, error("E011003", "limit, page and offset must not be negative"))
        limit = min(limit, LIMIT_MOST)
        population = self._world.population
        since = body.get("fromCreatedTime") or 0
        found = [index for index in population.indices() if self._created(index) * 1000 >= since - 999]
        found = ties.ordered(found, self._world.switches.tied, f"{offset} {limit}")
        if body.get("withTestUser"):
            found.append(_TEST)
        if not body.get("sort"):
            random.shuffle(found)
        shown = found[offset : offset + limit]
        users = [TEST_USER if index == _TEST else self._record(index) for index in shown]
        return answer({"users": users, "total": len(found)})

    def _created(self, index: int) -> int:
        population = self._world.population
        if index < population.people.count:
            eldest = ties.eldest(population, index, self._world.switches.tied)
            return population.people.created_at(eldest) // 1000
        return int(population.record(index)["createdTime"])

    def _record(self, index: int) -> Json:
        companies = self._world.companies
        tenants = [user_tenant(one, companies.company(one.company)) for one in companies.of(index)]
        own = {"createdTime": self._created(index), "userTenants": tenants}
        return self._world.population.record(index) | own

    def _admit(self, request: web.Request, quota: Window) -> None:
        if request.headers.get("Authorization") != f"Bearer {PROJECT}:{KEY}":
            raise Refused(401, error("E061105", "The management key is not valid"))
        now = self._world.clock.monotonic()
        if now >= self._shut_out_until and self._world.budgets.admit_source(quota, now):
            self._shut_out_until = now + SHUT_OUT_S
        if now < self._shut_out_until:
            raise throttled(self._shut_out_until - now)
