"""Log streams and event streams in memory (SDK 6.8: log_streams, event_streams)."""

from typing import NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.ids import Ids
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.table import Table


class LogStream(NamedTuple):
    """A log stream: what it was made with, its status, and from when on (ms) it delivers.

    A paused one keeps its place: what happens meanwhile is queued, and delivered once it is active again.
    """

    id: str
    body: Json
    status: str
    start_from: int

    def as_json(self) -> Json:
        """As GET /log-streams shows it; startFrom is not among what it shows."""
        return {"id": self.id, **self.body, "status": self.status}


class EventStream(NamedTuple):
    """An event stream: what it was made with and its status. A disabled one loses what happens meanwhile."""

    id: str
    body: Json
    status: str
    created_at: int
    updated_at: int

    def as_json(self) -> Json:
        """As GET /event-streams shows it."""
        times = {"created_at": iso(self.created_at), "updated_at": iso(self.updated_at)}
        return {"id": self.id, **self.body, "status": self.status, **times}


class Streams:
    """The streams of one tenant."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.logs: Table[LogStream] = Table()
        self.events: Table[EventStream] = Table()

    def add_log(self, body: Json, start_from: int | None = None) -> LogStream:
        """A new log stream, active."""
        since = self._ids.now_ms() if start_from is None else start_from
        row = LogStream(self._ids.next("lst"), body, "active", since)
        self.logs.add(row)
        return row

    def add_event(self, body: Json, status: str = "enabled") -> EventStream:
        """A new event stream."""
        now = self._ids.now_ms()
        row = EventStream(self._ids.next("est"), body, status, now, now)
        self.events.add(row)
        return row

    def settle(self) -> None:
        """The two that a tenant of the sandbox begins with: its application hears of logs and of users."""
        self.add_log(
            {
                "name": "Application log",
                "type": "http",
                "isPriority": False,
                "filters": [],
                "sink": {
                    "httpEndpoint": "https://consumer.example/auth0/logs",
                    "httpContentType": "application/json",
                    "httpContentFormat": "JSONLINES",
                    "httpAuthorization": "Bearer of-the-consumer",
                },
            }
        )
        self.add_event(
            {
                "name": "Application users",
                "subscriptions": [
                    {"event_type": f"user.{verb}"} for verb in ("created", "updated", "deleted")
                ],
                "destination": {
                    "type": "webhook",
                    "configuration": {
                        "webhook_endpoint": "https://consumer.example/auth0/events",
                        "webhook_authorization": {"method": "bearer"},
                    },
                },
            }
        )
