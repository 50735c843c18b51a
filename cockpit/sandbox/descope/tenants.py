"""Descope's tenants, what a user is in them, and the roles and permissions of the project."""

from cockpit.sandbox.companies import Company, Member
from cockpit.sandbox.roles import BY_SLUG, PERMISSIONS, ROLES
from cockpit.sandbox.web import Json

SET_UP_S = 1_546_300_800
"""When roles were made: 2019-01-01."""

PROJECT_ROLES: list[Json] = [
    {
        "name": role.name,
        "description": role.description,
        "permissionNames": [permission.description for permission in role.permissions],
        "createdTime": SET_UP_S,
    }
    for role in ROLES
]
PROJECT_PERMISSIONS: list[Json] = [
    {"name": "Impersonate", "description": "Descope's own", "systemDefault": True},
    *({"name": one.description, "description": one.slug, "systemDefault": False} for one in PERMISSIONS),
]
"""Names are what people read, with spaces; there is no slug."""


def tenant(company: Company) -> Json:
    """A tenant; its domains are those by which users provision themselves, the verified ones."""
    return {
        "id": company.id,
        "name": company.name,
        "selfProvisioningDomains": [domain.name for domain in company.domains if domain.verified],
        "customAttributes": company.metadata,
        "createdTime": company.created_at // 1000,
    }


def user_tenant(member: Member, company: Company) -> Json:
    """One of a user's userTenants."""
    roles = [BY_SLUG[slug] for slug in member.roles]
    permissions = dict.fromkeys(one.description for role in roles for one in role.permissions)
    return {
        "tenantId": company.id,
        "tenantName": company.name,
        "roleNames": [role.name for role in roles],
        "permissions": list(permissions),
    }
