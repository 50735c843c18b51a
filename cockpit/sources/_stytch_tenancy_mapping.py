"""Stytch's organizations, roles and permissions, and the memberships of a person -> what moves. Pure."""

from collections.abc import Iterator

from cockpit.records import Organization, Permission, Role
from cockpit.sources import _mapping, _stytch_mapping
from cockpit.sources.base import Mappers, MappingContext, Raw

ANY = "*"
"""Every action of a resource."""


def mappers(context: MappingContext) -> Mappers:
    """Mappings under these policies. A permission is called resource:action."""
    keys = context.mapping.metadata

    def to_organization(raw: Raw) -> Organization:
        warnings: list[str] = []
        metadata = {"provider": "stytch"}
        for name, field in (("slug", "organization_slug"), ("external_id", "organization_external_id")):
            if value := _mapping.text(raw.get(field)):
                metadata[name] = _mapping.ascii_only(value)
        _mapping.chosen(keys, (raw.get("trusted_metadata"),), metadata, warnings)
        claimed = _mapping.texts(raw.get("claimed_email_domains"))
        return _mapping.organization(
            _mapping.ident(raw, "organization_id"),
            raw.get("organization_name"),
            metadata,
            warnings,
            domains=(*claimed, *_mapping.texts(raw.get("email_allowed_domains"))),
            verified=claimed,
        )

    return Mappers(
        organization=to_organization,
        permission=_permission,
        role=_role,
        of_user=_stytch_mapping.memberships,
    )


def _permission(raw: Raw) -> Permission:
    name = f"{_mapping.ident(raw, 'resource_id')}:{_mapping.ident(raw, 'action')}"
    return Permission(slug=name, name=name)


def _role(raw: Raw) -> Role:
    role, owner = _mapping.inner(raw, "role"), raw.get("organization_id")
    name = _mapping.ident(role, "role_id")
    return Role(
        slug=name,
        name=name,
        description=_mapping.text(role.get("description")),
        permissions=tuple(dict.fromkeys(_granted(role, _mapping.inner(raw, "resources")))),
        organization=owner if isinstance(owner, str) else None,
    )


def _granted(role: Raw, resources: Raw) -> Iterator[str]:
    for permission in _mapping.dicts(role.get("permissions")):
        if resource := _mapping.text(permission.get("resource_id")):
            actions = _mapping.texts(permission.get("actions"))
            every = _mapping.texts(resources.get(resource)) if ANY in actions else actions
            yield from (f"{resource}:{action}" for action in every if action != ANY)
