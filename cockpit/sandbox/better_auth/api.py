"""The admin plugin's list-users, what the organization plugin tells a member, and the database as a file."""

import asyncio
import random

from aiohttp import web

from cockpit.sandbox.better_auth.database import file
from cockpit.sandbox.better_auth.organizations import member_row, organization_row
from cockpit.sandbox.better_auth.records import ACCOUNTS
from cockpit.sandbox.better_auth.sessions import COOKIE, EMAIL, PASSWORD, Sessions, error
from cockpit.sandbox.companies import Member
from cockpit.sandbox.limits import FixedWindow
from cockpit.sandbox.web import Json, Refused, answer, whole_number
from cockpit.sandbox.world import World

__all__ = ["BASE", "COOKIE", "DATABASE", "EMAIL", "PASSWORD", "Api", "error", "throttled"]

BASE = "/better_auth"
DATABASE = "/_sandbox/better_auth/database.db"
LIMIT_DEFAULT = 100
EACH_PATH, SIGN_INS = (100, 10.0), (3, 10.0)
_SHOWN_OF_A_MEMBER = ("id", "name", "email", "image")


class Api:
    """One application's server."""

    def __init__(self, world: World) -> None:
        self._world, self._sessions = world, Sessions(world)
        self._paths: dict[str, FixedWindow] = {}

    def routes(self) -> list[web.RouteDef]:
        """The API, and the database's file."""
        root = f"{BASE}/api/auth"
        return [
            web.post(f"{root}/sign-in/email", self.sign_in),
            web.get(f"{root}/admin/list-users", self.list_users),
            web.get(f"{root}/organization/list", self.organizations),
            web.get(f"{root}/organization/list-members", self.members),
            web.get(DATABASE, self.database),
        ]

    async def sign_in(self, request: web.Request) -> web.Response:
        """A session cookie for the administrator or a person with a password."""
        self._pace(request, SIGN_INS)
        return await self._sessions.sign_in(request)

    async def list_users(self, request: web.Request) -> web.Response:
        """Without sortBy=id rows come as the database pleases; limit has no most."""
        self._pace(request, EACH_PATH)
        if self._sessions.who(request) is not None:
            message = "You are not allowed to list users"
            raise Refused(403, error("YOU_ARE_NOT_ALLOWED_TO_LIST_USERS", message))
        limit, offset = _bounds(request)
        population = self._world.population
        records = [population.record(index) for index in population.indices()]
        if request.query.get("sortBy") == "id":
            records.sort(key=lambda record: str(record["id"]))
        else:
            random.shuffle(records)
        shown = [_public(record) for record in records[offset : offset + limit]]
        return answer({"users": shown, "total": len(records), "limit": limit, "offset": offset})

    async def organizations(self, request: web.Request) -> web.Response:
        """Only those of the caller."""
        self._pace(request, EACH_PATH)
        person, companies = self._sessions.who(request), self._world.companies
        own = [] if person is None else companies.of(person)
        return answer([organization_row(companies.company(member.company)) for member in own])

    async def members(self, request: web.Request) -> web.Response:
        """The members of ?organizationId=, for one of them; a hundred unless told otherwise."""
        self._pace(request, EACH_PATH)
        person, companies = self._sessions.who(request), self._world.companies
        limit, offset = _bounds(request)
        if "organizationId" not in request.query:
            raise Refused(400, error("NO_ACTIVE_ORGANIZATION", "No active organization"))
        number = companies.find(request.query["organizationId"])
        if number is None or person is None or companies.member(number, person) is None:
            message = "You are not a member of this organization"
            raise Refused(403, error("YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION", message))
        found = companies.members(number)
        shown = [self._member(member) for member in found[offset : offset + limit]]
        return answer({"members": shown, "total": len(found)})

    async def database(self, request: web.Request) -> web.Response:
        """A SQLite file with everybody in it, as of now."""
        world = self._world
        body = await asyncio.to_thread(file, world.population, world.companies, world.apps)
        return web.Response(body=body, content_type="application/vnd.sqlite3")

    def _member(self, member: Member) -> Json:
        user = self._world.population.record(member.person)
        row = member_row(member, self._world.companies.ident(member.company), user["id"])
        return row | {"user": {name: user[name] for name in _SHOWN_OF_A_MEMBER}}

    def _pace(self, request: web.Request, most: tuple[int, float]) -> None:
        if self._world.config.limits == "off":
            return
        window = self._paths.setdefault(request.path, FixedWindow(*most))
        now = self._world.clock.monotonic()
        if wait := window.wait(now):
            raise throttled(wait)
        window.take(now)


def throttled(wait: float) -> Refused:
    """429; the header is X-Retry-After, not Retry-After."""
    message = {"message": "Too many requests. Please try again later."}
    return Refused(429, message, {"X-Retry-After": str(int(wait) + 1)})


def _public(record: Json) -> Json:
    return {field: value for field, value in record.items() if field != ACCOUNTS}


def _bounds(request: web.Request) -> tuple[int, int]:
    limit, offset = whole_number(request, "limit", LIMIT_DEFAULT), whole_number(request, "offset", 0)
    if limit is None or offset is None:
        raise Refused(400, error("VALIDATION_ERROR", "limit and offset are numbers"))
    return limit, offset
