"""Sessions of users, in memory."""

from typing import NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.table import Index

LIFE_MS = 7 * 86_400_000
"""How long a session lives; an environment's setting at WorkOS."""


class Session(NamedTuple):
    """A session as WorkOS keeps it; times in milliseconds."""

    id: str
    user_id: str
    organization_id: str
    ip_address: str | None
    user_agent: str | None
    created_at: int

    def as_json(self, now: int) -> Json:
        """An item of a user's sessions (SDK: UserSessionsListItem)."""
        return {
            "object": "session",
            "id": self.id,
            "user_id": self.user_id,
            "organization_id": self.organization_id,
            "ip_address": self.ip_address,
            "user_agent": self.user_agent,
            "auth_method": "sso",
            "status": "active" if now < self.created_at + LIFE_MS else "expired",
            "expires_at": iso(self.created_at + LIFE_MS),
            "ended_at": None,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.created_at),
        }


class SessionStore:
    """All sessions, by id and found by user. An id is made when its sign-in begins, so not in order."""

    def __init__(self) -> None:
        self._rows: dict[str, Session] = {}
        self.of_user = Index()

    def __getitem__(self, ident: str) -> Session:
        return self._rows[ident]

    def add(self, row: Session) -> None:
        """Keep a new session."""
        self._rows[row.id] = row
        self.of_user.add(row.user_id, row.id)

    def remove_all(self, user_id: str) -> None:
        """Forget those of a user who is about to go."""
        for ident in [*self.of_user.of(user_id)]:
            del self._rows[ident]
            self.of_user.remove(user_id, ident)
