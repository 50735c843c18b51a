"""The admin plugin's list-users, sign-in by e-mail, and the whole database as a SQLite file."""

import asyncio
import random
import secrets
import sqlite3
import tempfile
from pathlib import Path

from aiohttp import web

from cockpit.sandbox.better_auth.records import ACCOUNTS
from cockpit.sandbox.limits import FixedWindow
from cockpit.sandbox.population import Population
from cockpit.sandbox.web import Json, Refused, answer, json_object, whole_number
from cockpit.sandbox.world import World

BASE = "/better_auth"
DATABASE = "/_sandbox/better_auth/database.db"
EMAIL, PASSWORD = "admin@sandbox.example", "sandbox-admin"
COOKIE = "better-auth.session_token"
LIMIT_DEFAULT = 100
EACH_PATH, SIGN_INS = (100, 10.0), (3, 10.0)

_USER = (
    *("id", "name", "email", "emailVerified", "image", "createdAt", "updatedAt", "role", "banned"),
    *("banReason", "banExpires", "twoFactorEnabled", "plan", "note"),
)
_BOOLEANS = {"emailVerified", "banned", "twoFactorEnabled"}
_SCHEMA = """
create table "user"({columns}, primary key("id"));
create table account("id" integer primary key, "accountId" text, "providerId" text, "userId" text,
    "accessToken" text, "password" text);
create index account_by_user on account("userId");
"""


def error(code: str, message: str) -> Json:
    """An error as Better Auth words it."""
    return {"code": code, "message": message}


class Api:
    """One application's server."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._paths: dict[str, FixedWindow] = {}

    def routes(self) -> list[web.RouteDef]:
        """The API, and the database's file."""
        return [
            web.post(f"{BASE}/api/auth/sign-in/email", self.sign_in),
            web.get(f"{BASE}/api/auth/admin/list-users", self.list_users),
            web.get(DATABASE, self.database),
        ]

    async def sign_in(self, request: web.Request) -> web.Response:
        """A session cookie for the administrator."""
        self._pace(request, SIGN_INS)
        body = await json_object(request) or {}
        if "Origin" not in request.headers:
            raise Refused(403, error("MISSING_OR_NULL_ORIGIN", "Missing or null Origin"))
        if (body.get("email"), body.get("password")) != (EMAIL, PASSWORD):
            raise Refused(401, error("INVALID_EMAIL_OR_PASSWORD", "Invalid email or password"))
        token = self._world.tokens.mint("", self._world.switches.token_ttl)
        answered = answer({"redirect": False, "token": token, "user": {"email": EMAIL}})
        answered.set_cookie(COOKIE, f"{token}.{secrets.token_hex(8)}", httponly=True, samesite="Lax")
        return answered

    async def list_users(self, request: web.Request) -> web.Response:
        """Without sortBy=id rows come as the database pleases; limit has no most."""
        self._pace(request, EACH_PATH)
        token = request.cookies.get(COOKIE, "").rpartition(".")[0]
        if not self._world.tokens.is_valid(token):
            raise Refused(401, error("UNAUTHORIZED", "Unauthorized"))
        limit, offset = whole_number(request, "limit", LIMIT_DEFAULT), whole_number(request, "offset", 0)
        if limit is None or offset is None:
            raise Refused(400, error("VALIDATION_ERROR", "limit and offset are numbers"))
        population = self._world.population
        records = [population.record(index) for index in population.indices()]
        if request.query.get("sortBy") == "id":
            records.sort(key=lambda record: str(record["id"]))
        else:
            random.shuffle(records)
        shown = [_public(record) for record in records[offset : offset + limit]]
        return answer({"users": shown, "total": len(records), "limit": limit, "offset": offset})

    async def database(self, request: web.Request) -> web.Response:
        """A SQLite file with everybody in it, as of now."""
        body = await asyncio.to_thread(_file, self._world.population)
        return web.Response(body=body, content_type="application/vnd.sqlite3")

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


def _file(population: Population) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "database.db")
        connection = sqlite3.connect(path)
        columns = (f'"{name}" {"integer" if name in _BOOLEANS else "text"}' for name in _USER)
        connection.executescript(_SCHEMA.format(columns=", ".join(columns)))
        for index in population.indices():
            record = population.record(index)
            marks = ", ".join("?" * len(_USER))
            values = [_kept(record.get(name)) for name in _USER]
            connection.execute(f'insert into "user" values({marks})', values)
            connection.executemany(
                'insert into account("accountId", "providerId", "userId", "accessToken", "password") '
                "values(?, ?, ?, 'an-access-token', ?)",
                [
                    (one["accountId"] or record["id"], one["providerId"], record["id"], one["password"])
                    for one in record.get(ACCOUNTS, [])
                ],
            )
        connection.commit()
        connection.close()
        return path.read_bytes()


def _kept(value: object) -> object:
    return int(value) if isinstance(value, bool) else value
