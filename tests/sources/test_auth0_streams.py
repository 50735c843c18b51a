"""Auth0's streams: read by one client, switched by another that can do nothing else."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.sandbox.config import SandboxConfig
from cockpit.sources import base
from cockpit.sources._auth0_streams import READS, WRITES, _bare
from cockpit.sources.base import SourceRefused, Stream, Webhooks
from cockpit.transport import Allow, Forbidden, client, quiet
from tests.jobs.remote import Remote
from tests.sandbox.running import Running
from tests.sources.memos import settings_with

WRITE_TOKEN = SandboxConfig().auth0_write_token
CREDENTIALS = {"AUTH0_CLIENT_ID": "sandbox", "AUTH0_CLIENT_SECRET": "sandbox-secret"}


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Running("--source", "auth0", "--users", "5", "--limits", "off") as running:
        yield running.base_url


@pytest.fixture
def table(url: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    Remote(url).call("POST", "/_sandbox/reset")
    return {"domain": "sandbox", "base_url": f"{url}/auth0"}


def webhooks() -> Webhooks:
    found = base.find("auth0").webhooks
    assert found is not None
    return found


async def listed(table: dict[str, Any]) -> list[Stream]:
    streams = webhooks().open(settings_with(table), SystemClock(), quiet)
    try:
        return [*await streams.listed()]
    finally:
        await streams.close()


async def turned(table: dict[str, Any], token: str, stream: Stream, *, on: bool) -> None:
    switch = webhooks().switch(settings_with(table), token, SystemClock(), quiet)
    try:
        await switch.turn(stream, on=on)
    finally:
        await switch.close()


def test_both_kinds_are_listed_with_what_they_queue_and_no_secret(table: dict[str, Any]) -> None:
    log, event = asyncio.run(listed(table))
    assert (log.kind, log.on, log.queues) == ("log stream", True, True)
    assert (event.kind, event.on, event.queues) == ("event stream", True, False)
    assert log.endpoint == "https://consumer.example/auth0/logs"
    assert "Bearer" not in repr(log)


@pytest.mark.parametrize("place", [0, 1])
def test_each_is_turned_off_and_on_again(table: dict[str, Any], place: int) -> None:
    async def states() -> list[bool]:
        found = []
        for on in (False, False, True):
            stream = (await listed(table))[place]
            await turned(table, WRITE_TOKEN, stream, on=on)
            found.append((await listed(table))[place].on)
        return found

    assert asyncio.run(states()) == [False, False, True]


def test_a_token_that_may_not_is_told_what_it_needs(table: dict[str, Any]) -> None:
    async def work() -> None:
        (log, _) = await listed(table)
        with pytest.raises(SourceRefused, match="update:log_streams and update:event_streams"):
            await turned(table, "another", log, on=False)
        assert (await listed(table))[0].on

    asyncio.run(work())


def test_neither_client_can_send_anything_else(url: str) -> None:
    before = Remote(url).call("GET", "/_sandbox/stats")["requests"]

    async def refused(allow: list[Allow], method: str, path: str) -> None:
        http = client(f"{url}/auth0", allow=allow)
        try:
            with pytest.raises(Forbidden):
                await http.request(method, path)
        finally:
            await http.close()

    async def work() -> None:
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            await refused(READS, method, "/api/v2/log-streams/lst_1")
            await refused(READS, method, "/api/v2/event-streams")
        for method in ("GET", "POST", "PUT", "DELETE"):
            await refused(WRITES, method, "/api/v2/log-streams/lst_1")
        for path in ("/api/v2/users/auth0|1", "/api/v2/log-streams", "/api/v2/log-streams/a/b"):
            await refused(WRITES, "PATCH", path)

    asyncio.run(work())
    after = Remote(url).call("GET", "/_sandbox/stats")["requests"]
    assert json.dumps(after) == json.dumps(before | {"control": before["control"] + 1})
    assert {rule.method for rule in WRITES} == {"PATCH"}
    assert not any("streams" in rule.path for rule in base.find("auth0").allowed)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ada:hush@hooks.example/a?token=hush#hush", "https://hooks.example/a"),
        ("http://127.0.0.1:8788/auth0", "http://127.0.0.1:8788/auth0"),
        (None, None),
        (7, None),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: object, shown: str | None) -> None:
    assert _bare(url) == shown
