"""Better Auth's organizations, members and dynamic roles from its database, and apps inside users. Pure."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cockpit.records import Factor, Membership, Organization, Role
from cockpit.rules import totp
from cockpit.sources import _better_auth_totp, _mapping
from cockpit.sources.base import Mappers, MappingContext, Raw


def mappers(context: MappingContext) -> Mappers:
    """Rows of organization, member and organizationRole, and the twoFactor that is joined to a user."""
    keys = context.mapping.metadata
    decrypt = _better_auth_totp.decrypter(context.facts)

    def organization(raw: Raw) -> Organization:
        warnings: list[str] = []
        metadata = {"provider": "better_auth"}
        if slug := _mapping.text(raw.get("slug")):
            metadata["slug"] = _mapping.ascii_only(slug)
        if keys:
            _mapping.chosen(keys, (_object(raw.get("metadata")), raw), metadata, warnings)
        return _mapping.organization(_ident(raw, "id"), raw.get("name"), metadata, warnings)

    def of_user(raw: Raw) -> Iterator[Factor]:
        kept = raw.get("twoFactor")
        if not _better_auth_totp.enrolled(raw) or not isinstance(kept, dict):
            return
        user, email = _ident(raw, "id"), _mapping.text(raw.get("email"))
        try:
            yield totp.factor(user, user, decrypt(str(kept.get("secret"))), account=email)
        except ValueError as problem:
            yield Factor(source_id=user, user=user, problem=str(problem), account=email)

    return Mappers(organization=organization, role=_role, membership=_membership, of_user=of_user)


def _membership(raw: Raw) -> Membership:
    """A member, whose several roles are one text with commas (better-auth, plugins/organization)."""
    roles = str(raw.get("role") or "").split(",")
    return Membership(
        user=_ident(raw, "userId"),
        organization=_ident(raw, "organizationId"),
        roles=tuple(role.strip() for role in roles if role.strip()),
    )


def _role(raw: Raw) -> Role:
    """A role that an organization has made for itself; its permissions are {"project": ["read", ...]}."""
    name = _mapping.text(raw.get("role"))
    if name is None:
        raise ValueError("no role")
    granted = _object(raw.get("permission"))
    permissions = [
        f"{what}:{action}" for what, actions in granted.items() for action in _mapping.texts(actions)
    ]
    return Role(
        slug=name, name=name, permissions=tuple(permissions), organization=_ident(raw, "organizationId")
    )


def _ident(raw: Mapping[str, Any], field: str) -> str:
    ident = raw.get(field)
    if not isinstance(ident, str | int):
        raise ValueError(f"no {field}")
    return str(ident)


def _object(value: Any) -> dict[str, Any]:
    """An object that may be written as text."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
