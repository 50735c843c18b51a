"""/organizations: create, list, read, update, delete (OpenAPI: OrganizationDto)."""

from aiohttp import web

from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.workos import organization_domains
from cockpit.sandbox.workos.errors import not_found
from cockpit.sandbox.workos.fields import check_metadata, check_shape, external_id_used, merged, text
from cockpit.sandbox.workos.organization_store import Organization
from cockpit.sandbox.workos.paging import Page, envelope, listed, page, place
from cockpit.sandbox.world import World

_TYPES: dict[str, type] = {
    "name": str,
    "domains": list,
    "domain_data": list,
    "allow_profiles_outside_organization": bool,
    "metadata": dict,
    "external_id": str,
    "stripe_customer_id": str,
}


class Organizations:
    """The organizations of one environment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What is served under /organizations."""
        return [
            web.post("/organizations", self.create),
            web.get("/organizations", self.list_page),
            web.get("/organizations/external_id/{external_id}", self.get_by_external_id),
            web.get("/organizations/{id}", self.get),
            web.put("/organizations/{id}", self.update),
            web.delete("/organizations/{id}", self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST /organizations: names need not be unique, external ids and domains must be."""
        body = check_shape(await json_object(request), _TYPES)
        name = text(body, "name")
        states = organization_domains.states_of(body) or {}
        metadata = check_metadata(body.get("metadata") or {})
        self._check_unique(body.get("external_id"))
        ident, now = self._world.ids.next("org"), self._world.ids.now_ms()
        organization = Organization(
            id=ident,
            name=name,
            domains=organization_domains.put(self._world, ident, (), states),
            external_id=body.get("external_id"),
            metadata=metadata,
            allow_profiles_outside_organization=bool(body.get("allow_profiles_outside_organization")),
            stripe_customer_id=None,
            created_at=now,
            updated_at=now,
        )
        self._world.organizations.add(organization)
        return answer(organization.as_json(), 201)

    async def list_page(self, request: web.Request) -> web.Response:
        """GET /organizations: those with any of `domains`, and with `search` in their names.

        That the search is for a part of the name in any case is UNVERIFIED.
        """
        at, organizations = place(request), self._world.organizations
        search = request.query.get("search", "").casefold()

        def named_so(organization: Organization) -> bool:
            return search in organization.name.casefold()

        wanted = named_so if search else None
        domains = listed(request, "domains")
        if domains:
            holders = (organizations.by_domain(domain.strip().lower()) for domain in domains)
            ids = sorted({holder.id for holder in holders if holder is not None})
            found: Page[Organization] = page(ids, at, organizations.__getitem__, wanted)
        else:
            found = organizations.page(at, wanted)
        return answer(envelope(found, Organization.as_json))

    async def get(self, request: web.Request) -> web.Response:
        """GET /organizations/{id}."""
        return answer(self._found(request).as_json())

    async def get_by_external_id(self, request: web.Request) -> web.Response:
        """GET /organizations/external_id/{external_id}."""
        external_id = request.match_info["external_id"]
        organization = self._world.organizations.by_external_id(external_id)
        if organization is None:
            raise not_found("Organization", external_id)
        return answer(organization.as_json())

    async def update(self, request: web.Request) -> web.Response:
        """PUT /organizations/{id}: what is not named stays; `domain_data` takes the place of all domains."""
        body = check_shape(await json_object(request), _TYPES)
        organization = self._found(request)
        changed = organization._replace(
            **self._changes(organization, body), updated_at=self._world.ids.now_ms()
        )
        self._world.organizations.replace(changed)
        return answer(changed.as_json())

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /organizations/{id}, with its memberships, roles, connections and contacts."""
        organization, memberships = self._found(request), self._world.memberships
        memberships.remove_all(memberships.of_organization, organization.id)
        self._world.roles.forget(organization.id)
        self._world.connections.remove_all(organization)
        self._world.contacts.remove_all(organization.id)
        self._world.organizations.remove(organization)
        return web.Response(status=204)

    def _changes(self, old: Organization, body: Json) -> Json:
        changes: Json = {}
        if body.get("name") is not None:
            changes["name"] = text(body, "name")
        if body.get("allow_profiles_outside_organization") is not None:
            changes["allow_profiles_outside_organization"] = body["allow_profiles_outside_organization"]
        if "stripe_customer_id" in body:
            changes["stripe_customer_id"] = body["stripe_customer_id"]
        if "metadata" in body:
            changes["metadata"] = merged(old.metadata, body["metadata"])
        if "external_id" in body:
            changes["external_id"] = body["external_id"]
            if body["external_id"] != old.external_id:
                self._check_unique(body["external_id"])
        states = organization_domains.states_of(body)
        if states is not None:
            changes["domains"] = organization_domains.put(self._world, old.id, old.domains, states)
        return changes

    def _found(self, request: web.Request) -> Organization:
        ident = request.match_info["id"]
        organization = self._world.organizations.get(ident)
        if organization is None:
            raise not_found("Organization", ident)
        return organization

    def _check_unique(self, external_id: str | None) -> None:
        if external_id is None or not self._world.switches.unique_external_ids:
            return
        if self._world.organizations.by_external_id(external_id) is not None:
            self._world.refused["external_id_already_used"] += 1
            raise external_id_used()
