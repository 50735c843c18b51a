"""GET /events: what happened, oldest first.

UNVERIFIED: the statuses of refusals, and that a range without an end reaches to now.
"""

from itertools import islice
from typing import Any

from aiohttp import web

from cockpit.sandbox.clock import from_iso
from cockpit.sandbox.web import answer, whole_number
from cockpit.sandbox.workos.errors import unprocessable
from cockpit.sandbox.workos.event_log import Event
from cockpit.sandbox.workos.paging import PAGE_DEFAULT, PAGE_MOST, listed
from cockpit.sandbox.workos.sso.finish import Finish
from cockpit.sandbox.world import World

RANGE_MS = 30 * 86_400_000
"""The longest range that one request may ask for (documentation: events)."""
KEPT_MS = 90 * 86_400_000
"""How long events are kept (documentation: events)."""


class Events:
    """The events of one environment."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._sign_ins = Finish(world)

    def routes(self) -> list[web.RouteDef]:
        """The events endpoint."""
        return [web.get("/events", self.list_page)]

    async def list_page(self, request: web.Request) -> web.Response:
        """A page of the named events; the id of its last one leads on while there is more."""
        self._sign_ins.time_out()
        names = listed(request, "events")
        if not names:
            raise unprocessable(("events", "at least one event name is required"))
        limit = whole_number(request, "limit", PAGE_DEFAULT)
        if limit is None or not 1 <= limit <= PAGE_MOST:
            raise unprocessable(("limit", f"must be between 1 and {PAGE_MOST}"))
        since, until = self._range(request)
        organization = request.query.get("organization_id")
        wanted = (
            event
            for event in self._world.events.after(request.query.get("after"), since)
            if event.name in names
            and (until is None or event.at <= until)
            and (organization is None or _organization_of(event) == organization)
        )
        found = list(islice(wanted, limit + 1))
        page = found[:limit]
        after = page[-1].id if len(found) > limit else None
        return answer(
            {
                "object": "list",
                "data": [event.as_json() for event in page],
                "list_metadata": {"before": None, "after": after},
            }
        )

    def _range(self, request: web.Request) -> tuple[int, int | None]:
        """From when, and until when if that was said."""
        since, until = _instant(request, "range_start"), _instant(request, "range_end")
        now = int(self._world.clock.now() * 1000)
        if since is not None and (now if until is None else until) - since > RANGE_MS:
            raise unprocessable(("range_start", "and range_end must be at most 30 days apart"))
        return max(since or 0, now - KEPT_MS), until


def _organization_of(event: Event) -> Any:
    """The organization that an event is of: its own id, or the one that its data name."""
    data = event.data()
    if data.get("object") == "organization":
        return data["id"]
    return data.get("organization_id") or data.get("sso", {}).get("organization_id")


def _instant(request: web.Request, name: str) -> int | None:
    """An ISO 8601 instant, which must end in Z: offsets are refused."""
    text = request.query.get(name)
    if text is None:
        return None
    try:
        if not text.endswith("Z"):
            raise ValueError(text)
        return from_iso(text)
    except ValueError:
        raise unprocessable((name, "must be an ISO 8601 instant in UTC that ends in Z")) from None
