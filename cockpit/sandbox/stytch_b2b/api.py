"""POST /v1/b2b/organizations/search and /members/search: by cursor, together at most 100 times a minute.

GET /v1/b2b/rbac/policy has the roles of the project.
"""

from aiohttp import web

from cockpit.sandbox.companies import Member
from cockpit.sandbox.idps import published
from cockpit.sandbox.stytch.api import ANSWERED, Door, error
from cockpit.sandbox.stytch_b2b.connections import lists
from cockpit.sandbox.stytch_b2b.organizations import POLICY, member_of, organization
from cockpit.sandbox.web import Refused, answer
from cockpit.sandbox.world import World

SEARCHES = (100, 60.0)


class Api:
    """A B2B project."""

    def __init__(self, world: World) -> None:
        self._world, self._door = world, Door(world, SEARCHES)
        self._named: tuple[object, ...] = ()
        self._found: list[Member] = []

    def routes(self) -> list[web.RouteDef]:
        """Both searches and the policy; a B2B project has no users."""
        return [
            web.post("/v1/b2b/organizations/search", self.organizations),
            web.post("/v1/b2b/organizations/members/search", self.members),
            web.get("/v1/b2b/rbac/policy", self.policy),
            web.get("/v1/b2b/sso/{id}", self.sso),
        ]

    async def organizations(self, request: web.Request) -> web.Response:
        """All organizations, for the empty query."""
        body = await self._door.body(request)
        companies = self._world.companies
        numbers, metadata = self._door.page(body, range(len(companies)))
        idps = self._world.idps
        found = [organization(companies.company(number), idps.of_company(number)) for number in numbers]
        return answer(ANSWERED | {"organizations": found, "results_metadata": metadata})

    async def members(self, request: web.Request) -> web.Response:
        """The members of the organizations that are named."""
        body = await self._door.body(request)
        named = body.get("organization_ids")
        if not isinstance(named, list) or not named:
            raise Refused(400, error(400, "missing_organization_ids", "organization_ids is required."))
        chosen, metadata = self._door.page(body, self._members(named))
        companies, population = self._world.companies, self._world.population
        theirs = {number: companies.company(number) for number in {member.company for member in chosen}}
        found = [
            member_of(population.record(one.person), one, theirs[one.company], len(companies))
            for one in chosen
        ]
        organizations = {company.id: organization(company) for company in theirs.values()}
        return answer(
            ANSWERED | {"members": found, "organizations": organizations, "results_metadata": metadata}
        )

    async def policy(self, request: web.Request) -> web.Response:
        """The roles of the project and what each permits."""
        self._door.check(request)
        return answer(ANSWERED | {"policy": POLICY})

    async def sso(self, request: web.Request) -> web.Response:
        """GET /v1/b2b/sso/{organization_id}: all its connections."""
        self._door.check(request)
        ident = request.match_info["id"]
        number = self._world.companies.find(ident)
        if number is None:
            raise Refused(404, error(404, "organization_not_found", f"No organization {ident!r}."))
        theirs = [(one, published(self._world, request, one)) for one in self._world.idps.of_company(number)]
        return answer(ANSWERED | lists(self._world.companies.company(number), theirs))

    def _members(self, named: list[object]) -> list[Member]:
        """Who is in those organizations, looked up anew when others are named or somebody came or went."""
        companies = self._world.companies
        now = (*companies.state, *named)
        if now != self._named:
            found = list[Member]()
            for ident in named:
                number = companies.find(str(ident))
                if number is None:
                    raise Refused(404, error(404, "organization_not_found", f"No organization {ident!r}."))
                found += companies.members(number)
            self._named, self._found = now, found
        return self._found
