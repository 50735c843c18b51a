"""Clerk's organizations, memberships, domains, roles and permissions: {data, total_count}, by offset."""

from collections.abc import Callable

from aiohttp import web

from cockpit.sandbox import ties
from cockpit.sandbox.clerk.api import BASE, Api, bounds, error, ordering
from cockpit.sandbox.companies import Company, Member
from cockpit.sandbox.roles import BY_SLUG, PERMISSIONS, ROLES, Permission, Role
from cockpit.sandbox.seats import Seats
from cockpit.sandbox.web import Json, Refused, answer
from cockpit.sandbox.world import World

SET_UP = 1_546_300_800_000
"""When roles and permissions were made: 2019-01-01."""


class Organizations:
    """Reading organizations; newest first unless told otherwise, ten of them unless told otherwise."""

    def __init__(self, api: Api, world: World) -> None:
        self._api, self._world = api, world
        self._everybody: Seats | None = None

    def routes(self) -> list[web.RouteDef]:
        """What is served of organizations, one by one and of the whole instance."""
        one = f"{BASE}/organizations/{{id}}"
        return [
            web.get(f"{BASE}/organizations", self.organizations),
            web.get(f"{one}/memberships", self.memberships),
            web.get(f"{one}/domains", self.domains),
            web.get(f"{BASE}/organization_memberships", self.all_memberships),
            web.get(f"{BASE}/organization_domains", self.all_domains),
            web.get(f"{BASE}/organization_roles", self.roles),
            web.get(f"{BASE}/organization_permissions", self.permissions),
        ]

    async def organizations(self, request: web.Request) -> web.Response:
        """GET /v1/organizations, with members_count where ?include_members_count=true."""
        self._api.admit(request)
        companies = self._world.companies
        counted = request.query.get("include_members_count") == "true"

        def show(number: int) -> Json:
            count = {"members_count": len(companies.members(number))} if counted else {}
            return _organization(companies.company(number)) | count

        return self._page(request, len(companies), show)

    async def memberships(self, request: web.Request) -> web.Response:
        """GET /v1/organizations/{id}/memberships."""
        self._api.admit(request)
        found = sorted(self._world.companies.members(self._found(request)), key=lambda one: one.created_at)
        return self._page(request, len(found), lambda place: self._membership(found[place]))

    async def all_memberships(self, request: web.Request) -> web.Response:
        """GET /v1/organization_memberships: those of all organizations."""
        self._api.admit(request)
        seats = self._everybody
        if seats is None or seats.state != self._world.companies.state:
            seats = self._everybody = Seats(self._world.companies)
        return self._page(request, len(seats), lambda place: self._membership(seats[place]))

    async def domains(self, request: web.Request) -> web.Response:
        """GET /v1/organizations/{id}/domains."""
        self._api.admit(request)
        company = self._world.companies.company(self._found(request))
        return self._page(request, len(company.domains), lambda place: _domain(company, place))

    async def all_domains(self, request: web.Request) -> web.Response:
        """GET /v1/organization_domains: those of all organizations."""
        self._api.admit(request)
        companies = self._world.companies.all()
        found = [(company, place) for company in companies for place in range(len(company.domains))]
        return self._page(request, len(found), lambda place: _domain(*found[place]))

    async def roles(self, request: web.Request) -> web.Response:
        """GET /v1/organization_roles, each with its permissions."""
        self._api.admit(request)
        return self._page(request, len(ROLES), lambda place: _role(ROLES[place]))

    async def permissions(self, request: web.Request) -> web.Response:
        """GET /v1/organization_permissions."""
        self._api.admit(request)
        return self._page(request, len(PERMISSIONS), lambda place: _permission(PERMISSIONS[place]))

    def _page(self, request: web.Request, count: int, show: Callable[[int], Json]) -> web.Response:
        """A page of `count` rows, of which `show` gives one by its place, the oldest at 0."""
        offset, limit = bounds(request)
        newest_first = ordering(request).startswith("-")
        tied = self._world.switches.tied
        places = ties.ordered(range(count), tied, f"{offset} {limit}")
        if newest_first:
            places.reverse()
        rows = []
        for place in places[offset : offset + limit]:
            row = show(place)
            if tied > 1:
                row["created_at"] = show(place - place % tied)["created_at"]
            rows.append(row)
        return answer({"data": rows, "total_count": count})

    def _membership(self, member: Member) -> Json:
        """Clerk knows one role of a member: here that which permits the most particular things."""
        role, company = BY_SLUG[member.roles[-1]], self._world.companies.company(member.company)
        return {
            "id": f"orgmem_2{member.company:08x}{member.person:08x}",
            "object": "organization_membership",
            "role": role_key(role),
            "role_name": role.name,
            "permissions": [permission_key(permission) for permission in role.permissions],
            "public_metadata": {},
            "private_metadata": {},
            "organization": _organization(company),
            "public_user_data": _public_user_data(self._world.population.record(member.person)),
            "created_at": member.created_at,
            "updated_at": member.created_at,
        }

    def _found(self, request: web.Request) -> int:
        ident = request.match_info["id"]
        number = self._world.companies.find(ident)
        if number is None:
            raise Refused(404, error(404, "resource_not_found", f"No organization was found with id {ident}"))
        return number


