"""Stytch's consumer API as a source of the sandbox."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.sandbox.standins import Service, StandIn
from cockpit.sandbox.stytch.api import PROJECT, SECRET, Api, error, throttled
from cockpit.sandbox.stytch.records import StytchShape, second_factor
from cockpit.sandbox.web import Json


def _error(status: int, name: str, message: str) -> Json:
    return error(status, name.lower().replace(" ", "_"), message)


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return {
        "STYTCH_PROJECT_ID": PROJECT,
        "STYTCH_SECRET": SECRET,
        "STYTCH_BASE_URL": url,
        "STYTCH_PROJECT_TYPE": "auto",
        "STYTCH_REQUESTS_PER_60S": "0",
    }


STAND_IN = StandIn(
    prefixes=frozenset({"v1"}),
    shape=lambda seed, organizations: StytchShape(),
    service=lambda world: Service(Api(world).routes()),
    error=_error,
    throttled=lambda world: throttled(),
    table=lambda url: {"base_url": url},
    environment=_environment,
    memberships=(),
    second_factor=second_factor,
    kinds=("STYTCH_PROJECT_TYPE", {"b2b": "stytch_b2b"}),
)
