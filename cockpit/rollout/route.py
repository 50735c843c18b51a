"""A connection's route, and the side that a login of it goes to. Pure; the proxy decides by it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, Self, TypeVar, get_args
from urllib.parse import urlsplit

from cockpit.connections.board import Column
from cockpit.connections.model import Protocol

K = TypeVar("K")

Side = Literal["legacy", "workos"]
SIDES: tuple[Side, ...] = get_args(Side)

Delivery = Literal["redirect", "form"]
"""How a browser is sent on to WorkOS: by a 307, or by a form that posts itself (for an IdP whose page
forbids redirects of its form)."""

AT_WORKOS: frozenset[Column] = frozenset(("canary", "workos"))
"""The columns whose built-in flag is on."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where logins of one connection go.

    `connection` is its external id (the id at the source), `target_id` the connection at WorkOS,
    `callback_endpoint` the stored address there that takes its SAML responses or OIDC callbacks.
    `callback_url` is where the IdP sends them today: ours. `issuer` is what the IdP calls itself.
    `hard`: it was killed so that even logins begun at WorkOS end in legacy.
    """

    connection: str
    protocol: Protocol
    column: Column
    organization: str = ""
    target_id: str | None = None
    callback_endpoint: str | None = None
    callback_url: str | None = None
    issuer: str | None = None
    delivery: Delivery = "redirect"
    hard: bool = False

    @property
    def mapped(self) -> bool:
        """Whether it is in the connection map: WorkOS has it, and we know where it takes logins."""
        return self.target_id is not None and self.callback_endpoint is not None

    @property
    def flag(self) -> bool:
        """The built-in flag."""
        return self.column in AT_WORKOS

    def side(self, flag: bool | None = None) -> Side:
        """The side of a login that begins now; `flag` is another flag system's word instead of ours."""
        return "workos" if self.mapped and (self.flag if flag is None else flag) else "legacy"

    def as_json(self) -> dict[str, Any]:
        """As a published snapshot has it."""
        return {item.name: getattr(self, item.name) for item in fields(self)}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """The other way; unknown fields are a newer publisher's. Raises TypeError, KeyError."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: value for name, value in found.items() if name in known})


@dataclass(frozen=True)
class RouteTable:
    """All routes of one version, with the ways to find one."""

    version: int = 0
    routes: Mapping[str, Route] = field(default_factory=dict)
    _by_callback: Mapping[tuple[str, str], Route] = field(init=False, repr=False, compare=False)
    _by_issuer: Mapping[str, Route] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        routes = [*self.routes.values()]
        object.__setattr__(
            self, "_by_callback", _unique((_address(route.callback_url), route) for route in routes)
        )
        object.__setattr__(self, "_by_issuer", _unique((route.issuer, route) for route in routes))

    @classmethod
    def of(cls, version: int, routes: Iterable[Route]) -> Self:
        """A table of these."""
        return cls(version, {route.connection: route for route in routes})

    def get(self, connection: str) -> Route | None:
        """By the connection's external id."""
        return self.routes.get(connection)

    @property
    def by_address(self) -> Mapping[tuple[str, str], Route]:
        """Routes by the address (host in lower case, path) that one IdP alone sends to."""
        return self._by_callback

    def at(self, host: str, path: str) -> Route | None:
        """The one whose IdP sends to this address, None where several share it (or none has it)."""
        return self._by_callback.get((host.lower(), path))

    def of_issuer(self, issuer: str) -> Route | None:
        """The one whose IdP calls itself so, None unless exactly one does: a hint, never trust."""
        return self._by_issuer.get(issuer)


def _address(url: str | None) -> tuple[str, str] | None:
    if not url:
        return None
    parts = urlsplit(url)
    return (parts.netloc.lower(), parts.path or "/")


def _unique(pairs: Iterable[tuple[K | None, Route]]) -> dict[K, Route]:
    found: dict[K, Route] = {}
    several: set[K] = set()
    for key, route in pairs:
        if key is None:
            continue
        if key in found:
            several.add(key)
        found[key] = route
    return {key: route for key, route in found.items() if key not in several}
