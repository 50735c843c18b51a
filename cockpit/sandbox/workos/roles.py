"""/authorization/roles and /authorization/organizations/{id}/roles (OpenAPI: Role).

Nothing here deletes a role: an import never does.
"""

import re
import secrets
from typing import Any

from aiohttp import web

from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.workos.errors import not_found, refuse, unprocessable
from cockpit.sandbox.workos.fields import check_shape, text
from cockpit.sandbox.workos.permissions import TYPES, check_resource_type, described, slug_of
from cockpit.sandbox.workos.role_store import Role
from cockpit.sandbox.world import World

_SLUG = re.compile(r"[a-z0-9_-]+")
_CUSTOM_SLUG = re.compile(r"org-[a-z0-9_-]+")
_ENVIRONMENT, _ORGANIZATION = "/authorization/roles", "/authorization/organizations/{organization_id}/roles"


class Roles:
    """The roles of one environment, and of each organization in it."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The same under both paths; only an organization's role loses a single permission."""
        both = [
            route
            for path in (_ENVIRONMENT, _ORGANIZATION)
            for route in (
                web.post(path, self.create),
                web.get(path, self.list_all),
                web.get(path + "/{slug}", self.get),
                web.patch(path + "/{slug}", self.update),
                web.put(path + "/{slug}/permissions", self.set_permissions),
                web.post(path + "/{slug}/permissions", self.add_permission),
            )
        ]
        return [*both, web.delete(_ORGANIZATION + "/{slug}/permissions/{permission}", self.remove_permission)]

    async def create(self, request: web.Request) -> web.Response:
        """POST: a role without permissions, at the bottom of the order; 409 when the slug is taken."""
        organization_id = self._organization(request)
        body = check_shape(await json_object(request), TYPES)
        name = text(body, "name")
        slug = slug_of(body, _SLUG) if organization_id is None else _custom_slug(body, name)
        check_resource_type(body)
        if self._world.roles.own(slug, organization_id) is not None:
            code = "role_slug_conflict" if organization_id is None else "organization_role_slug_conflict"
            self._world.refused[code] += 1
            raise refuse(409, f"A role {slug!r} already exists.", code)
        ident, now = self._world.ids.next("role"), self._world.ids.now_ms()
        role = Role(ident, slug, name, body.get("description"), organization_id, (), now, now)
        self._world.roles.put(role)
        return answer(role.as_json(), 201)

    async def list_all(self, request: web.Request) -> web.Response:
        """GET: all at once, in order of priority; an organization's list begins with the environment's."""
        roles = self._world.roles.listed(self._organization(request))
        return answer({"object": "list", "data": [role.as_json() for role in roles]})

    async def get(self, request: web.Request) -> web.Response:
        """GET one; an organization has those of the environment too."""
        slug = request.match_info["slug"]
        return answer(_there(self._world.roles.find(slug, self._organization(request)), slug).as_json())

    async def update(self, request: web.Request) -> web.Response:
        """PATCH: name and description."""
        body = check_shape(await json_object(request), TYPES)
        return self._changed(self._own(request), **described(body))

    async def set_permissions(self, request: web.Request) -> web.Response:
        """PUT {"permissions": [slug]}: these and no others."""
        body = check_shape(await json_object(request), {"permissions": list})
        slugs = body.get("permissions")
        if slugs is None or not all(isinstance(slug, str) for slug in slugs):
            raise unprocessable(("permissions", "must be a list of slugs"))
        role = self._own(request)
        return self._changed(role, permissions=tuple(dict.fromkeys(map(self._permission, slugs))))

    async def add_permission(self, request: web.Request) -> web.Response:
        """POST {"slug"}: one more; nothing happens when the role has it."""
        body = check_shape(await json_object(request), {"slug": str})
        role, slug = self._own(request), self._permission(text(body, "slug"))
        return self._changed(role, permissions=tuple(dict.fromkeys((*role.permissions, slug))))

    async def remove_permission(self, request: web.Request) -> web.Response:
        """DELETE one permission of an organization's role."""
        role, slug = self._own(request), self._permission(request.match_info["permission"])
        self._changed(role, permissions=tuple(kept for kept in role.permissions if kept != slug))
        return web.Response(status=204)

    def _changed(self, role: Role, **changes: Any) -> web.Response:
        """The role after a change, which is an event only when it changes something."""
        new = role._replace(**changes)
        if new != role:
            new = new._replace(updated_at=self._world.ids.now_ms())
            self._world.roles.put(new)
        return answer(new.as_json())

    def _organization(self, request: web.Request) -> str | None:
        ident = request.match_info.get("organization_id")
        if ident is not None and self._world.organizations.get(ident) is None:
            raise not_found("Organization", ident)
        return ident

    def _own(self, request: web.Request) -> Role:
        slug = request.match_info["slug"]
        return _there(self._world.roles.own(slug, self._organization(request)), slug)

    def _permission(self, slug: str) -> str:
        permission = self._world.permissions.by_slug(slug)
        if permission is None:
            raise not_found("Permission", slug)
        return permission.slug


def _there(role: Role | None, slug: str) -> Role:
    if role is None:
        raise not_found("Role", slug)
    return role


def _custom_slug(body: Json, name: str) -> str:
    """The slug of an organization's role, made of its name when none is given."""
    if body.get("slug") is not None:
        return slug_of(body, _CUSTOM_SLUG)
    words = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    return f"org-{words}-{secrets.token_hex(4)}"
