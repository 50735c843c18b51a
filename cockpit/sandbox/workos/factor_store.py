"""Second factors in memory."""

from typing import NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.table import Index, Table


class Factor(NamedTuple):
    """A TOTP factor as WorkOS keeps it; times in milliseconds."""

    id: str
    user_id: str
    issuer: str
    user: str
    secret: str
    created_at: int
    updated_at: int

    def as_json(self) -> Json:
        """The authentication_factor object of the API, which never shows the secret again."""
        return {
            "object": "authentication_factor",
            "id": self.id,
            "type": "totp",
            "user_id": self.user_id,
            "totp": {"issuer": self.issuer, "user": self.user},
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


class FactorStore(Table[Factor]):
    """All factors, found by id and by user; a user may have any number, even of the same secret."""

    def __init__(self) -> None:
        super().__init__()
        self.of_user = Index()

    def add(self, row: Factor) -> None:
        """Keep a new factor, whose id must be the newest."""
        super().add(row)
        self.of_user.add(row.user_id, row.id)

    def remove(self, row: Factor) -> None:
        """Delete the factor."""
        super().remove(row)
        self.of_user.remove(row.user_id, row.id)

    def remove_all(self, user_id: str) -> None:
        """Delete those of a user, who is about to go."""
        for ident in [*self.of_user.of(user_id)]:
            self.remove(self[ident])
