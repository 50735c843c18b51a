"""The published limits of Clerk, Stytch and Descope: kept to the last request, each told in its own way."""

import pytest

from cockpit.sandbox.clerk.api import BASE as CLERK
from cockpit.sandbox.clerk.api import KEY as CLERK_KEY
from cockpit.sandbox.config import RateWindow, SandboxConfig
from cockpit.sandbox.descope.api import BASE as DESCOPE
from cockpit.sandbox.descope.api import KEY as DESCOPE_KEY
from cockpit.sandbox.descope.api import PROJECT as DESCOPE_PROJECT
from cockpit.sandbox.stytch.api import basic
from tests.sandbox.inside import Answer, Sandbox, inside


async def clerk(sandbox: Sandbox) -> Answer:
    return await sandbox.call("GET", f"{CLERK}/users/count", CLERK_KEY)


async def stytch(sandbox: Sandbox) -> Answer:
    headers = {"Authorization": basic()}
    return await sandbox.call("POST", "/v1/users/search", None, json={"limit": 1}, headers=headers)


async def descope(sandbox: Sandbox) -> Answer:
    key = f"{DESCOPE_PROJECT}:{DESCOPE_KEY}"
    return await sandbox.call("POST", f"{DESCOPE}/v2/mgmt/user/search", key, json={"limit": 1})


SOURCES = {"clerk": (clerk, 1000, 10), "stytch": (stytch, 150, 60), "descope": (descope, 200, 60)}


@pytest.mark.parametrize("kind", ["fixed", "sliding"])
@pytest.mark.parametrize("source", SOURCES)
def test_the_last_request_of_a_window_passes_and_the_next_does_not(source: str, kind: RateWindow) -> None:
    ask, limit, seconds = SOURCES[source]

    async def test(sandbox: Sandbox) -> None:
        sandbox.clock.advance(-sandbox.clock.now() % 60)
        assert {(await ask(sandbox)).status for _ in range(limit)} == {200}
        assert (await ask(sandbox)).status == 429
        sandbox.clock.advance(seconds - 1)
        assert (await ask(sandbox)).status == 429
        sandbox.clock.advance(1)
        assert (await ask(sandbox)).status == 200
        assert sandbox.world.budgets.refused == {"source": 2 if source != "descope" else 1}

    inside(SandboxConfig(source=source, users=1, rate_window=kind), test)


@pytest.mark.parametrize(("source", "told"), [("clerk", "11"), ("stytch", None), ("descope", "61")])
def test_when_to_come_back_is_told_by_some(source: str, told: str | None) -> None:
    ask, limit, _ = SOURCES[source]

    async def test(sandbox: Sandbox) -> None:
        sandbox.clock.advance(-sandbox.clock.now() % 60)
        for _ in range(limit):
            await ask(sandbox)
        refused = await ask(sandbox)
        assert (refused.status, refused.headers.get("Retry-After")) == (429, told)

    inside(SandboxConfig(source=source, users=1), test)


def test_who_asks_descope_too_often_is_shut_out_for_a_minute_from_then_on() -> None:
    async def test(sandbox: Sandbox) -> None:
        sandbox.clock.advance(30 - sandbox.clock.now() % 60)
        for _ in range(200):
            await descope(sandbox)
        refused = await descope(sandbox)
        assert refused.headers["Retry-After"] == "61"
        sandbox.clock.advance(45)
        assert (await descope(sandbox)).headers["Retry-After"] == "16"
        sandbox.clock.advance(15)
        assert (await descope(sandbox)).status == 200

    inside(SandboxConfig(source="descope", users=1), test)


@pytest.mark.parametrize("source", SOURCES)
def test_without_limits_there_are_none(source: str) -> None:
    ask, limit, _ = SOURCES[source]

    async def test(sandbox: Sandbox) -> None:
        assert {(await ask(sandbox)).status for _ in range(limit + 1)} == {200}

    inside(SandboxConfig(source=source, users=1, limits="off"), test)
