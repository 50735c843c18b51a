"""Webhook endpoints in memory."""

from typing import Literal, NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.table import Table

Status = Literal["enabled", "disabled"]


class WebhookEndpoint(NamedTuple):
    """An endpoint as WorkOS keeps it; times in milliseconds."""

    id: str
    endpoint_url: str
    secret: str
    status: Status
    events: tuple[str, ...]
    created_at: int
    updated_at: int

    def as_json(self) -> Json:
        """The webhook_endpoint object of the API, its secret too."""
        return {
            "object": "webhook_endpoint",
            **self._asdict(),
            "events": [*self.events],
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


class WebhookEndpointStore(Table[WebhookEndpoint]):
    """All endpoints, found by URL too."""

    def by_url(self, url: str) -> WebhookEndpoint | None:
        """The endpoint with that URL."""
        return next((row for row in self if row.endpoint_url == url), None)
