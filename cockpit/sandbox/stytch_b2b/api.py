"""POST /v1/b2b/organizations/search and /members/search: by cursor, together at most 100 times a minute."""

from itertools import chain

from aiohttp import web

from cockpit.sandbox.stytch.api import ANSWERED, Door, error
from cockpit.sandbox.stytch_b2b.records import MEMBERS, ORGANIZATIONS, organization_id
from cockpit.sandbox.web import Json, Refused, answer
from cockpit.sandbox.world import World

SEARCHES = (100, 60.0)

Place = tuple[int, int]
"""A record, and which of its members."""


class Api:
    """A B2B project."""

    def __init__(self, world: World) -> None:
        self._world, self._door = world, Door(world, SEARCHES)
        self._known: tuple[object, ...] = ()
        self._rolls: dict[str, list[Place]] = {}

    def routes(self) -> list[web.RouteDef]:
        """Both searches; a B2B project has no users."""
        return [
            web.post("/v1/b2b/organizations/search", self.organizations),
            web.post("/v1/b2b/organizations/members/search", self.members),
        ]

    async def organizations(self, request: web.Request) -> web.Response:
        """All organizations, for the empty query."""
        body = await self._door.body(request)
        numbers, metadata = self._door.page(body, range(ORGANIZATIONS))
        found = [organization(organization_id(number)) for number in numbers]
        return answer(ANSWERED | {"organizations": found, "results_metadata": metadata})

    async def members(self, request: web.Request) -> web.Response:
        """The members of the organizations that are named."""
        body = await self._door.body(request)
        named = body.get("organization_ids")
        if not isinstance(named, list) or not named:
            raise Refused(400, error(400, "missing_organization_ids", "organization_ids is required."))
        rolls = self._members()
        if unknown := [ident for ident in named if ident not in rolls]:
            raise Refused(404, error(404, "organization_not_found", f"No organization {unknown[0]!r}."))
        places, metadata = self._door.page(body, list(chain.from_iterable(rolls[ident] for ident in named)))
        found = [self._member(place) for place in places]
        theirs = {member["organization_id"] for member in found}
        organizations = {ident: organization(ident) for ident in theirs}
        return answer(
            ANSWERED | {"members": found, "organizations": organizations, "results_metadata": metadata}
        )

    def _members(self) -> dict[str, list[Place]]:
        """Who is in which organization, looked up anew when somebody came or went."""
        population = self._world.population
        now = (population, len(population), *population.added())
        if now != self._known:
            self._known = now
            self._rolls = {organization_id(number): [] for number in range(ORGANIZATIONS)}
            for index in population.indices():
                for turn, own in enumerate(population.record(index)[MEMBERS]):
                    self._rolls[own["organization_id"]].append((index, turn))
        return self._rolls

    def _member(self, place: Place) -> Json:
        index, turn = place
        record = self._world.population.record(index)
        common = {field: value for field, value in record.items() if field != MEMBERS}
        return {**common, **record[MEMBERS][turn]}


def organization(ident: str) -> Json:
    """An organization with every field that the SDK's model wants."""
    return {
        "organization_id": ident,
        "organization_name": ident.replace("-", " ").title(),
        "organization_logo_url": "",
        "organization_slug": ident,
        "sso_jit_provisioning": "ALL_ALLOWED",
        "sso_jit_provisioning_allowed_connections": [],
        "sso_active_connections": [],
        "email_allowed_domains": [],
        "email_jit_provisioning": "NOT_ALLOWED",
        "email_invites": "ALL_ALLOWED",
        "auth_methods": "ALL_ALLOWED",
        "allowed_auth_methods": [],
        "mfa_policy": "OPTIONAL",
        "rbac_email_implicit_role_assignments": [],
        "mfa_methods": "ALL_ALLOWED",
        "allowed_mfa_methods": [],
        "oauth_tenant_jit_provisioning": "NOT_ALLOWED",
        "claimed_email_domains": [],
        "first_party_connected_apps_allowed_type": "ALL_ALLOWED",
        "allowed_first_party_connected_apps": [],
        "third_party_connected_apps_allowed_type": "ALL_ALLOWED",
        "allowed_third_party_connected_apps": [],
        "custom_roles": [],
        "trusted_metadata": {},
    }
