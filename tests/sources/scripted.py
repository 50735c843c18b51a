"""Providers that page by offset or by cursor, in a few lines each, as one test wants them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, ClassVar

from aiohttp import web

from cockpit.sources.base import Source
from cockpit.state.jobs import Job
from cockpit.terms import Kind, Page
from tests.clocks import FakeClock, LeapingClock
from tests.jobs.world import World
from tests.servers import serving
from tests.sources.memos import FakeMemo, opened, read

Row = dict[str, Any]
Reply = web.StreamResponse | None
KEY = "a-secret-of-this-test"


class Scripted:
    """A provider that has `rows`, oldest first. `before` may answer in its place, or change rows."""

    name = ""
    environment: ClassVar[dict[str, str]] = {}

    def __init__(self, rows: int) -> None:
        self.rows = [self.row(number) for number in range(rows)]
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.before: Callable[[web.Request], Awaitable[Reply]] | None = None

    def row(self, number: int) -> Row:
        """One record."""
        raise NotImplementedError

    def answer(self, path: str, asked: dict[str, Any]) -> Any:
        """What a request is answered with, as JSON."""
        raise NotImplementedError

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        asked = {**request.query, **(json.loads(body) if body else {})}
        self.asked.append(asked)
        self.paths.append(request.raw_path)
        if self.before is not None and (reply := await self.before(request)) is not None:
            return reply
        return web.json_response(self.answer(request.path, asked))

    def pages(self, clock: FakeClock | None = None, memo: FakeMemo | None = None, **how: Any) -> list[Page]:
        """Pages of a chain; see `memos.read`."""

        async def main() -> list[Page]:
            async with serving(self) as url:
                table = {"base_url": url}
                return await read(self.name, table, memo or FakeMemo(), clock or FakeClock(), **how)

        return asyncio.run(main())

    def asking(
        self, ask: Callable[[Source], Awaitable[Any]], clock: FakeClock | None = None, kind: Kind = "user"
    ) -> Any:
        """What the source of a kind says, opened for this question."""

        async def main() -> Any:
            async with serving(self) as url:
                source = await opened(self.name, {"base_url": url}, FakeMemo(), clock or FakeClock(), kind)
                try:
                    return await ask(source)
                finally:
                    await source.close()

        return asyncio.run(main())

    def exported(self, folder: Path) -> tuple[Job, World]:
        """The export of users as a job, in a state of that folder, and the world that it left."""

        async def main() -> tuple[Job, World]:
            async with serving(self) as url:
                table = f'[source]\nprovider = "{self.name}"\nbase_url = "{url}"\n'
                world = World(folder, "http://127.0.0.1:9", table)
                world.environment |= self.environment
                return await world.perform("export", LeapingClock(), source=self.name, kinds=["user"]), world

        return asyncio.run(main())


class Clerk(Scripted):
    """GET /users and /users/count."""

    name = "clerk"
    environment: ClassVar = {"CLERK_SECRET_KEY": KEY, "CLERK_INSTANCE": "test"}

    def row(self, number: int) -> Row:
        return {"id": f"user_{number:05}", "created_at": number}

    def answer(self, path: str, asked: dict[str, Any]) -> Any:
        if path == "/users/count":
            return {"object": "total_count", "total_count": len(self.rows)}
        rows = [row for row in self.rows if row["created_at"] >= int(asked.get("created_at_after", 0))]
        offset, limit = int(asked["offset"]), int(asked["limit"])
        return rows[offset : offset + limit]


class Descope(Scripted):
    """POST /v2/mgmt/user/search; `most` users a page."""

    name = "descope"
    environment: ClassVar = {"DESCOPE_PROJECT_ID": "P1", "DESCOPE_MANAGEMENT_KEY": KEY}
    most = 100

    def row(self, number: int) -> Row:
        return {"userId": f"U{number:05}", "createdTime": number}

    def answer(self, path: str, asked: dict[str, Any]) -> Any:
        since = asked.get("fromCreatedTime", 0)
        rows = [row for row in self.rows if row["createdTime"] * 1000 >= since]
        offset, limit = asked["offset"], min(asked["limit"], self.most)
        return {"users": rows[offset : offset + limit], "total": len(rows)}


class Stytch(Scripted):
    """POST /v1/users/search, or the B2B searches where there are organizations; `total` -1 says nothing.

    `told` is what every organization says besides, `policy` what GET /v1/b2b/rbac/policy does.
    A cursor is good for the generation that it was made in, so that a test can let all of them end.
    """

    name = "stytch"
    environment: ClassVar = {"STYTCH_PROJECT_ID": "project-test-1", "STYTCH_SECRET": KEY}

    def __init__(self, rows: int, organizations: int = 0) -> None:
        self.organizations = [f"organization-{number:04}" for number in range(organizations)]
        self.totals, self.generation = True, 0
        self.told: Row = {}
        self.policy: Row = {}
        super().__init__(rows)

    def row(self, number: int) -> Row:
        if not self.organizations:
            return {"user_id": f"user-{number:05}"}
        return {
            "member_id": f"member-{number:05}",
            "organization_id": self.organizations[number % len(self.organizations)],
            "email_address": f"user{number // 2}@example.com",
        }

    def answer(self, path: str, asked: dict[str, Any]) -> Any:
        if ("/b2b/" in path) != bool(self.organizations):
            raise web.HTTPNotFound
        if path.endswith("/organizations/search"):
            found = [{"organization_id": ident, **self.told} for ident in self.organizations]
            return self._page("organizations", found, asked)
        if path.endswith("/rbac/policy"):
            return {"policy": self.policy}
        if path == "/v1/users/search":
            return self._page("results", self.rows, asked)
        assert asked["organization_ids"]
        theirs = [row for row in self.rows if row["organization_id"] in asked["organization_ids"]]
        return self._page("members", theirs, asked)

    def _page(self, key: str, found: list[Row], asked: dict[str, Any]) -> Any:
        generation, _, start = str(asked.get("cursor") or f"{self.generation} 0").partition(" ")
        if int(generation) != self.generation:
            raise web.HTTPBadRequest(text='{"error_type":"invalid_cursor","error_message":"it has ended"}')
        end = int(start) + asked["limit"]
        following = f"{generation} {end}" if end < len(found) else None
        metadata = {"total": len(found) if self.totals else -1, "next_cursor": following}
        return {key: found[int(start) : end], "results_metadata": metadata}
