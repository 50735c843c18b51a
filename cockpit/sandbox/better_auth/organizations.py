"""Rows of organization and member, and the roles that an application has made itself (dynamic)."""

import json

from cockpit.sandbox.clock import iso
from cockpit.sandbox.companies import Company, Ids, Member
from cockpit.sandbox.roles import ROLES
from cockpit.sandbox.web import Json

IDS = Ids("", digits=24)
STATIC = ("owner", "admin", "member")
"""The plugin's own, which are in no table."""


def _granted(role: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for permission in next(one for one in ROLES if one.slug == role).permissions:
        found.setdefault(permission.resource, []).append(permission.action)
    return found


DYNAMIC_ROLES = {role.slug: _granted(role.slug) for role in ROLES if role.slug not in STATIC}
"""Roles that each organization has in organizationRole, and what they permit on which resource."""


def organization_row(company: Company) -> Json:
    """The organization; Better Auth keeps no domains of it, and its metadata as text."""
    return {
        "id": company.id,
        "name": company.name,
        "slug": company.slug,
        "logo": None,
        "createdAt": iso(company.created_at),
        "metadata": json.dumps(company.metadata),
    }


def member_row(member: Member, organization: str, user: str) -> Json:
    """The membership; several roles are one text with commas."""
    return {
        "id": f"{member.company:016x}{member.person:016x}",
        "organizationId": organization,
        "userId": user,
        "role": ",".join(member.roles),
        "createdAt": iso(member.created_at),
    }
