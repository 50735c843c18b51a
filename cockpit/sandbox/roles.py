"""The roles that people have in companies, and what each permits; each provider names them in its own way."""

from typing import NamedTuple


class Permission(NamedTuple):
    """One thing that a role permits: an action on a resource."""

    resource: str
    action: str
    description: str

    @property
    def slug(self) -> str:
        """resource:action."""
        return f"{self.resource}:{self.action}"


class Role(NamedTuple):
    """A role by its slug."""

    slug: str
    name: str
    description: str
    permissions: tuple[Permission, ...]


READ = Permission("projects", "read", "See projects")
WRITE = Permission("projects", "write", "Change projects")
INVITE = Permission("members", "invite", "Invite people")
PAY = Permission("invoices", "pay", "See and pay invoices")
PERMISSIONS = (READ, WRITE, INVITE, PAY)

ROLES = (
    Role("member", "Member", "Works in the company", (READ,)),
    Role("admin", "Admin", "Runs the company", PERMISSIONS),
    Role("billing", "Billing", "Pays for the company", (PAY,)),
    Role("support", "Support", "Helps the company's people", (READ, INVITE)),
)
"""Most members have the first."""

BY_SLUG = {role.slug: role for role in ROLES}
