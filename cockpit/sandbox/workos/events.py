"""GET /events: what happened, oldest first."""

from itertools import islice

from aiohttp import web

from cockpit.sandbox.clock import from_iso
from cockpit.sandbox.web import answer, whole_number
from cockpit.sandbox.workos.errors import unprocessable
from cockpit.sandbox.workos.paging import PAGE_DEFAULT, PAGE_MOST, listed
from cockpit.sandbox.world import World


class Events:
    """The events of one environment."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The events endpoint."""
        return [web.get("/events", self.list_page)]

    async def list_page(self, request: web.Request) -> web.Response:
        """A page of the named events; the id of its last one leads on while there is more."""
        names = listed(request, "events")
        if not names:
            raise unprocessable(("events", "at least one event name is required"))
        limit = whole_number(request, "limit", PAGE_DEFAULT)
        if limit is None or not 1 <= limit <= PAGE_MOST:
            raise unprocessable(("limit", f"must be between 1 and {PAGE_MOST}"))
        since, until = _instant(request, "range_start"), _instant(request, "range_end")
        wanted = (
            event
            for event in self._world.events.after(request.query.get("after"), since or 0)
            if event.name in names and (until is None or event.at <= until)
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
