"""Auth0 as one test wants it."""

import asyncio
import gzip
import json
from collections.abc import Callable, Coroutine
from typing import Any

from aiohttp import web

from cockpit.terms import Page
from tests.clocks import FakeClock
from tests.servers import serving
from tests.sources.memos import FakeMemo, read

Reply = web.StreamResponse | None


def line(number: int) -> bytes:
    return json.dumps({"user_id": f"auth0|{number:04}", "name": "Zoë"}).encode() + b"\n"


class Tenant:
    """Auth0 as one test wants it; `before` may answer a request in its place."""

    def __init__(self, users: int = 25) -> None:
        self.file = gzip.compress(b"".join(map(line, range(users))))
        self.headers: dict[str, str] = {}
        self.jobs: dict[str, str] = {}
        self.posted: list[dict[str, Any]] = []
        self.asked: list[str] = []
        self.tokens = 0
        self.token_lives = 86_400
        self.before: Callable[[web.Request], Coroutine[Any, Any, Reply]] | None = None

    def keep_waiting(self, *states: str) -> None:
        """Its first job is in these states when it is asked about, then completed."""
        left = iter(states)

        async def before(request: web.Request) -> Reply:
            if request.path.startswith("/api/v2/jobs/job_"):
                self.jobs["job_1"] = next(left, "completed")
            return None

        self.before = before

    def count(self, start: str) -> int:
        return sum(request.startswith(start) for request in self.asked)

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        if self.before is not None and (reply := await self.before(request)) is not None:
            return reply
        match request.method, request.path.split("/")[1:]:
            case "POST", ["oauth", "token"]:
                self.tokens += 1
                body = await request.json()
                if body["client_secret"] != "sandbox-secret":
                    return web.json_response({"error_description": "Unauthorized"}, status=401)
                assert body["audience"] == "https://acme.example/api/v2/"
                token = {"access_token": f"t{self.tokens}", "expires_in": self.token_lives}
                return web.json_response(token)
            case "POST", ["api", "v2", "jobs", "users-exports"]:
                self.posted.append(await request.json())
                job = f"job_{len(self.posted)}"
                self.jobs[job] = "completed"
                return web.json_response({"id": job, "status": "pending"}, status=201)
            case "GET", ["api", "v2", "jobs", job]:
                if job not in self.jobs:
                    return web.json_response({"message": "The job does not exist."}, status=404)
                location = f"http://{request.host}/file/{job}?Signature=a%2Fb"
                return web.json_response({"id": job, "status": self.jobs[job], "location": location})
            case "GET", ["file", _]:
                assert "authorization" not in request.headers
                assert "%2F" in request.raw_path
                return web.Response(body=self.file, headers=self.headers)
        return web.json_response({"message": "no such thing"}, status=404)


def table(base: str) -> dict[str, Any]:
    return {"base_url": base, "domain": "acme.example", "page_lines": 10}


def exported(tenant: Tenant, memo: FakeMemo, clock: FakeClock | None = None, **how: Any) -> list[Page]:
    async def main() -> list[Page]:
        async with serving(tenant) as base:
            return await read("auth0", table(base), memo, clock or FakeClock(), **how)

    return asyncio.run(main())


def everybody(users: int = 25) -> list[str]:
    return [f"auth0|{number:04}" for number in range(users)]
