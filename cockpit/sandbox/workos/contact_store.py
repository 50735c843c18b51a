"""IT contacts of organizations in memory."""

from typing import NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.table import Index, Table


class Contact(NamedTuple):
    """An IT contact as WorkOS keeps it; times in milliseconds. `invited`: an invitation is open."""

    id: str
    organization_id: str
    email: str
    invited: bool
    created_at: int
    updated_at: int

    def as_json(self) -> Json:
        """The it_contact object of the API."""
        return {
            "object": "it_contact",
            "id": self.id,
            "email": self.email,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


class ContactStore(Table[Contact]):
    """All IT contacts, found by organization."""

    def __init__(self) -> None:
        super().__init__()
        self.of_organization = Index()

    def add(self, row: Contact) -> None:
        """Keep a new contact, whose id must be the newest."""
        super().add(row)
        self.of_organization.add(row.organization_id, row.id)

    def remove(self, row: Contact) -> None:
        """Delete the contact."""
        super().remove(row)
        self.of_organization.remove(row.organization_id, row.id)

    def remove_all(self, organization_id: str) -> None:
        """Delete those of an organization that is about to go."""
        for ident in [*self.of_organization.of(organization_id)]:
            self.remove(self[ident])
