"""Every provider under examination, each against its stand-in: by a few reading requests."""

import asyncio
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from cockpit.clock import Clock, SystemClock
from cockpit.doctor import source
from cockpit.findings import Finding
from cockpit.sandbox import standins
from cockpit.sources import base
from cockpit.sources.base import Checkup
from cockpit.transport import Client, Response
from tests.clocks import LeapingClock
from tests.sandbox.running import Running
from tests.servers import serving
from tests.sources import sides
from tests.sources.memos import settings_with
from tests.sources.scripted import Clerk
from tests.sources.sides import Side

USERS = 1300
MOST_REQUESTS = 12
"""Firebase's is the most: a login, tenants, a page, parameters and a count for each of them."""
UNCOUNTED = {"auth0", "stytch_b2b"}
"""Auth0 shows no total from 1,000 on, a B2B project only that of its organizations."""
SECRETS = {
    "auth0": "AUTH0_CLIENT_SECRET", "better_auth": "BETTER_AUTH_PASSWORD", "clerk": "CLERK_SECRET_KEY",
    "cognito": "AWS_ACCESS_KEY_ID", "descope": "DESCOPE_MANAGEMENT_KEY", "stytch": "STYTCH_SECRET",
    "supabase": "SUPABASE_SERVICE_ROLE_KEY",
}  # fmt: skip
"""What to spoil of a provider's credentials; Firebase's are a file."""
WRONG = "wrong-and-secret"


@pytest.fixture(scope="module", params=standins.names())
def side(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Side]:
    with Running("--source", request.param, "--users", str(USERS), "--limits", "off") as running:
        yield Side(request.param, running.base_url, tmp_path_factory.mktemp(request.param))


@pytest.fixture
def switched(side: Side) -> Iterator[Callable[..., None]]:
    before: dict[str, Any] = {}

    def switch(**switches: Any) -> None:
        now = side.control("GET", "config")
        for name in switches:
            before.setdefault(name, now[name])
        side.control("POST", "config", switches)

    yield switch
    side.control("POST", "config", before)


