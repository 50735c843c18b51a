"""Webhook endpoints of the target: switched, without their secrets; and a canary that comes and goes."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager

import pytest

from cockpit.clock import SystemClock, millis
from cockpit.settings import TargetSettings
from cockpit.transport import Forbidden
from cockpit.workos import client, limiter
from cockpit.workos.client import WorkOS
from cockpit.workos.replies import Reply
from cockpit.workos.webhook_endpoints import ALLOWED, Endpoints, EndpointsRefused
from tests.jobs.remote import Remote
from tests.sandbox.running import Running


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Running("--source", "none", "--limits", "off") as found:
        yield found


@pytest.fixture
def remote(running: Running) -> Remote:
    found = Remote(running.base_url)
    found.call("POST", "/_sandbox/reset")
    return found


async def once(call: Callable[[], Awaitable[Reply]]) -> Reply:
    return await call()


@asynccontextmanager
async def opened(remote: Remote) -> AsyncIterator[tuple[Endpoints, WorkOS]]:
    settings = TargetSettings(WORKOS_BASE_URL=remote.base_url, WORKOS_API_KEY="sk_sandbox")
    pace = limiter.published(SystemClock(), settings)
    target = client.connect(settings, pace, SystemClock(), allow=ALLOWED)
    try:
        yield Endpoints(target, once), target
    finally:
        await target.close()


def add(remote: Remote, count: int) -> list[str]:
    return [
        remote.call(
            "POST",
            "/webhook_endpoints",
            {"endpoint_url": f"https://app{n}.example/h?token=hush", "events": ["user.created"]},
        )["id"]
        for n in range(count)
    ]


def test_every_page_is_listed_and_nothing_secret_is_kept(remote: Remote) -> None:
    ids = add(remote, 103)

    async def work() -> None:
        async with opened(remote) as (at, _):
            found = await at.listed()
        assert [one.id for one in found] == ids
        assert found[0].url == "https://app0.example/h"
        assert "whsec_" not in repr(found) and "hush" not in repr(found)

    asyncio.run(work())


def test_one_is_switched_off_and_on_again(remote: Remote) -> None:
    add(remote, 2)

    async def work() -> None:
        async with opened(remote) as (at, _):
            first, second = await at.listed()
            for on in (False, False, True):
                await at.turn(second, on=on)
                assert [one.on for one in await at.listed()] == [True, on]
            with pytest.raises(EndpointsRefused, match="HTTP 404"):
                await at.turn(first._replace(id="we_none"), on=False)

    asyncio.run(work())


def test_a_canary_is_seen_in_the_events_and_leaves_nothing(remote: Remote) -> None:
    async def work() -> None:
        async with opened(remote) as (at, target):
            began = millis(SystemClock().now()) - 60_000
            other, canary = await at.fly("another"), await at.fly("canary")
            event = await at.seen(canary, began)
            assert event is not None and event != await at.seen(other, began)
            for _ in range(2):  # one that is gone already is no fault
                await at.land(canary)
            await at.land(other)
            assert await at.seen("org_none", began) is None
            with pytest.raises(Forbidden):
                await target.list_users(None)

    asyncio.run(work())
    assert remote.call("GET", "/organizations")["data"] == []


def test_a_canary_whose_reply_is_lost_is_named(remote: Remote) -> None:
    remote.configure(lose_reply=1)

    async def work() -> None:
        async with opened(remote) as (at, _):
            with pytest.raises(EndpointsRefused, match="'cockpit canary 1' is not known"):
                await at.fly("cockpit canary 1")

    asyncio.run(work())
