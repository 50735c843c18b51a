"""/authorization/permissions: create, list, read, update (OpenAPI: AuthorizationPermission)."""

import re

from aiohttp import web

from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.workos.errors import not_found, refuse, unprocessable
from cockpit.sandbox.workos.fields import check_shape, text
from cockpit.sandbox.workos.paging import envelope, place
from cockpit.sandbox.workos.role_store import RESOURCE_TYPE, Permission
from cockpit.sandbox.world import World

TYPES: dict[str, type] = {"slug": str, "name": str, "description": str, "resource_type_slug": str}
"""The fields of a permission, and of a role."""

_SLUG = re.compile(r"[a-z0-9_:.*-]+")


class Permissions:
    """The permissions of one environment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What is served under /authorization/permissions."""
        return [
            web.post("/authorization/permissions", self.create),
            web.get("/authorization/permissions", self.list_page),
            web.get("/authorization/permissions/{slug}", self.get),
            web.patch("/authorization/permissions/{slug}", self.update),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST /authorization/permissions: 409 permission_slug_conflict when the slug is taken."""
        body = check_shape(await json_object(request), TYPES)
        slug, name = slug_of(body, _SLUG), text(body, "name")
        check_resource_type(body)
        if self._world.permissions.by_slug(slug) is not None:
            self._world.refused["permission_slug_conflict"] += 1
            raise refuse(409, f"A permission {slug!r} already exists.", "permission_slug_conflict")
        ident, now = self._world.ids.next("perm"), self._world.ids.now_ms()
        permission = Permission(ident, slug, name, body.get("description"), now, now)
        self._world.permissions.add(permission)
        return answer(permission.as_json(), 201)

    async def list_page(self, request: web.Request) -> web.Response:
        """GET /authorization/permissions."""
        return answer(envelope(self._world.permissions.page(place(request)), Permission.as_json))

    async def get(self, request: web.Request) -> web.Response:
        """GET /authorization/permissions/{slug}."""
        return answer(self._found(request).as_json())

    async def update(self, request: web.Request) -> web.Response:
        """PATCH /authorization/permissions/{slug}: name and description."""
        body = check_shape(await json_object(request), TYPES)
        permission = self._found(request)
        changed = permission._replace(**described(body), updated_at=self._world.ids.now_ms())
        self._world.permissions.replace(changed)
        return answer(changed.as_json())

    def _found(self, request: web.Request) -> Permission:
        slug = request.match_info["slug"]
        permission = self._world.permissions.by_slug(slug)
        if permission is None:
            raise not_found("Permission", slug)
        return permission


def slug_of(body: Json, pattern: re.Pattern[str]) -> str:
    """The slug; 422 when it is missing or has other characters."""
    slug = text(body, "slug")
    if pattern.fullmatch(slug) is None:
        raise unprocessable(("slug", f"must match {pattern.pattern}"))
    return slug


def described(body: Json) -> Json:
    """What an update may change: a name that is there, and a description even to null."""
    changes: Json = {"name": text(body, "name")} if body.get("name") is not None else {}
    if "description" in body:
        changes["description"] = body["description"]
    return changes


def check_resource_type(body: Json) -> None:
    """404 for a type of resource that the environment does not have."""
    kind = body.get("resource_type_slug") or RESOURCE_TYPE
    if kind != RESOURCE_TYPE:
        raise not_found("Resource type", kind)
