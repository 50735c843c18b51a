"""Better Auth as a source of the sandbox: by its SQLite file, which has the hashes."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.sandbox.better_auth.api import DATABASE, Api, error, throttled
from cockpit.sandbox.better_auth.organizations import IDS
from cockpit.sandbox.better_auth.records import BetterAuthShape, second_factor
from cockpit.sandbox.better_auth.two_factor import SECRET
from cockpit.sandbox.standins import Service, StandIn
from cockpit.sandbox.web import Json

FILE = "database.db"


def _error(status: int, name: str, message: str) -> Json:
    return error(name.upper().replace(" ", "_"), message)


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return {
        "DATABASE_URL": f"sqlite:{(folder / FILE).resolve()}",
        "BETTER_AUTH_APPLICATION": "sandbox",
        "BETTER_AUTH_SECRET": SECRET,
        "BETTER_AUTH_URL": "",
        "BETTER_AUTH_EMAIL": "",
        "BETTER_AUTH_PASSWORD": "",
    }


STAND_IN = StandIn(
    prefixes=frozenset({"better_auth"}),
    shape=lambda seed, organizations: BetterAuthShape(),
    service=lambda world: Service(Api(world).routes()),
    error=_error,
    throttled=lambda world: throttled(0),
    table=lambda url: {"application": "sandbox"},
    environment=_environment,
    files={FILE: DATABASE},
    companies=IDS,
    second_factor=second_factor,
)
