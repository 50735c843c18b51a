"""/user_management/organization_memberships (OpenAPI: UserlandUserOrganizationMembership)."""

from typing import Any

from aiohttp import web

from cockpit.sandbox.web import Json, Refused, answer, json_object
from cockpit.sandbox.workos.errors import not_found, refuse, unprocessable
from cockpit.sandbox.workos.fields import check_shape, text
from cockpit.sandbox.workos.membership_store import Membership, Status
from cockpit.sandbox.workos.paging import Page, envelope, listed, page, place
from cockpit.sandbox.workos.role_store import DEFAULT_ROLE
from cockpit.sandbox.world import World

_PATH = "/user_management/organization_memberships"
_TYPES: dict[str, type] = {"user_id": str, "organization_id": str, "role_slug": str, "role_slugs": list}
_STATUSES: dict[str, Status] = {"active": "active", "inactive": "inactive", "pending": "pending"}


class Memberships:
    """Who belongs to which organization."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What is served under /user_management/organization_memberships."""
        return [
            web.post(_PATH, self.create),
            web.get(_PATH, self.list_page),
            web.get(_PATH + "/{id}", self.get),
            web.put(_PATH + "/{id}", self.update),
            web.put(_PATH + "/{id}/deactivate", self.deactivate),
            web.put(_PATH + "/{id}/reactivate", self.reactivate),
            web.delete(_PATH + "/{id}", self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST: an active membership; one that is inactive becomes active, with the roles asked for.

        UNVERIFIED is what WorkOS answers where an active one exists: other programs know the code
        organization_membership_already_exists, the SDK's list of statuses has 400 but not 409.
        """
        body = check_shape(await json_object(request), _TYPES)
        user_id, organization_id = text(body, "user_id"), text(body, "organization_id")
        self._check_there(user_id, organization_id)
        roles = self._roles(body, organization_id) or (DEFAULT_ROLE,)
        now = self._world.ids.now_ms()
        old = self._world.memberships.find(user_id, organization_id)
        if old is None:
            ident = self._world.ids.next("om")
            new = Membership(ident, user_id, organization_id, "active", roles, now, now)
            self._world.memberships.add(new)
        elif old.status == "inactive":
            new = old._replace(status="active", roles=roles, updated_at=now)
            self._world.memberships.replace(new)
        elif old.status == "pending":
            raise _pending("reactivate")
        else:
            self._world.refused["organization_membership_already_exists"] += 1
            raise refuse(400, "The user is already a member.", "organization_membership_already_exists")
        return answer(self._as_json(new), 201)

    async def list_page(self, request: web.Request) -> web.Response:
        """GET: those of a user, of an organization, or the one of both; only the active ones by default."""
        query, at = request.query, place(request)
        user_id, organization_id = query.get("user_id"), query.get("organization_id")
        if user_id is None and organization_id is None:
            message = "Either user_id or organization_id is required."
            raise refuse(400, message, "missing_user_id_or_organization_id")
        asked = listed(request, "statuses") or {"active"}
        if not asked <= _STATUSES.keys():
            raise unprocessable(("statuses", f"must be some of {', '.join(_STATUSES)}"))
        self._check_there(user_id, organization_id)
        memberships = self._world.memberships
        ids = memberships.ids(user_id, organization_id)
        found: Page[Membership] = page(ids, at, memberships.__getitem__, lambda row: row.status in asked)
        return answer(envelope(found, self._as_json))

    async def get(self, request: web.Request) -> web.Response:
        """GET one."""
        return answer(self._as_json(self._found(request)))

    async def update(self, request: web.Request) -> web.Response:
        """PUT: other roles; those of before stay when none are named."""
        body = check_shape(await json_object(request), _TYPES)
        membership = self._found(request)
        roles = self._roles(body, membership.organization_id) or membership.roles
        return self._changed(membership, roles=roles)

    async def deactivate(self, request: web.Request) -> web.Response:
        """PUT .../deactivate: nothing happens to one that is inactive."""
        membership = self._found(request)
        if membership.status == "pending":
            raise _pending("deactivate")
        return self._changed(membership, status="inactive")

    async def reactivate(self, request: web.Request) -> web.Response:
        """PUT .../reactivate, with the roles of before: nothing happens to one that is active."""
        membership = self._found(request)
        if membership.status == "pending":
            raise _pending("reactivate")
        return self._changed(membership, status="active")

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE one."""
        self._world.memberships.remove(self._found(request))
        return web.Response(status=204)

    def _changed(self, membership: Membership, **changes: Any) -> web.Response:
        """The membership after a change, which is an event only when it changes something."""
        new = membership._replace(**changes)
        if new != membership:
            new = new._replace(updated_at=self._world.ids.now_ms())
            self._world.memberships.replace(new)
        return answer(self._as_json(new))

    def _roles(self, body: Json, organization_id: str) -> tuple[str, ...] | None:
        """The roles asked for, each of which the organization must have; None when none are named."""
        one, many = body.get("role_slug"), body.get("role_slugs")
        if one is not None and many is not None:
            raise unprocessable(("role_slugs", "can not be given with role_slug"))
        if one is None and many is None:
            return None
        slugs: list[Any] = [one] if many is None else many
        if not slugs or not all(isinstance(slug, str) for slug in slugs):
            raise unprocessable(("role_slugs", "must be a list of slugs that is not empty"))
        if len(slugs) > 1 and not self._world.switches.multiple_roles:
            self._world.refused["multiple_roles_not_enabled"] += 1
            raise refuse(422, "Multiple roles are not enabled.", "multiple_roles_not_enabled")
        for slug in slugs:
            if self._world.roles.find(slug, organization_id) is None:
                self._world.refused["invalid_role"] += 1
                raise refuse(422, f"There is no role {slug!r}.", "invalid_role")
        return tuple(dict.fromkeys(slugs))

    def _check_there(self, user_id: str | None, organization_id: str | None) -> None:
        """404 for a user or an organization that does not exist."""
        if user_id is not None and self._world.users.get(user_id) is None:
            raise not_found("User", user_id)
        if organization_id is not None and self._world.organizations.get(organization_id) is None:
            raise not_found("Organization", organization_id)

    def _found(self, request: web.Request) -> Membership:
        ident = request.match_info["id"]
        membership = self._world.memberships.get(ident)
        if membership is None:
            raise not_found("Organization membership", ident)
        return membership

    def _as_json(self, membership: Membership) -> Json:
        """The organization_membership object of the API."""
        return membership.as_json() | {
            "organization_name": self._world.organizations[membership.organization_id].name,
            "user": self._world.users[membership.user_id].as_json(),
        }


def _pending(done: str) -> Refused:
    message = f"A pending membership can not be {done}d: its invitation must be accepted or it is deleted."
    return refuse(400, message, f"cannot_{done}_pending_organization_membership")
