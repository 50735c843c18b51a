"""GET /user_management/users/{id}/sessions."""

from functools import partial

from aiohttp import web

from cockpit.sandbox.web import Json, answer
from cockpit.sandbox.workos.errors import not_found
from cockpit.sandbox.workos.paging import envelope, page, place
from cockpit.sandbox.workos.session_store import Session
from cockpit.sandbox.world import World


class Sessions:
    """The sessions of one environment's users."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """The list."""
        return [web.get("/user_management/users/{id}/sessions", self.list_page)]

    async def list_page(self, request: web.Request) -> web.Response:
        """A user's sessions."""
        ident, rows = request.match_info["id"], self._world.sessions
        if self._world.users.get(ident) is None:
            raise not_found("User", ident)
        shown = partial(_shown, self._world.ids.now_ms())
        return answer(envelope(page(rows.of_user.of(ident), place(request), rows.__getitem__), shown))


def _shown(now: int, row: Session) -> Json:
    return row.as_json(now)
