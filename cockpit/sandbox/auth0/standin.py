"""Auth0 as a source of the sandbox."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from aiohttp import web

from cockpit.sandbox.auth0.api import Api
from cockpit.sandbox.auth0.connections import Connections
from cockpit.sandbox.auth0.jobs import Jobs
from cockpit.sandbox.auth0.mfa_file import lines as mfa_file_lines
from cockpit.sandbox.auth0.organizations import Organizations
from cockpit.sandbox.auth0.password_file import is_absent
from cockpit.sandbox.auth0.password_file import lines as password_file_lines
from cockpit.sandbox.auth0.records import Auth0Shape, second_factor
from cockpit.sandbox.auth0.streams import Streams
from cockpit.sandbox.auth0.users import Users
from cockpit.sandbox.companies import Ids
from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.standins import Service, StandIn
from cockpit.sandbox.web import Json, Refused
from cockpit.sandbox.world import World

PASSWORDS = "/_sandbox/auth0/passwords.ndjson"
MFA = "/_sandbox/auth0/mfa.ndjson"


def _service(world: World) -> Service:
    api = Api(world)
    jobs = Jobs(api, world)

    async def password_file(request: web.Request) -> web.StreamResponse:
        return await _sent(request, password_file_lines(world.population, world.config.faults))

    async def mfa_file(request: web.Request) -> web.StreamResponse:
        return await _sent(request, mfa_file_lines(world.population, world.apps))

    def in_file(index: int) -> bool:
        population = world.population
        return index in population.reasons or not is_absent(
            population.people.person(index), world.config.faults
        )

    routes = [
        *api.routes(),
        *Users(api, world).routes(),
        *Organizations(api, world).routes(),
        *Connections(api, world).routes(),
        *Streams(api, world).routes(),
        *jobs.routes(),
        web.get(PASSWORDS, password_file),
        web.get(MFA, mfa_file),
    ]
    return Service(routes, forget=jobs.vanish, in_file=in_file)


async def _sent(request: web.Request, lines: Iterator[bytes]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await response.prepare(request)
    for line in lines:
        await response.write(line)
    await response.write_eof()
    return response


def _error(status: int, name: str, message: str) -> Json:
    code = name.lower().replace(" ", "_")
    return {"statusCode": status, "error": name, "message": message, "errorCode": code}


def _throttled(world: World) -> Refused:
    reset = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(world.clock.now()) + 1)}
    return Refused(429, _error(429, "Too Many Requests", "Global limit has been reached"), reset)


def _table(url: str) -> Mapping[str, str]:
    return {"domain": "sandbox", "base_url": f"{url}/auth0"}


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    config = SandboxConfig()
    return {
        "AUTH0_BASE_URL": f"{url}/auth0",
        "AUTH0_DOMAIN": "sandbox",
        "AUTH0_CLIENT_ID": config.auth0_client_id,
        "AUTH0_CLIENT_SECRET": config.auth0_client_secret,
        "AUTH0_TOKEN": "",
        "AUTH0_WRITE_TOKEN": config.auth0_write_token,
        "AUTH0_CONNECTION_ID": "",
        "AUTH0_REQUESTS_PER_60S": "0",
    }


STAND_IN = StandIn(
    prefixes=frozenset({"auth0"}),
    shape=lambda seed, organizations: Auth0Shape(),
    service=_service,
    error=_error,
    throttled=_throttled,
    table=_table,
    environment=_environment,
    files={"passwords.ndjson": PASSWORDS, "mfa.ndjson": MFA},
    hashes="passwords.ndjson",
    companies=Ids("org_", digits=8),
    second_factor=second_factor,
)
