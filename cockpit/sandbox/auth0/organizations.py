"""Organizations, their members and discovery domains, and roles with their permissions."""

from collections.abc import Callable

from aiohttp import web

from cockpit.sandbox.auth0.api import Api, refused
from cockpit.sandbox.auth0.paging import offset_page, page
from cockpit.sandbox.companies import Company, Domain, Member
from cockpit.sandbox.roles import ROLES, Permission, Role
from cockpit.sandbox.web import Json, Refused, answer
from cockpit.sandbox.world import World

MEMBER_FIELDS = ("user_id", "picture", "name", "email")
SHOWABLE = (*MEMBER_FIELDS, "roles")
API = ("https://api.sandbox.example/", "Sandbox")
"""Identifier and name of the API (resource server) whose permissions the roles grant."""


class Organizations:
    """Reading organizations and roles; every part needs a scope of its own."""

    def __init__(self, api: Api, world: World) -> None:
        self._api, self._world = api, world

    def routes(self) -> list[web.RouteDef]:
        """What is served of organizations and roles."""
        root = "/auth0/api/v2"
        one = f"{root}/organizations/{{id}}"
        return [
            web.get(f"{root}/organizations", self.organizations),
            web.get(one, self.organization),
            web.get(f"{one}/members", self.members),
            web.get(f"{one}/members/{{user}}/roles", self.member_roles),
            web.get(f"{one}/discovery-domains", self.domains),
            web.get(f"{root}/roles", self.roles),
            web.get(f"{root}/roles/{{id}}/permissions", self.permissions),
        ]

    async def organizations(self, request: web.Request) -> web.Response:
        """GET /api/v2/organizations, oldest first."""
        headers = self._api.admit(request, "read:organizations")
        companies = self._world.companies
        numbers = range(len(companies))

        def show(number: int) -> Json:
            return _organization(companies.company(number))

        return answer(page(request, "organizations", numbers, numbers, show), headers=headers)

    async def organization(self, request: web.Request) -> web.Response:
        """GET /api/v2/organizations/{id}."""
        headers = self._api.admit(request, "read:organizations")
        return answer(_organization(self._world.companies.company(self._found(request))), headers=headers)

    async def members(self, request: web.Request) -> web.Response:
        """GET /api/v2/organizations/{id}/members; roles come along only when `fields` names them."""
        fields = tuple(filter(None, request.query.get("fields", "").split(",")))
        including = request.query.get("include_fields", "true").lower() == "true"
        with_roles = including and "roles" in fields
        scopes = ("read:organization_members", *(["read:organization_member_roles"] if with_roles else []))
        headers = self._api.admit(request, *scopes)
        found = self._world.companies.members(self._found(request))
        shown = fields if fields and including else tuple(set(MEMBER_FIELDS).difference(fields))
        keys = [member.person for member in found]
        return answer(page(request, "members", found, keys, self._shower(shown)), headers=headers)

    async def member_roles(self, request: web.Request) -> web.Response:
        """GET /api/v2/organizations/{id}/members/{user_id}/roles, by offset only."""
        headers = self._api.admit(request, "read:organization_member_roles")
        number, person = self._found(request), self._world.population.find(request.match_info["user"])
        member = None if person is None else self._world.companies.member(number, person)
        if member is None:
            raise refused(404, "Not Found", "The user is no member.", "inexistent_user")
        found = [role for role in ROLES if role.slug in member.roles]
        return answer(offset_page(request, "roles", found, _role), headers=headers)

    async def domains(self, request: web.Request) -> web.Response:
        """GET /api/v2/organizations/{id}/discovery-domains, by checkpoint."""
        headers = self._api.admit(request, "read:organization_discovery_domains")
        company = self._world.companies.company(self._found(request))
        keys = range(len(company.domains))

        def show(domain: Domain) -> Json:
            return _domain(company, domain)

        found = page(request, "domains", company.domains, keys, show)
        return answer({"domains": found} if isinstance(found, list) else found, headers=headers)

    async def roles(self, request: web.Request) -> web.Response:
        """GET /api/v2/roles, by offset only."""
        headers = self._api.admit(request, "read:roles")
        return answer(offset_page(request, "roles", ROLES, _role), headers=headers)

    async def permissions(self, request: web.Request) -> web.Response:
        """GET /api/v2/roles/{id}/permissions, by offset only."""
        headers = self._api.admit(request, "read:roles")
        asked = request.match_info["id"]
        role = next((role for role in ROLES if role_id(role) == asked), None)
        if role is None:
            raise refused(404, "Not Found", "The role does not exist.", "inexistent_role")
        return answer(offset_page(request, "permissions", role.permissions, _permission), headers=headers)

    def _shower(self, fields: tuple[str, ...]) -> Callable[[Member], Json]:
        population = self._world.population

        def show(member: Member) -> Json:
            roles = [{"id": role_id(role), "name": role.slug} for role in ROLES if role.slug in member.roles]
            record = population.record(member.person) | {"roles": roles}
            return {name: record[name] for name in SHOWABLE if name in fields and name in record}

        return show

    def _found(self, request: web.Request) -> int:
        number = self._world.companies.find(request.match_info["id"])
        if number is None:
            raise _no_organization()
        return number


def role_id(role: Role) -> str:
    """The id of a role."""
    return f"rol_{role.slug:0<16}"


def _no_organization() -> Refused:
    message = "No organization found by that id or name"
    return refused(404, "Not Found", message, "inexistent_organization")


def _organization(company: Company) -> Json:
    """Its `name` is a slug; what people call it is `display_name`."""
    return {
        "id": company.id,
        "name": company.slug,
        "display_name": company.name,
        "metadata": company.metadata,
    }


def _domain(company: Company, domain: Domain) -> Json:
    place = company.domains.index(domain)
    return {
        "id": f"dom_{place}{company.number:015x}",
        "domain": domain.name,
        "status": "verified" if domain.verified else "pending",
        "use_for_organization_discovery": True,
        "verification_txt": f"auth0-domain-verification={company.token:016x}",
        "verification_host": f"_auth0.{domain.name}",
    }


def _role(role: Role) -> Json:
    return {"id": role_id(role), "name": role.slug, "description": role.description}


def _permission(permission: Permission) -> Json:
    identifier, name = API
    return {
        "resource_server_identifier": identifier,
        "resource_server_name": name,
        "permission_name": permission.slug,
        "description": permission.description,
    }
