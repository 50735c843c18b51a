"""Descope as a source of the sandbox."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.sandbox.companies import Ids
from cockpit.sandbox.descope.api import BASE, KEY, PROJECT, Api, error, throttled
from cockpit.sandbox.descope.records import DescopeShape, second_factor
from cockpit.sandbox.standins import Service, StandIn


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return {
        "DESCOPE_PROJECT_ID": PROJECT,
        "DESCOPE_MANAGEMENT_KEY": KEY,
        "DESCOPE_REQUESTS_PER_60S": "0",
        "DESCOPE_BASE_URL": url + BASE,
    }


STAND_IN = StandIn(
    prefixes=frozenset({"descope"}),
    shape=lambda seed, organizations: DescopeShape(),
    service=lambda world: Service(Api(world).routes()),
    error=lambda status, name, message: error(f"E{status}", message),
    throttled=lambda world: throttled(0),
    table=lambda url: {"base_url": url + BASE, "project_id": PROJECT},
    environment=_environment,
    companies=Ids("T2"),
    second_factor=second_factor,
)