def examined(
    side: Side,
    clock: Clock | None = None,
    *,
    bound: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> tuple[dict[str, Finding], Checkup]:
    """Findings by their check, and what the source said of itself."""
    with mock.patch.dict(os.environ, {**side.environment, **(environment or {})}):
        work = source.examine(side.provider, settings_with(side.table), clock or SystemClock(), bound)
        findings, checkup = asyncio.run(work)
    assert all(finding.next for finding in findings if finding.level != "ok")
    return {finding.check: finding for finding in findings}, checkup


def by_api(side: Side) -> dict[str, str]:
    """What opens the API's door: Better Auth's database has neither a login nor a clock."""
    return sides.by_api(side.name, side.base_url)


def wrong_credentials(side: Side, folder: Path) -> dict[str, str]:
    """Variables of somebody whom the provider does not know."""
    if side.provider != "firebase":
        return {SECRETS[side.provider]: WRONG}
    account = json.loads(Path(side.environment["GOOGLE_APPLICATION_CREDENTIALS"]).read_text())
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    file = folder / "stranger.json"
    file.write_text(json.dumps(account | {"private_key": pem}))
    return {"GOOGLE_APPLICATION_CREDENTIALS": str(file)}


def test_with_good_credentials_nothing_fails(side: Side) -> None:
    found, checkup = examined(side)
    assert found["credentials"].level == "ok"
    assert side.identity() in found["credentials"].what
    assert not [finding for finding in found.values() if finding.level == "fail"]
    counted = side.control("GET", "stats")["source"]["users"]
    assert checkup.users == (None if side.name in UNCOUNTED else counted)
    if side.name == "stytch_b2b":
        assert checkup.organizations


def test_it_sends_a_few_reading_requests(side: Side) -> None:
    sent: list[tuple[str, str]] = []
    request = Client.request

    async def recorded(self: Client, method: str, url: str, **kwargs: Any) -> Response:
        sent.append((method, url.partition("?")[0]))
        return await request(self, method, url, **kwargs)

    with mock.patch.object(Client, "request", recorded):
        examined(side)
    if side.name != "better_auth":  # its database is read
        assert 0 < len(sent) <= MOST_REQUESTS
    rules = base.find(side.provider).allowed
    for method, path in sent:
        allowed = any(rule.method == method and re.fullmatch(rule.path, path) for rule in rules)
        assert allowed or (side.name == "firebase" and path.endswith("/token")), (method, path)
    assert not [path for _, path in sent if "users-exports" in path]  # it would start a job


def test_wrong_credentials_fail_and_no_secret_is_shown(side: Side, tmp_path: Path) -> None:
    found, checkup = examined(side, environment=by_api(side) | wrong_credentials(side, tmp_path))
    assert found["credentials"].level == "fail"
    assert WRONG not in repr(found)
    assert "resumes" not in repr(found)
    assert checkup == Checkup()


@pytest.mark.parametrize(("status", "said"), [(503, "its side is not well"), (429, "429|too many requests")])
def test_a_source_that_is_not_well_is_given_up_soon(
    side: Side, switched: Callable[..., None], status: int, said: str
) -> None:
    switched(refuse=status)
    clock = LeapingClock()
    began = clock.monotonic()
    found, _ = examined(side, clock, environment=by_api(side))
    assert found["answer"].level == "fail"
    assert any(part in found["answer"].what for part in said.split("|"))
    assert clock.monotonic() - began < 2 * source.PATIENCE_S


def test_a_clock_that_is_off_is_told(side: Side, switched: Callable[..., None]) -> None:
    switched(skew_s=-60.0)
    found, _ = examined(side, environment=by_api(side))
    assert found["clock"].level == "warn"
    switched(skew_s=400.0)
    found, _ = examined(side, environment=by_api(side))
    assert found["clock"].level == "fail"
    assert "behind" in found["clock"].what
    if side.name == "cognito":  # the signature is refused, and the clock says why
        assert "InvalidSignature" in found["answer"].what


def test_each_side_names_what_it_lacks(side: Side, switched: Callable[..., None]) -> None:
    if side.name == "auth0":
        switched(job_scope=False)
        found, _ = examined(side)
        assert found["scopes"].level == "warn" and "create:users" in found["scopes"].what
        switched(job_scope=True, denied_scope="read:users")
        found, checkup = examined(side)
        assert found["scopes"].level == "fail" and "read:users" in found["scopes"].what
        assert found["credentials"].level == "ok"
        assert checkup.users is None
    elif side.name == "firebase":
        assert examined(side)[0]["hashes"].level == "ok"
        switched(redacted=True)
        hashes = examined(side)[0]["hashes"]
        assert hashes.level == "fail" and "firebaseauth.configs.getHashConfig" in hashes.next
    elif side.name == "supabase":
        assert examined(side)[0]["door"].level == "warn"
    elif side.name == "better_auth":
        assert "user, account" in examined(side)[0]["tables"].what
        assert examined(side, environment=by_api(side))[0]["hashes"].level == "warn"
    else:
        assert not [finding for finding in examined(side)[0].values() if finding.level != "ok"]


def test_a_state_of_another_source_fails(side: Side) -> None:
    assert "binding" not in examined(side, bound=side.identity())[0]
    found, _ = examined(side, bound="auth0:other.example")
    assert found["binding"].level == "fail"
    assert "auth0:other.example" in found["binding"].what


def test_without_settings_it_says_what_is_missing() -> None:
    for name in base.names():
        with mock.patch.dict(os.environ, clear=True):
            work = source.examine(name, settings_with({}), SystemClock(), None)
            (finding,), _ = asyncio.run(work)
        assert (finding.level, finding.check) == ("fail", "settings")
        assert finding.what.startswith(f"{name}: no ")
        assert finding.next.startswith("set ")


def test_replies_that_are_not_the_api_s_are_a_failure_not_a_crash() -> None:
    async def odd(request: web.Request) -> web.StreamResponse:
        return web.json_response({"nothing": "of the kind"})

    async def main() -> list[Finding]:
        async with serving(odd) as url:
            settings = settings_with({"base_url": url})
            return (await source.examine("clerk", settings, SystemClock(), None))[0]

    with mock.patch.dict(os.environ, Clerk.environment):
        found = {finding.check: finding for finding in asyncio.run(main())}
    assert found["answer"].level == "fail"
    assert "KeyError" in found["answer"].what
