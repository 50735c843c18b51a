"""What happened in the environment, in memory."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.ids import Ids, ulid
from cockpit.sandbox.web import Json

EventName = Literal[
    "user.created", "user.updated", "user.deleted",
    "organization.created", "organization.updated", "organization.deleted",
    "organization_domain.created", "organization_domain.deleted",
    "organization_membership.created", "organization_membership.updated", "organization_membership.deleted",
    "role.created", "role.updated", "organization_role.created", "organization_role.updated",
    "permission.created", "permission.updated",
    "connection.activated", "connection.deactivated", "connection.deleted",
    "authentication.sso_started", "authentication.sso_succeeded", "authentication.sso_failed",
    "authentication.sso_timed_out",
]  # fmt: skip

EVENTS_KEPT = 250_000
_EVENTS_DROPPED_AT_ONCE = 10_000


class Event(NamedTuple):
    """One event: its place in time, its name and what it is about, as that was then."""

    at: int
    serial: int
    name: EventName
    data: Callable[[], Json]
    """A method of a row, which never changes: its JSON is made when it is read."""

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
            "data": self.data(),
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

    def append(self, name: EventName, data: Callable[[], Json]) -> None:
        """Note what happened; the oldest are dropped beyond EVENTS_KEPT."""
        self._serial += 1
        self._events.append(Event(self._ids.now_ms(), self._serial, name, data))
        if len(self._events) >= EVENTS_KEPT + _EVENTS_DROPPED_AT_ONCE:
            del self._events[:_EVENTS_DROPPED_AT_ONCE]

    def after(self, ident: str | None, since: int) -> Iterator[Event]:
        """Events after the one of that id and not before `since`, oldest first."""
        start = bisect_left(self._events, since, key=lambda event: event.at)
        if ident is not None:
            start = max(start, bisect_right(self._events, ident, key=lambda event: event.id))
        for place in range(start, len(self._events)):
            yield self._events[place]
