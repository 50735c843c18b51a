"""Clerk as a source of the sandbox."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.sandbox.clerk.api import BASE, CSV, KEY, Api, error, throttled
from cockpit.sandbox.clerk.records import ClerkShape
from cockpit.sandbox.standins import Service, StandIn
from cockpit.sandbox.web import Json


def _error(status: int, name: str, message: str) -> Json:
    return error(status, name.lower().replace(" ", "_"), message)


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return {"CLERK_SECRET_KEY": KEY, "CLERK_BASE_URL": url + BASE, "CLERK_INSTANCE": "sandbox"}


STAND_IN = StandIn(
    prefixes=frozenset({"clerk"}),
    shape=lambda seed, organizations: ClerkShape(),
    service=lambda world: Service(Api(world).routes()),
    error=_error,
    throttled=lambda world: throttled(0),
    table=lambda url: {"base_url": url + BASE, "instance": "sandbox"},
    environment=_environment,
    files={"users.csv": CSV},
    hashes="users.csv",
)
