"""Organizations of a B2B project, the members that a person is of them, and the project's roles (RBAC)."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from cockpit.sandbox.clock import iso
from cockpit.sandbox.companies import Company, Member
from cockpit.sandbox.roles import PERMISSIONS, READ, ROLES, Permission
from cockpit.sandbox.sso import Connection
from cockpit.sandbox.stytch_b2b.connections import connection_id
from cockpit.sandbox.stytch_b2b.records import member_id
from cockpit.sandbox.web import Json

EVERYBODY = "stytch_member"
"""The role that nobody needs to be given."""
ROLE_IDS = {"member": EVERYBODY, "admin": "stytch_admin", "billing": "billing", "support": "support"}
_CUSTOM_EVERY = 10


def _granted(permissions: tuple[Permission, ...]) -> list[Json]:
    """The actions on each resource."""
    return [
        {"resource_id": resource, "actions": [one.action for one in several]}
        for resource, several in groupby(permissions, key=attrgetter("resource"))
    ]


POLICY: Json = {
    "roles": [
        {
            "role_id": ROLE_IDS[role.slug],
            "description": role.description,
            "permissions": _granted(role.permissions),
        }
        for role in ROLES
    ],
    "resources": [{**granted, "description": granted["resource_id"]} for granted in _granted(PERMISSIONS)],
    "scopes": [],
}
CUSTOM_ROLE: Json = {"role_id": "auditor", "description": "Looks on", "permissions": _granted((READ,))}
"""What one organization of ten has beside the roles of the project."""


def member_of(record: Json, member: Member, company: Company, organizations: int) -> Json:
    """What the person is in that organization."""
    others = [ROLE_IDS[slug] for slug in member.roles if ROLE_IDS[slug] != EVERYBODY]
    turn = (member.company - member.person) % organizations
    return {
        **record,
        "organization_id": company.id,
        "member_id": member_id(record["member_id"], turn),
        "is_admin": "admin" in member.roles,
        "roles": [
            {"role_id": ident, "sources": [{"type": "direct_assignment", "details": {}}]}
            for ident in (EVERYBODY, *others)
        ],
        "created_at": iso(member.created_at),
    }


def organization(company: Company, connections: Sequence[Connection] = ()) -> Json:
    """An organization with every field that the SDK's model wants."""
    return {
        "organization_id": company.id,
        "organization_name": company.name,
        "organization_logo_url": "",
        "organization_slug": company.slug,
        "sso_jit_provisioning": "ALL_ALLOWED",
        "sso_jit_provisioning_allowed_connections": [],
        "sso_active_connections": [
            {"connection_id": connection_id(one, company), "display_name": one.name, "identity_provider": ""}
            for one in connections
        ],
        "email_allowed_domains": [domain.name for domain in company.domains],
        "email_jit_provisioning": "NOT_ALLOWED",
        "email_invites": "ALL_ALLOWED",
        "auth_methods": "ALL_ALLOWED",
        "allowed_auth_methods": [],
        "mfa_policy": "OPTIONAL",
        "rbac_email_implicit_role_assignments": [],
        "mfa_methods": "ALL_ALLOWED",
        "allowed_mfa_methods": [],
        "oauth_tenant_jit_provisioning": "NOT_ALLOWED",
        "claimed_email_domains": [domain.name for domain in company.domains if domain.verified],
        "first_party_connected_apps_allowed_type": "ALL_ALLOWED",
        "allowed_first_party_connected_apps": [],
        "third_party_connected_apps_allowed_type": "ALL_ALLOWED",
        "allowed_third_party_connected_apps": [],
        "custom_roles": [CUSTOM_ROLE] if company.number % _CUSTOM_EVERY == 0 else [],
        "trusted_metadata": company.metadata,
        "organization_external_id": None,
        "created_at": iso(company.created_at),
        "updated_at": iso(company.created_at),
    }
