"""Memberships in memory, found by user and by organization."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.event_log import EventLog
from cockpit.sandbox.workos.table import Index, Table

Status = Literal["active", "inactive", "pending"]


class Membership(NamedTuple):
    """A membership as WorkOS keeps it; times in milliseconds."""

    id: str
    user_id: str
    organization_id: str
    status: Status
    roles: tuple[str, ...]
    """Slugs, at least one; the first is the primary role."""
    created_at: int
    updated_at: int

    def as_json(self) -> Json:
        """What an event says of it; the API adds the user and the organization's name."""
        roles = [{"slug": slug} for slug in self.roles]
        return {
            "object": "organization_membership",
            "id": self.id,
            "user_id": self.user_id,
            "organization_id": self.organization_id,
            "status": self.status,
            "role": roles[0],
            "roles": roles,
            "custom_attributes": {},
            "directory_managed": False,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


class MembershipStore(Table[Membership]):
    """All memberships; a user has at most one in an organization."""

    def __init__(self, events: EventLog) -> None:
        super().__init__()
        self._events = events
        self._roles: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.of_user = Index()
        self.of_organization = Index()
        self.members = Index()
        """The ids of an organization's users."""

    def find(self, user_id: str, organization_id: str) -> Membership | None:
        """The membership of that user in that organization."""
        # Where one side is long, as of an organization with everybody in it, the other is short.
        ids = min(self.of_user.of(user_id), self.of_organization.of(organization_id), key=len)
        rows = (self[ident] for ident in ids)
        return next(
            (row for row in rows if row.user_id == user_id and row.organization_id == organization_id), None
        )

    def ids(self, user_id: str | None, organization_id: str | None) -> Sequence[str]:
        """The sorted ids of a user's, of an organization's, or of the one of both, of whatever status."""
        if user_id is not None and organization_id is not None:
            one = self.find(user_id, organization_id)
            return () if one is None else (one.id,)
        return self.of_organization.of(organization_id or "") if user_id is None else self.of_user.of(user_id)

    def add(self, row: Membership) -> None:
        """Keep a new membership, whose id must be the newest."""
        super().add(self._shared(row))
        self.of_user.add(row.user_id, row.id)
        self.of_organization.add(row.organization_id, row.id)
        self.members.add(row.organization_id, row.user_id)
        self._events.append("organization_membership.created", row.as_json)

    def replace(self, row: Membership) -> None:
        """Put the changed membership in place of the old one."""
        super().replace(self._shared(row))
        self._events.append("organization_membership.updated", row.as_json)

    def remove(self, row: Membership) -> None:
        """Delete the membership."""
        super().remove(row)
        self.of_user.remove(row.user_id, row.id)
        self.of_organization.remove(row.organization_id, row.id)
        self.members.remove(row.organization_id, row.user_id)
        self._events.append("organization_membership.deleted", row.as_json)

    def remove_all(self, index: Index, key: str) -> None:
        """Delete those of a user or of an organization, which is about to go."""
        for ident in [*index.of(key)]:
            self.remove(self[ident])

    def _shared(self, row: Membership) -> Membership:
        """The membership with the one copy of its roles that all share who have the same."""
        return row._replace(roles=self._roles.setdefault(row.roles, row.roles))
