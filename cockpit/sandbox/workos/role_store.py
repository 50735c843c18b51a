"""Permissions, the roles of the environment and those of single organizations, in memory."""

from typing import NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.ids import Ids
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.event_log import EventLog
from cockpit.sandbox.workos.table import Table

RESOURCE_TYPE = "organization"
"""The one type of resource of a new environment; others are made in the dashboard."""
DEFAULT_ROLE = "member"
_FIRST_ROLES = {"admin": "Admin", DEFAULT_ROLE: "Member"}


class Permission(NamedTuple):
    """A permission as WorkOS keeps it; times in milliseconds."""

    id: str
    slug: str
    name: str
    description: str | None
    created_at: int
    updated_at: int

    def as_json(self) -> Json:
        """The permission object of the API."""
        return {
            "object": "permission",
            "id": self.id,
            "slug": self.slug,
            "name": self.name,
            "description": self.description,
            "system": False,
            "resource_type_slug": RESOURCE_TYPE,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


class Role(NamedTuple):
    """A role of the environment, or of one organization."""

    id: str
    slug: str
    name: str
    description: str | None
    organization_id: str | None
    permissions: tuple[str, ...]
    created_at: int
    updated_at: int

    def as_json(self) -> Json:
        """The role object of the API."""
        kind = "EnvironmentRole" if self.organization_id is None else "OrganizationRole"
        return self._common() | {
            "object": "role",
            "id": self.id,
            "type": kind,
            "name": self.name,
            "description": self.description,
        }

    def as_event(self) -> Json:
        """What an event says of it (OpenAPI: RoleCreatedData, OrganizationRoleCreatedData)."""
        if self.organization_id is None:
            return self._common() | {"object": "role"}
        return self._common() | {
            "object": "organization_role",
            "organization_id": self.organization_id,
            "name": self.name,
            "description": self.description,
        }

    def _common(self) -> Json:
        return {
            "slug": self.slug,
            "resource_type_slug": RESOURCE_TYPE,
            "permissions": list(self.permissions),
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


class PermissionStore(Table[Permission]):
    """All permissions, found by id and by slug."""

    def __init__(self, events: EventLog) -> None:
        super().__init__()
        self._events = events
        self._by_slug: dict[str, str] = {}

    def by_slug(self, slug: str) -> Permission | None:
        """The permission of that slug."""
        ident = self._by_slug.get(slug)
        return None if ident is None else self[ident]

    def add(self, row: Permission) -> None:
        """Keep a new permission, whose id must be the newest."""
        super().add(row)
        self._by_slug[row.slug] = row.id
        self._events.append("permission.created", row.as_json)

    def replace(self, row: Permission) -> None:
        """Put the changed permission in place of the old one; its slug stays."""
        super().replace(row)
        self._events.append("permission.updated", row.as_json)


class RoleStore:
    """All roles by slug, in order of priority: the newest comes last."""

    def __init__(self, ids: Ids, events: EventLog) -> None:
        self._events = events
        now = ids.now_ms()
        self._environment = {
            slug: Role(ids.next("role"), slug, name, None, None, (), now, now)
            for slug, name in _FIRST_ROLES.items()
        }
        self._custom: dict[str, dict[str, Role]] = {}

    def listed(self, organization_id: str | None) -> list[Role]:
        """The roles of the environment, then those of the organization if one is named."""
        custom = {} if organization_id is None else self._custom.get(organization_id, {})
        return [*self._environment.values(), *custom.values()]

    def find(self, slug: str, organization_id: str | None) -> Role | None:
        """The role that a slug names in the organization, or in the environment."""
        return self.own(slug, organization_id) or self._environment.get(slug)

    def own(self, slug: str, organization_id: str | None) -> Role | None:
        """The same, but none of the environment's when an organization is named."""
        if organization_id is None:
            return self._environment.get(slug)
        return self._custom.get(organization_id, {}).get(slug)

    def put(self, role: Role) -> None:
        """Keep a new or a changed role."""
        if role.organization_id is None:
            changed = role.slug in self._environment
            self._environment[role.slug] = role
            self._events.append("role.updated" if changed else "role.created", role.as_event)
        else:
            custom = self._custom.setdefault(role.organization_id, {})
            changed = role.slug in custom
            custom[role.slug] = role
            self._events.append(
                "organization_role.updated" if changed else "organization_role.created", role.as_event
            )

    def forget(self, organization_id: str) -> None:
        """The organization is deleted, and its roles with it."""
        self._custom.pop(organization_id, None)
