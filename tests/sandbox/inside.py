"""A sandbox inside the test's own process, under a clock that the test moves."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import ClientResponse, ClientSession
from aiohttp.test_utils import TestServer

from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.server import WORLD, build_app
from cockpit.sandbox.world import World
from tests.sandbox.manual_clock import ManualClock

BCRYPT = "$2b$04$RDFyDS1tGPpm7qOVC30pnOrX7Bwyldjn/PA.9EUGug/xeINdmu4RK"
"""Of the password "correct horse battery"."""


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    raw: bytes
    body: Any

    @property
    def code(self) -> str:
        """WorkOS's error code."""
        return str(self.body["code"])


@dataclass
class Sandbox:
    """The world, its clock and a client of it."""

    world: World
    clock: ManualClock
    base_url: str
    session: ClientSession

    async def call(self, method: str, path: str, key: str | None = "sk_sandbox", **options: Any) -> Answer:
        """One request with the API key, or another bearer token, or none."""
        headers = dict(options.pop("headers", {}))
        if key is not None:
            headers["Authorization"] = f"Bearer {key}"
        async with self.session.request(method, self.base_url + path, headers=headers, **options) as response:
            return await _answer(response)

    async def create(self, **body: Any) -> Answer:
        """POST /user_management/users."""
        return await self.call("POST", "/user_management/users", json=body)

    async def auth0_token(self) -> str:
        """A token of Auth0's Management API."""
        body = {
            "grant_type": "client_credentials",
            "client_id": "sandbox",
            "client_secret": "sandbox-secret",
            "audience": f"{self.base_url}/auth0/api/v2/",
        }
        return str((await self.call("POST", "/auth0/oauth/token", None, json=body)).body["access_token"])

    async def configure(self, **switches: Any) -> Answer:
        """POST /_sandbox/config."""
        return await self.call("POST", "/_sandbox/config", None, json=switches)


async def _answer(response: ClientResponse) -> Answer:
    raw = await response.read()
    is_json = response.content_type == "application/json"
    return Answer(
        response.status, dict(response.headers.items()), raw, await response.json() if is_json else None
    )


def inside(config: SandboxConfig, test: Callable[[Sandbox], Awaitable[None]]) -> None:
    """Run the test against a sandbox of that configuration."""

    async def main() -> None:
        clock = ManualClock()
        app = build_app(config, clock)
        async with TestServer(app) as server, ClientSession(auto_decompress=False) as session:
            await test(Sandbox(app[WORLD], clock, str(server.make_url("")).rstrip("/"), session))

    asyncio.run(main())


BARE = SandboxConfig(source="none", limits="off")
"""WorkOS alone, without limits."""
