"""A version of the routes, made ready: what a request needs of a route is computed when the route changes."""

from collections.abc import Callable, Container
from dataclasses import dataclass

from cockpit.proxy import cookies
from cockpit.rollout import target
from cockpit.rollout.route import Route, RouteTable, Side

Flag = Callable[[Route], bool | None]
"""Another flag system's word on a route, None where it has none to give."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A route as requests use it: the side of a login that begins now, and the checked target at WorkOS.

    `location` is empty where there is no target that may be used; then everything goes to legacy.
    """

    route: Route
    side: Side
    location: bytes
    cookie: str


def unknown(connection: str) -> Ready:
    """A connection that no route tells of yet: what begins now began at legacy, whatever is flipped later."""
    return Ready(Route(connection, "other", "manual"), "legacy", b"", cookies.name(connection))


class Table:
    """All routes of one version, with their sides."""

    def __init__(self, routes: RouteTable, hosts: Container[str], flag: Flag) -> None:
        self.version = routes.version
        self.routes = routes
        self.refused: dict[str, str] = {}
        """Connections whose stored target may not be used, and why."""
        self._ready = {ident: self._make(route, hosts, flag) for ident, route in routes.routes.items()}
        self._at = {address: self._ready[route.connection] for address, route in routes.by_address.items()}
        self._by_cookie = {ready.cookie: ready for ready in self._ready.values()}

    def get(self, connection: str) -> Ready | None:
        """By external id."""
        return self._ready.get(connection)

    def at(self, host: str, path: str) -> Ready | None:
        """The one whose IdP sends to this address."""
        return self._at.get((host, path))

    def of_issuer(self, issuer: str) -> Ready | None:
        """The one whose IdP calls itself so, where exactly one does."""
        route = self.routes.of_issuer(issuer)
        return self._ready[route.connection] if route else None

    def of_cookie(self, cookie: str) -> Ready | None:
        """The one that a marker belongs to."""
        return self._by_cookie.get(cookie)

    def _make(self, route: Route, hosts: Container[str], flag: Flag) -> Ready:
        cookie, url = cookies.name(route.connection), route.callback_endpoint
        if not route.mapped or url is None:
            return Ready(route, "legacy", b"", cookie)
        if why := target.refusal(url, hosts):
            self.refused[route.connection] = why
            return Ready(route, "legacy", b"", cookie)
        return Ready(route, route.side(flag(route)), url.encode(), cookie)
