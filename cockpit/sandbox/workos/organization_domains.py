"""The rules of an organization's domains, and POST /organization_domains."""

import re
import secrets

from aiohttp import web

from cockpit.sandbox.web import Json, Refused, answer, json_object
from cockpit.sandbox.workos.errors import not_found, refuse, unprocessable
from cockpit.sandbox.workos.fields import check_shape, text
from cockpit.sandbox.workos.organization_store import Domain, DomainState
from cockpit.sandbox.world import World

_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])")
_STATES: dict[str, DomainState] = {"pending": "pending", "verified": "verified"}


class OrganizationDomains:
    """Domains that are added to an organization one by one."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Create; domains are read with their organization."""
        return [web.post("/organization_domains", self.create)]

    async def create(self, request: web.Request) -> web.Response:
        """POST /organization_domains: a domain still to be verified; 409 when any organization has it."""
        body = check_shape(await json_object(request), {"domain": str, "organization_id": str})
        ident, name = text(body, "organization_id"), name_of(body.get("domain"))
        organizations = self._world.organizations
        organization = organizations.get(ident)
        if organization is None:
            raise not_found("Organization", ident)
        if organizations.by_domain(name) is not None:
            self._world.refused["domain_already_exists"] += 1
            raise refuse(409, f"The domain {name} already exists.", "domain_already_exists")
        domain = new(self._world, ident, name, "pending")
        organizations.add_domain(organization, domain)
        return answer(domain.as_json(), 201)


def states_of(body: Json) -> dict[str, DomainState] | None:
    """`domain_data` as the state of each domain, None when there is none; refused when it is malformed."""
    if body.get("domains") is not None:
        raise unprocessable(("domains", "is deprecated and not known here: send domain_data"))
    data = body.get("domain_data")
    if data is None:
        return None
    states = dict[str, DomainState]()
    for item in data:
        state = _STATES.get(str(item.get("state"))) if isinstance(item, dict) else None
        if state is None:
            raise unprocessable(("domain_data", "must be objects with domain and state, pending or verified"))
        name = name_of(item.get("domain"))
        if name in states:
            raise unprocessable(("domain_data", f"has {name} twice"))
        states[name] = state
    return states


def name_of(domain: object) -> str:
    """The domain trimmed and in lower case; refused when it is none."""
    name = str(domain).strip().lower()
    if _DOMAIN.fullmatch(name) is None:
        raise unprocessable(("domain", "must be a domain"))
    return name


def put(
    world: World, organization_id: str, old: tuple[Domain, ...], states: dict[str, DomainState]
) -> tuple[Domain, ...]:
    """What an organization's domains become: those kept keep their ids, those not named are gone."""
    for name in states:
        holder = world.organizations.by_domain(name)
        if holder is not None and holder.id != organization_id:
            raise _clash(world, name)
    before = {domain.domain: domain for domain in old}
    now = world.ids.now_ms()
    after = list[Domain]()
    for name, state in states.items():
        domain = before.get(name)
        if domain is None:
            domain = new(world, organization_id, name, state)
        elif domain.state != state:
            domain = domain._replace(state=state, updated_at=now)
        after.append(domain)
    return tuple(after)


def new(world: World, organization_id: str, name: str, state: DomainState) -> Domain:
    """A domain as it begins; one that comes verified needs no proof."""
    now = world.ids.now_ms()
    token = secrets.token_urlsafe(18) if state == "pending" else None
    return Domain(world.ids.next("org_domain"), organization_id, name, state, token, now, now)


def _clash(world: World, name: str) -> Refused:
    world.refused["organization_domain"] += 1
    return refuse(409, f"An organization with the domain {name} already exists.")
