"""Clerk as a source of the sandbox."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.sandbox.clerk.api import BASE, CSV, KEY, Api, error, throttled
from cockpit.sandbox.clerk.connections import Connections
from cockpit.sandbox.clerk.organizations import Organizations
from cockpit.sandbox.clerk.records import ClerkShape, second_factor
from cockpit.sandbox.companies import Ids
from cockpit.sandbox.standins import Service, StandIn
from cockpit.sandbox.web import Json
from cockpit.sandbox.world import World


def _service(world: World) -> Service:
    api = Api(world)
    parts = (api, Organizations(api, world), Connections(api, world))
    return Service([route for part in parts for route in part.routes()])


def _error(status: int, name: str, message: str) -> Json:
    return error(status, name.lower().replace(" ", "_"), message)


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return {"CLERK_SECRET_KEY": KEY, "CLERK_BASE_URL": url + BASE, "CLERK_INSTANCE": "sandbox"}


STAND_IN = StandIn(
    prefixes=frozenset({"clerk"}),
    shape=lambda seed, organizations: ClerkShape(),
    service=_service,
    error=_error,
    throttled=lambda world: throttled(0),
    table=lambda url: {"base_url": url + BASE, "instance": "sandbox"},
    environment=_environment,
    files={"users.csv": CSV},
    hashes="users.csv",
    companies=Ids("org_2"),
    second_factor=second_factor,
)
