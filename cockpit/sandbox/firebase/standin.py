"""Firebase as a source of the sandbox."""

from collections.abc import Mapping
from pathlib import Path

from aiohttp import web

from cockpit.sandbox.firebase.accounts import BASE, Accounts
from cockpit.sandbox.firebase.oauth import OAuth
from cockpit.sandbox.firebase.records import TENANT_IDS, TENANTS, FirebaseShape
from cockpit.sandbox.standins import Service, StandIn
from cockpit.sandbox.web import Json, Refused, answer
from cockpit.sandbox.world import World

NAME = "demo-sandbox"
ACCOUNT = "/_sandbox/firebase/service-account.json"


def _service(world: World) -> Service:
    oauth = OAuth(world)

    async def service_account(request: web.Request) -> web.Response:
        return answer(oauth.service_account(f"{request.scheme}://{request.host}"))

    return Service([*oauth.routes(), *Accounts(world).routes(), web.get(ACCOUNT, service_account)])


def _error(status: int, name: str, message: str) -> Json:
    code = name.upper().replace(" ", "_").removeprefix("SERVICE_")
    return {"error": {"code": status, "message": message, "status": code}}


def _throttled(world: World) -> Refused:
    return Refused(429, _error(429, "RESOURCE_EXHAUSTED", "Quota exceeded."))


def _table(url: str) -> Mapping[str, str]:
    return {"project": NAME, "base_url": url + BASE}


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return {
        "GOOGLE_APPLICATION_CREDENTIALS": str((folder / "service-account.json").resolve()),
        "GOOGLE_CLOUD_PROJECT": NAME,
        "FIREBASE_BASE_URL": url + BASE,
        "FIREBASE_AUTH_EMULATOR_HOST": "",
    }


STAND_IN = StandIn(
    prefixes=frozenset({BASE.strip("/"), "oauth2"}),
    shape=FirebaseShape,
    service=_service,
    error=_error,
    throttled=_throttled,
    table=_table,
    environment=_environment,
    files={"service-account.json": ACCOUNT},
    companies=TENANT_IDS,
    organizations=lambda users: len(TENANTS),
    memberships=(),
)
