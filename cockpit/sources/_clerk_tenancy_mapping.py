"""Clerk's organizations, roles, permissions and memberships -> what moves. Pure."""

from collections.abc import Mapping
from typing import Any

from cockpit.records import Membership, Organization, Permission, Role
from cockpit.sources import _mapping
from cockpit.sources.base import Mappers, MappingContext, Raw

BY_MAILBOX = "affiliation_email_code"
"""Shows that somebody has a mailbox in a domain, which is less than that the domain is theirs."""


def mappers(context: MappingContext) -> Mappers:
    """Mappings under these policies."""
    keys = context.mapping.metadata

    def to_organization(raw: Raw) -> Organization:
        warnings: list[str] = []
        found = _mapping.inner(raw, "organization")
        metadata = {"provider": "clerk"}
        if slug := _mapping.text(found.get("slug")):
            metadata["slug"] = _mapping.ascii_only(slug)
        sources = (found.get(f"{kind}_metadata") for kind in ("private", "public"))
        _mapping.chosen(keys, sources, metadata, warnings)
        domains = [
            (name, _is_proved(domain))
            for domain in _mapping.dicts(raw.get("domains"))
            if (name := _mapping.text(domain.get("name")))
        ]
        return _mapping.organization(
            _mapping.ident(found, "id"),
            _mapping.text(found.get("name")) or slug,
            metadata,
            warnings,
            domains=[name for name, _ in domains],
            verified=[name for name, proved in domains if proved],
        )

    return Mappers(organization=to_organization, permission=_permission, role=_role, membership=_membership)


def _is_proved(domain: Mapping[str, Any]) -> bool:
    """`verification` is what older API versions have in the place of both others."""
    owned, older = (_mapping.inner(domain, field) for field in ("ownership_verification", "verification"))
    return owned.get("status") == "verified" or (
        older.get("status") == "verified" and older.get("strategy") != BY_MAILBOX
    )


def _permission(raw: Raw) -> Permission:
    key = _mapping.ident(raw, "key")
    name, description = _mapping.text(raw.get("name")), _mapping.text(raw.get("description"))
    return Permission(slug=key, name=name or key, description=description)


def _role(raw: Raw) -> Role:
    key = _mapping.ident(raw, "key")
    return Role(
        slug=key,
        name=_mapping.text(raw.get("name")) or key,
        description=_mapping.text(raw.get("description")),
        permissions=tuple(
            name
            for permission in _mapping.dicts(raw.get("permissions"))
            if (name := _mapping.text(permission.get("key")))
        ),
    )


def _membership(raw: Raw) -> Membership:
    role = _mapping.text(raw.get("role"))
    return Membership(
        user=_mapping.ident(_mapping.inner(raw, "public_user_data"), "user_id"),
        organization=_mapping.ident(_mapping.inner(raw, "organization"), "id"),
        roles=(role,) if role else (),
    )
