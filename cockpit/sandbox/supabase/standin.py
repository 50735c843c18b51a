"""Supabase as a source of the sandbox: the door of the admin API."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.sandbox.companies import AT_MOST_ONE
from cockpit.sandbox.standins import Service, StandIn
from cockpit.sandbox.supabase.api import BASE, KEY, Api
from cockpit.sandbox.supabase.records import SupabaseShape, second_factor
from cockpit.sandbox.web import Json, Refused


def _error(status: int, name: str, message: str) -> Json:
    return {"code": status, "error_code": name.lower().replace(" ", "_"), "msg": message}


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return {
        "SUPABASE_BASE_URL": url + BASE,
        "SUPABASE_SERVICE_ROLE_KEY": KEY,
        "SUPABASE_DB_URL": "",
        "SUPABASE_URL": "",
        "SUPABASE_PROJECT": "sandbox",
    }


STAND_IN = StandIn(
    prefixes=frozenset({"supabase"}),
    shape=lambda seed, organizations: SupabaseShape(),
    service=lambda world: Service(Api(world).routes()),
    error=_error,
    throttled=lambda world: Refused(429, _error(429, "over_request_rate_limit", "Too many requests")),
    table=lambda url: {"base_url": url + BASE, "project": "sandbox"},
    environment=_environment,
    memberships=AT_MOST_ONE,
    second_factor=second_factor,
)
