"""Stytch's consumer API as a source of the sandbox."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.sandbox.standins import Service, StandIn
from cockpit.sandbox.stytch.api import PROJECT, SECRET, Api, error, throttled
from cockpit.sandbox.stytch.records import StytchShape
from cockpit.sandbox.web import Json


def named_error(status: int, name: str, message: str) -> Json:
    """An error by its reason phrase."""
    return error(status, name.lower().replace(" ", "_"), message)


def environment(url: str) -> Mapping[str, str]:
    """What a client of the project sets."""
    return {
        "STYTCH_PROJECT_ID": PROJECT,
        "STYTCH_SECRET": SECRET,
        "STYTCH_BASE_URL": url,
        "STYTCH_PROJECT_TYPE": "auto",
    }


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return environment(f"{url}/stytch")


STAND_IN = StandIn(
    prefixes=frozenset({"stytch"}),
    shape=lambda seed: StytchShape(),
    service=lambda world: Service(Api(world).routes()),
    error=named_error,
    throttled=lambda world: throttled(),
    table=lambda url: {"base_url": f"{url}/stytch"},
    environment=_environment,
)
