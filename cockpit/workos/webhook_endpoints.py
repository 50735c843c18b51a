"""Webhook endpoints of the target, and a canary: an event that is to be seen in /events and nowhere else."""

import json
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cockpit.transport import Allow, Lost
from cockpit.workos.client import EVENTS, ORGANIZATIONS, WEBHOOK_ENDPOINTS, WorkOS
from cockpit.workos.events import iso
from cockpit.workos.replies import Reply

ALLOWED = [
    Allow("GET", WEBHOOK_ENDPOINTS),
    Allow("PATCH", f"{WEBHOOK_ENDPOINTS}/[^/]+"),
    Allow("POST", ORGANIZATIONS),
    Allow("DELETE", f"{ORGANIZATIONS}/[^/]+"),
    Allow("GET", EVENTS),
]
"""All that the sequence of webhooks asks of the target."""
CANARY = "organization.created"


class EndpointsRefused(Exception):
    """The target does not do what the sequence asks; one line."""


class Endpoint(NamedTuple):
    """An endpoint, its secret left out and its URL without what may be secret in it."""

    id: str
    url: str
    on: bool


Ask = Callable[[Callable[[], Awaitable[Reply]]], Awaitable[Reply]]
"""Asks until there is an answer that means something; for what may be sent twice."""


class Endpoints:
    """What the sequence asks of an environment.

    Calls raise EndpointsRefused, KeyRefused, and what `ask` does.
    """

    def __init__(self, target: WorkOS, ask: Ask) -> None:
        self._target, self._ask = target, ask

    async def listed(self) -> Sequence[Endpoint]:
        """All endpoints."""
        found: list[Endpoint] = []
        after: str | None = None
        while True:
            body = _taken(
                await self._ask(partial(self._target.list_webhook_endpoints, after)), "list endpoints"
            )
            try:
                found += [_endpoint(raw) for raw in body["data"]]
                after = body["list_metadata"]["after"]
            except (KeyError, TypeError) as error:
                raise EndpointsRefused(f"WorkOS's webhook endpoints can't be read: no {error}") from None
            if after is None:
                return found

    async def turn(self, endpoint: Endpoint, *, on: bool) -> None:
        """Switch one."""
        status = "enabled" if on else "disabled"
        call = partial(self._target.set_webhook_endpoint, endpoint.id, status)
        _taken(await self._ask(call), f"set {endpoint.id} to {status}")

    async def fly(self, name: str) -> str:
        """Create an organization of that name: its id. Sent once, since it would be another one each time."""
        try:
            reply = await self._target.create_organization(json.dumps({"name": name}))
        except Lost as error:
            raise EndpointsRefused(
                f"whether WorkOS has made the canary {name!r} is not known ({error}); look for that "
                "organization and delete it, the same command goes on"
            ) from error
        return str(_taken(reply, "create an organization")["id"])

    async def seen(self, canary: str, since: int) -> str | None:
        """The id of the canary's event in /events, None where it is not there yet."""
        params = {"events": CANARY, "range_start": iso(since), "limit": "100"}
        body = _taken(await self._ask(partial(self._target.list_events, params)), "list its events")
        found = [raw for raw in body.get("data") or () if (raw.get("data") or {}).get("id") == canary]
        return str(found[0]["id"]) if found else None

    async def land(self, canary: str) -> None:
        """Delete it again."""
        reply = await self._ask(partial(self._target.delete_organization, canary))
        if reply.verdict != "absent":
            _taken(reply, f"delete the canary {canary}: delete that organization by hand")


def _endpoint(raw: Any) -> Endpoint:
    parts = urlsplit(str(raw["endpoint_url"]))
    url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
    return Endpoint(str(raw["id"]), url, raw["status"] != "disabled")


def _taken(reply: Reply, what: str) -> dict[str, Any]:
    if reply.verdict != "ok" or reply.data is None:
        raise EndpointsRefused(f"WorkOS does not {what}: HTTP {reply.status}, {reply.message}")
    return reply.data
