"""Cognito as a source of the sandbox."""

from collections.abc import Mapping
from pathlib import Path

from cockpit.sandbox.cognito.api import ACCESS_KEY, BASE, POOL, REGION, SECRET_KEY, Api, throttled
from cockpit.sandbox.cognito.paging import error
from cockpit.sandbox.cognito.records import CognitoShape
from cockpit.sandbox.companies import AT_MOST_ONE, Ids
from cockpit.sandbox.standins import Service, StandIn
from cockpit.sandbox.web import Json, Refused


def _error(status: int, name: str, message: str) -> Json:
    return error(f"{name.title().replace(' ', '')}Exception", message)


def _environment(url: str, folder: Path) -> Mapping[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_SESSION_TOKEN": "",
        "COGNITO_PROFILE": "",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL": url + BASE,
        "COGNITO_USER_POOL_ID": POOL,
        "COGNITO_REQUESTS_PER_S": "1000",
    }


STAND_IN = StandIn(
    prefixes=frozenset({"cognito"}),
    shape=lambda seed, organizations: CognitoShape(),
    service=lambda world: Service(Api(world).routes()),
    error=_error,
    throttled=lambda world: throttled(),
    table=lambda url: {"base_url": url + BASE, "user_pool_id": POOL, "region": REGION},
    environment=_environment,
    companies=Ids("tenant-", digits=0),
    memberships=AT_MOST_ONE,
    expired=lambda: Refused(400, error("ExpiredTokenException", "The security token is expired")),
)
