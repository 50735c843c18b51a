"""/webhook_endpoints: create, list, update, delete (SDK 10.8; documentation: webhooks).

UNVERIFIED: that http is taken for an endpoint on loopback; a rehearsal needs it.
"""

import secrets
from urllib.parse import urlsplit

from aiohttp import web

from cockpit.sandbox.web import Json, answer, json_object
from cockpit.sandbox.workos.errors import not_found, refuse, unprocessable
from cockpit.sandbox.workos.fields import check_shape, text
from cockpit.sandbox.workos.paging import envelope, place
from cockpit.sandbox.workos.webhook_endpoint_store import Status, WebhookEndpoint
from cockpit.sandbox.world import World

_TYPES: dict[str, type] = {"endpoint_url": str, "events": list, "status": str}
_STATUSES: dict[object, Status] = {"enabled": "enabled", "disabled": "disabled"}
_HERE = ("localhost", "127.0.0.1", "::1")


class WebhookEndpoints:
    """The webhook endpoints of one environment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """What is served under /webhook_endpoints; WorkOS has no GET of a single one."""
        return [
            web.post("/webhook_endpoints", self.create),
            web.get("/webhook_endpoints", self.list_page),
            web.patch("/webhook_endpoints/{id}", self.update),
            web.delete("/webhook_endpoints/{id}", self.delete),
        ]

    async def create(self, request: web.Request) -> web.Response:
        """POST /webhook_endpoints: 409 duplicate_endpoint, 422 invalid_url."""
        body = check_shape(await json_object(request), _TYPES)
        url = self._free(_url(body))
        events = _events(body)
        now = self._world.ids.now_ms()
        secret = f"whsec_{secrets.token_urlsafe(24)}"
        row = WebhookEndpoint(self._world.ids.next("we"), url, secret, "enabled", events, now, now)
        self._world.webhook_endpoints.add(row)
        return answer(row.as_json(), 201)

    async def list_page(self, request: web.Request) -> web.Response:
        """GET /webhook_endpoints."""
        found = self._world.webhook_endpoints.page(place(request))
        return answer(envelope(found, WebhookEndpoint.as_json))

    async def update(self, request: web.Request) -> web.Response:
        """PATCH /webhook_endpoints/{id}: URL, status, events; what is not given stays."""
        body = check_shape(await json_object(request), _TYPES)
        row = self._found(request)
        changed = row._replace(updated_at=self._world.ids.now_ms())
        if body.get("endpoint_url") not in (None, row.endpoint_url):
            changed = changed._replace(endpoint_url=self._free(_url(body)))
        if body.get("events") is not None:
            changed = changed._replace(events=_events(body))
        if body.get("status") is not None:
            status = _STATUSES.get(body["status"])
            if status is None:
                raise unprocessable(("status", "must be enabled or disabled"))
            changed = changed._replace(status=status)
        self._world.webhook_endpoints.replace(changed)
        return answer(changed.as_json())

    async def delete(self, request: web.Request) -> web.Response:
        """DELETE /webhook_endpoints/{id}."""
        self._world.webhook_endpoints.remove(self._found(request))
        return web.Response(status=204)

    def _free(self, url: str) -> str:
        if self._world.webhook_endpoints.by_url(url) is not None:
            raise refuse(409, "A webhook endpoint with this URL already exists.", "duplicate_endpoint")
        return url

    def _found(self, request: web.Request) -> WebhookEndpoint:
        ident = request.match_info["id"]
        row = self._world.webhook_endpoints.get(ident)
        if row is None:
            raise not_found("Webhook Endpoint", ident)
        return row


def _url(body: Json) -> str:
    url = text(body, "endpoint_url")
    parts = urlsplit(url)
    if not parts.hostname or (parts.scheme, parts.hostname in _HERE) not in (
        ("https", False), ("https", True), ("http", True)
    ):  # fmt: skip
        raise refuse(422, "The endpoint URL must be a valid HTTPS URL.", "invalid_url")
    return url


def _events(body: Json) -> tuple[str, ...]:
    events = body.get("events") or ()
    if not events or not all(isinstance(name, str) and name for name in events):
        raise unprocessable(("events", "must be names of events, at least one"))
    return tuple(events)
