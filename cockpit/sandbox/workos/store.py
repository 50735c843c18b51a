"""Users and events in memory: one tuple each, replaced and never changed, so that they can be shared."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Literal, NamedTuple

from cockpit.sandbox.clock import Clock, iso
from cockpit.sandbox.ids import Ids, ulid
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.hashes import SaltPosition

Order = Literal["asc", "desc", "normal"]
EventName = Literal["user.created", "user.updated", "user.deleted"]

EVENTS_KEPT = 250_000
_EVENTS_DROPPED_AT_ONCE = 10_000


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
    first_name: str | None
    last_name: str | None
    name: str | None
    external_id: str | None
    metadata: dict[str, str]
    locale: str | None
    created_at: int
    updated_at: int
    last_sign_in_at: int | None
    password: Password | None

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


class Page(NamedTuple):
    """A part of a list and the ids that lead on in both directions."""

    users: list[User]
    before: str | None
    after: str | None


class UserStore:
    """All users, found by id, by e-mail and by external id, listed in order of creation."""

    def __init__(self, clock: Clock) -> None:
        self.ids = Ids(clock)
        self.events = EventLog(self.ids)
        self._by_id: dict[str, User] = {}
        self._by_email: dict[str, str] = {}
        self._by_external_id: dict[str, str] = {}
        self._order: list[str] = []

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[User]:
        return iter(self._by_id.values())

    def get(self, ident: str) -> User | None:
        """The user of that id."""
        return self._by_id.get(ident)

    def by_email(self, email: str) -> User | None:
        """The user of that e-mail, which must be trimmed and in lower case."""
        ident = self._by_email.get(email)
        return None if ident is None else self._by_id[ident]

    def by_external_id(self, external_id: str) -> User | None:
        """The user of that external id."""
        ident = self._by_external_id.get(external_id)
        return None if ident is None else self._by_id[ident]

    def add(self, user: User) -> None:
        """Keep a new user, whose id must be the newest."""
        self._order.append(user.id)
        self._index(user)
        self.events.append("user.created", user)

    def replace(self, old: User, new: User) -> None:
        """Put the changed user in place of the old one."""
        self._forget(old)
        self._index(new)
        self.events.append("user.updated", new)

    def signed_in(self, user: User, at: int) -> User:
        """Note a sign-in, which is no update."""
        seen = user._replace(last_sign_in_at=at)
        self._by_id[user.id] = seen
        return seen

    def remove(self, user: User) -> None:
        """Delete the user; both its unique values are free again."""
        self._forget(user)
        del self._by_id[user.id]
        del self._order[bisect_left(self._order, user.id)]
        self.events.append("user.deleted", user)

    def page(self, limit: int, order: Order, after: str | None, before: str | None) -> Page:
        """At most `limit` users; a cursor is an id, and may be that of a user deleted since."""
        ids = self._order
        if order == "normal":
            # Newest first as in desc, but `before` leads to older users and `after` to newer ones.
            after, before = before, after
        ascending = order == "asc"
        if after is not None:
            low, high = (bisect_right(ids, after), len(ids)) if ascending else (0, bisect_left(ids, after))
            from_start = ascending
        elif before is not None:
            low, high = (0, bisect_left(ids, before)) if ascending else (bisect_right(ids, before), len(ids))
            from_start = not ascending
        else:
            low, high, from_start = 0, len(ids), ascending
        if from_start:
            high = min(high, low + limit)
        else:
            low = max(low, high - limit)
        found = [self._by_id[ident] for ident in ids[low:high]]
        if not found:
            return Page([], None, None)
        older = found[0].id if low > 0 else None
        newer = found[-1].id if high < len(ids) else None
        if ascending:
            return Page(found, older, newer)
        found.reverse()
        return Page(found, older, newer) if order == "normal" else Page(found, newer, older)

    def _index(self, user: User) -> None:
        self._by_id[user.id] = user
        self._by_email[user.email] = user.id
        if user.external_id is not None:
            self._by_external_id[user.external_id] = user.id

    def _forget(self, user: User) -> None:
        del self._by_email[user.email]
        if user.external_id is not None:
            del self._by_external_id[user.external_id]


class Event(NamedTuple):
    """One event: its place in time, its name and the user as it was then."""

    at: int
    serial: int
    name: EventName
    user: User

    @property
    def id(self) -> str:
        """The event's id, made when it is read."""
        return f"event_{ulid(self.at, self.serial)}"

    def as_json(self) -> Json:
        """The event object of GET /events."""
        return {
            "object": "event",
            "id": self.id,
            "event": self.name,
            "data": self.user.as_json(),
            "created_at": iso(self.at),
            "context": {},
        }


class EventLog:
    """The newest events, oldest first."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._events: list[Event] = []
        self._serial = 0

    def __len__(self) -> int:
        return len(self._events)

    def append(self, name: EventName, user: User) -> None:
        """Note what happened; the oldest are dropped beyond EVENTS_KEPT."""
        self._serial += 1
        self._events.append(Event(self._ids.now_ms(), self._serial, name, user))
        if len(self._events) >= EVENTS_KEPT + _EVENTS_DROPPED_AT_ONCE:
            del self._events[:_EVENTS_DROPPED_AT_ONCE]

    def after(self, ident: str | None, since: int) -> Iterator[Event]:
        """Events after the one of that id and not before `since`, oldest first."""
        start = bisect_left(self._events, since, key=lambda event: event.at)
        if ident is not None:
            start = max(start, bisect_right(self._events, ident, key=lambda event: event.id))
        for place in range(start, len(self._events)):
            yield self._events[place]
