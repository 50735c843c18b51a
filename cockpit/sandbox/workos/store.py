"""Users in memory: one tuple each, replaced and never changed, so that they can be shared."""

from typing import NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.event_log import EventLog
from cockpit.sandbox.workos.hashes import SaltPosition
from cockpit.sandbox.workos.table import Table


class Password(NamedTuple):
    """A password as it came: a hash and its type, or "plain" and the password itself."""

    kind: str
    text: str
    salt_position: SaltPosition = "suffix"


class User(NamedTuple):
    """A user as WorkOS keeps it; times in milliseconds."""

    id: str
    email: str
    email_verified: bool
    metadata: dict[str, str]
    created_at: int
    updated_at: int
    first_name: str | None = None
    last_name: str | None = None
    name: str | None = None
    external_id: str | None = None
    locale: str | None = None
    last_sign_in_at: int | None = None
    password: Password | None = None

    def as_json(self) -> Json:
        """The user object of the API."""
        return {
            "object": "user",
            "id": self.id,
            "email": self.email,
            "email_verified": self.email_verified,
            "first_name": self.first_name,
            "last_name": self.last_name,
            "name": self.name,
            "profile_picture_url": None,
            "external_id": self.external_id,
            "metadata": self.metadata,
            "locale": self.locale,
            "last_sign_in_at": None if self.last_sign_in_at is None else iso(self.last_sign_in_at),
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


class UserStore(Table[User]):
    """All users, found by id, by e-mail and by external id."""

    def __init__(self, events: EventLog) -> None:
        super().__init__()
        self._events = events
        self._by_email: dict[str, str] = {}
        self._by_external_id: dict[str, str] = {}

    def by_email(self, email: str) -> User | None:
        """The user of that e-mail, which must be trimmed and in lower case."""
        ident = self._by_email.get(email)
        return None if ident is None else self[ident]

    def by_external_id(self, external_id: str) -> User | None:
        """The user of that external id."""
        ident = self._by_external_id.get(external_id)
        return None if ident is None else self[ident]

    def add(self, row: User) -> None:
        """Keep a new user, whose id must be the newest."""
        super().add(row)
        self._index(row)
        self._events.append("user.created", row.as_json)

    def replace(self, row: User) -> None:
        """Put the changed user in place of the old one."""
        self._forget(self[row.id])
        super().replace(row)
        self._index(row)
        self._events.append("user.updated", row.as_json)

    def signed_in(self, user: User, at: int) -> User:
        """Note a sign-in, which is no update."""
        seen = user._replace(last_sign_in_at=at)
        super().replace(seen)
        return seen

    def remove(self, row: User) -> None:
        """Delete the user; both its unique values are free again."""
        self._forget(row)
        super().remove(row)
        self._events.append("user.deleted", row.as_json)

    def _index(self, user: User) -> None:
        self._by_email[user.email] = user.id
        if user.external_id is not None:
            self._by_external_id[user.external_id] = user.id

    def _forget(self, user: User) -> None:
        del self._by_email[user.email]
        if user.external_id is not None:
            del self._by_external_id[user.external_id]