def role_key(role: Role) -> str:
    """org: and the slug."""
    return f"org:{role.slug}"


def permission_key(permission: Permission) -> str:
    """org:, the feature and the action."""
    return f"org:{permission.slug}"


def _organization(company: Company) -> Json:
    return {
        "object": "organization",
        "id": company.id,
        "name": company.name,
        "slug": company.slug,
        "image_url": "",
        "has_image": False,
        "max_allowed_memberships": 0,
        "admin_delete_enabled": True,
        "public_metadata": company.metadata,
        "private_metadata": {},
        "created_by": None,
        "created_at": company.created_at,
        "updated_at": company.created_at,
    }


def _public_user_data(record: Json) -> Json:
    primary = (one["email_address"] for one in record["email_addresses"])
    return {
        "user_id": record["id"],
        "first_name": record.get("first_name"),
        "last_name": record.get("last_name"),
        "profile_image_url": "",
        "image_url": "",
        "has_image": False,
        "identifier": next(primary, None),
        "username": record.get("username"),
        "banned": record.get("banned", False),
    }


def _domain(company: Company, place: int) -> Json:
    domain = company.domains[place]
    state = {"status": "verified" if domain.verified else "unverified", "attempts": 1, "expire_at": None}
    return {
        "object": "organization_domain",
        "id": f"orgdmn_2{company.number:08x}{place}",
        "organization_id": company.id,
        "name": domain.name,
        "enrollment_mode": "automatic_invitation" if domain.verified else "manual_invitation",
        "affiliation_email_address": None,
        "affiliation_verification": None,
        "ownership_verification": None,
        "verification": {
            **state,
            "strategy": "dns_record",
            "verified_at": company.created_at if domain.verified else None,
        },
        "total_pending_invitations": 0,
        "total_pending_suggestions": 0,
        "created_at": company.created_at,
        "updated_at": company.created_at,
    }


def _role(role: Role) -> Json:
    return {
        "object": "role",
        "id": f"role_{role.slug}",
        "name": role.name,
        "key": role_key(role),
        "description": role.description,
        "is_creator_eligible": role.slug == "admin",
        "permissions": [_permission(permission) for permission in role.permissions],
        "created_at": SET_UP,
        "updated_at": SET_UP,
    }


def _permission(permission: Permission) -> Json:
    return {
        "object": "permission",
        "id": f"perm_{permission.resource}_{permission.action}",
        "name": permission.description,
        "key": permission_key(permission),
        "description": permission.description,
        "type": "user",
        "created_at": SET_UP,
        "updated_at": SET_UP,
    }
