"""Auth0's organizations, members, roles and permissions -> what moves. Pure."""

from typing import Any

from cockpit.records import Membership, Organization, Permission, Role
from cockpit.sources import _mapping
from cockpit.sources.base import Mappers, MappingContext, Raw


def mappers(context: MappingContext) -> Mappers:
    """Mappings under these policies."""
    keys = context.mapping.metadata

    def to_organization(raw: Raw) -> Organization:
        warnings: list[str] = []
        found = _mapping.inner(raw, "organization")
        slug = _mapping.text(found.get("name"))
        metadata = {"provider": "auth0"}
        if slug:
            metadata["slug"] = _mapping.ascii_only(slug)
        _mapping.chosen(keys, (found.get("metadata"),), metadata, warnings)
        domains = [
            (name, domain.get("status") == "verified")
            for domain in _mapping.dicts(raw.get("domains"))
            if (name := _mapping.text(domain.get("domain")))
        ]
        return _mapping.organization(
            _mapping.ident(found, "id"),
            _mapping.text(found.get("display_name")) or slug,
            metadata,
            warnings,
            domains=[name for name, _ in domains],
            verified=[name for name, verified in domains if verified],
        )

    return Mappers(organization=to_organization, permission=_permission, role=_role, membership=_membership)


def _permission(raw: Raw) -> Permission:
    name = _mapping.ident(raw, "permission_name")
    return Permission(slug=name, name=name, description=_mapping.text(raw.get("description")))


def _role(raw: Raw) -> Role:
    role = _mapping.inner(raw, "role")
    name = _mapping.ident(role, "name")
    owner = role.get("owner_id") if role.get("type") == "organization" else None
    return Role(
        slug=name,
        name=name,
        description=_mapping.text(role.get("description")),
        permissions=_names(raw.get("permissions"), "permission_name"),
        organization=owner if isinstance(owner, str) else None,
    )


def _membership(raw: Raw) -> Membership:
    member = _mapping.inner(raw, "member")
    return Membership(
        user=_mapping.ident(member, "user_id"),
        organization=_mapping.ident(raw, "organization_id"),
        roles=_names(member.get("roles"), "name"),
    )


def _names(several: Any, key: str) -> tuple[str, ...]:
    return tuple(name for one in _mapping.dicts(several) if (name := _mapping.text(one.get(key))))
