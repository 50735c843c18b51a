"""/_sandbox/source: the companies, memberships and authenticator apps of the source, asked and changed."""

from itertools import islice

from aiohttp import web

from cockpit.sandbox.companies import Company, Domain, Member
from cockpit.sandbox.control import found
from cockpit.sandbox.factors import Totp, raw
from cockpit.sandbox.roles import BY_SLUG
from cockpit.sandbox.standins import StandIn
from cockpit.sandbox.web import Json, Refused, answer, posted, whole_number
from cockpit.sandbox.world import World

LIMIT_DEFAULT = 1000


class Tenancy:
    """The part of the control API that is about companies; ids are those of the source."""

    def __init__(self, world: World, stand_in: StandIn) -> None:
        self._world, self._stand_in = world, stand_in

    def routes(self) -> list[web.RouteDef]:
        """Everything about companies, memberships and apps."""
        organization, source = "/_sandbox/source/organizations", "/_sandbox/source"
        return [
            web.get(organization, self.organizations),
            web.get(f"{organization}/{{id}}", self.organization),
            web.patch(f"{organization}/{{id}}", self.correct),
            web.put(f"{organization}/{{id}}/members/{{user}}", self.put),
            web.delete(f"{organization}/{{id}}/members/{{user}}", self.remove),
            web.get(f"{source}/memberships", self.memberships),
            web.get(f"{source}/users/{{user}}/totp", self.totp),
            web.put(f"{source}/users/{{user}}/totp", self.enrol),
            web.delete(f"{source}/users/{{user}}/totp", self.end),
        ]

    async def organizations(self, request: web.Request) -> web.Response:
        """Companies, oldest first: ?after=&limit= (1,000); `after` is null with the last."""
        after, limit = self._page(request)
        companies = self._world.companies
        end = min(after + limit, len(companies))
        shown = [_company(companies.company(number)) for number in range(after, end)]
        return answer({"organizations": shown, "after": end if end < len(companies) else None})

    async def organization(self, request: web.Request) -> web.Response:
        """One company."""
        return answer(_company(self._world.companies.company(self._company(request.match_info["id"]))))

    async def correct(self, request: web.Request) -> web.Response:
        """Set `name`, `slug`, `metadata` or `domains` ([{"name", "verified"}]) of a company."""
        number, body = self._company(request.match_info["id"]), await posted(request)
        if unknown := body.keys() - {"name", "slug", "domains", "metadata"}:
            raise Refused(400, {"message": f"a company has no {', '.join(sorted(unknown))}"})
        if "domains" in body:
            try:
                body["domains"] = tuple(Domain(**one) for one in body["domains"])
            except TypeError as error:
                raise Refused(400, {"message": f"domains are [{{name, verified}}]: {error}"}) from error
        return answer(_company(self._world.companies.correct(number, body)))

    async def put(self, request: web.Request) -> web.Response:
        """{"roles"}: make somebody a member, or give a member other roles."""
        number, person = self._seat(request)
        roles = [str(slug) for slug in (await posted(request)).get("roles") or ["member"]]
        if unknown := set(roles) - BY_SLUG.keys():
            raise Refused(400, {"message": f"no role {sorted(unknown)}; there are {', '.join(BY_SLUG)}"})
        now_ms = int(self._world.clock.now() * 1000)
        return answer(self._member(self._world.companies.put(number, person, roles, now_ms)))

    async def remove(self, request: web.Request) -> web.Response:
        """End a membership."""
        number, person = self._seat(request)
        if self._world.companies.member(number, person) is None:
            raise Refused(404, {"message": "no such membership"})
        self._world.companies.remove(number, person)
        return web.Response(status=204)

    async def memberships(self, request: web.Request) -> web.Response:
        """Those of ?user= or ?organization=, or all: ?after=&limit= (1,000 people); `after` as above."""
        companies, population = self._world.companies, self._world.population
        if "user" in request.query:
            members, after = companies.of(found(self._world, request.query["user"])), None
        elif "organization" in request.query:
            members, after = companies.members(self._company(request.query["organization"])), None
        else:
            start, limit = self._page(request)
            people = list(islice((one for one in population.indices() if one >= start), limit + 1))
            members = [member for person in people[:limit] for member in companies.of(person)]
            after = people[limit] if len(people) > limit else None
        return answer({"memberships": [self._member(one) for one in members], "after": after})

    async def totp(self, request: web.Request) -> web.Response:
        """The secret of a person's authenticator app, as the app was given it; 404 without one."""
        totp = self._world.apps.totp(found(self._world, request.match_info["user"]))
        if totp is None:
            raise Refused(404, {"message": "no authenticator app"})
        return answer(totp._asdict())

    async def enrol(self, request: web.Request) -> web.Response:
        """{"secret", "verified"}: enrol an app in the place of what there was."""
        person, body = found(self._world, request.match_info["user"]), await posted(request)
        totp = Totp(str(body.get("secret", "")), bool(body.get("verified", True)))
        try:
            if not raw(totp.secret):
                raise ValueError("it is empty")
        except ValueError as error:
            raise Refused(400, {"message": f"the secret must be Base32: {error}"}) from error
        self._change(person, totp)
        return answer(totp._asdict())

    async def end(self, request: web.Request) -> web.Response:
        """End the use of an app."""
        self._change(found(self._world, request.match_info["user"]), None)
        return web.Response(status=204)

    def _change(self, index: int, totp: Totp | None) -> None:
        population = self._world.population
        self._world.apps.put(index, totp)
        if patch := self._stand_in.second_factor(population.people.person(index), totp):
            population.correct(index, patch)

    def _seat(self, request: web.Request) -> tuple[int, int]:
        if self._world.companies.closed:
            raise Refused(400, {"message": "people of this source belong to one organization for good"})
        return self._company(request.match_info["id"]), found(self._world, request.match_info["user"])

    def _company(self, ident: str) -> int:
        number = self._world.companies.find(ident)
        if number is None:
            raise Refused(404, {"message": f"no organization {ident!r}"})
        return number

    def _member(self, member: Member) -> Json:
        population, companies = self._world.population, self._world.companies
        return {
            "organization": companies.ident(member.company),
            "user": population.shape.id_of(population.record(member.person)),
            "roles": list(member.roles),
        }

    def _page(self, request: web.Request) -> tuple[int, int]:
        after, limit = whole_number(request, "after", 0), whole_number(request, "limit", LIMIT_DEFAULT)
        if after is None or not limit:
            raise Refused(400, {"message": "after and limit must be numbers"})
        return after, limit


def _company(company: Company) -> Json:
    shown = company._asdict() | {"domains": [domain._asdict() for domain in company.domains]}
    return {field: shown[field] for field in ("id", "name", "slug", "domains", "metadata", "created_at")}
