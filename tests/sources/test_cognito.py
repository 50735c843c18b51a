"""Cognito's chains share one pace: even at the default, and held back together by an HTTP 400 throttle."""

import asyncio
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from cockpit.sandbox import standins
from cockpit.sandbox.config import SandboxConfig
from cockpit.sources.base import Source
from cockpit.terms import Page
from tests.clocks import FakeClock, settle
from tests.sandbox.inside import Sandbox, inside
from tests.servers import serving
from tests.sources.memos import FakeMemo, ids, opened
from tests.sources.sides import read

USERS = 3000
CHAINS, ALONE = 16, 4
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": ""}
POOL = {"user_pool_id": "eu-central-1_Pool"}


async def everybody(source: Source) -> list[Page]:
    """All pages, by all chains at once."""
    pages = await asyncio.gather(*[read(source, chain) for chain in await source.chains()])
    return [page for chain in pages for page in chain]


async def from_sandbox(
    sandbox: Sandbox, environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> list[Page]:
    sandbox.clock.advance(time.time() - sandbox.clock.now())  # the AWS SDK signs by the machine's clock
    stand_in = standins.find("cognito")
    for name, value in {**stand_in.environment(sandbox.base_url, Path()), **environment}.items():
        monkeypatch.setenv(name, value)
    source = await opened("cognito", dict(stand_in.table(sandbox.base_url)), FakeMemo(), sandbox.clock)
    try:
        return await everybody(source)
    finally:
        await source.close()


def test_sixteen_chains_at_the_default_pace_stay_far_below_the_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(sandbox: Sandbox) -> None:
        began = sandbox.clock.monotonic()
        found = await from_sandbox(sandbox, {"COGNITO_REQUESTS_PER_S": "5"}, monkeypatch)
        took, requests = sandbox.clock.monotonic() - began, sandbox.world.requests["cognito"]
        assert len(set(ids(found))) == len(ids(found)) == USERS
        assert requests / (took + 1) <= 5

    inside(SandboxConfig(source="cognito", users=USERS), test)


def test_what_is_throttled_comes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    async def test(sandbox: Sandbox) -> None:
        found = await from_sandbox(sandbox, {"COGNITO_REQUESTS_PER_S": "1000"}, monkeypatch)
        assert len(set(ids(found))) == len(ids(found)) == USERS
        assert sandbox.world.requests["cognito"] > len(found)  # so some were refused

    inside(SandboxConfig(source="cognito", users=USERS), test)


def test_chains_do_not_each_try_again_while_it_throttles(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    all_sent = asyncio.Event()
    asked = under_way = most = 0

    async def answer(request: web.Request) -> web.Response:
        nonlocal asked, under_way, most
        asked += 1
        under_way += 1
        if asked == CHAINS:
            all_sent.set()
        await all_sent.wait()
        await settle()
        refuse = asked <= CHAINS + ALONE
        if CHAINS < asked <= CHAINS + ALONE + 1:
            most = max(most, under_way)
        under_way -= 1
        if refuse:
            return web.json_response({"__type": "TooManyRequestsException"}, status=400)
        digit = json.loads(await request.text())["Filter"][-2]
        user: dict[str, Any] = {"Attributes": [{"Name": "sub", "Value": f"{digit}-one"}]}
        return web.json_response({"Users": [user]})

    async def main() -> list[Page]:
        async with serving(answer) as url:
            table = {**POOL, "base_url": url, "requests_per_s": 1000}
            clock = FakeClock(auto=False)
            source = await opened("cognito", table, FakeMemo(), clock)
            try:
                reading = asyncio.create_task(everybody(source))
                while not reading.done():
                    await clock.advance(0.02)
                return await reading
            finally:
                await source.close()

    found = asyncio.run(main())
    assert sorted(ids(found)) == sorted(f"{digit}-one" for digit in "0123456789abcdef")
    assert most == 1
    assert asked == CHAINS + ALONE + CHAINS
