"""GET /v1/users and /v1/users/count: offset paging with Clerk's defaults, which lose whoever trusts them."""

import csv
import io

from aiohttp import web

from cockpit.sandbox import ties
from cockpit.sandbox.clerk.records import digest_of
from cockpit.sandbox.limits import window
from cockpit.sandbox.web import Json, Refused, answer, whole_number
from cockpit.sandbox.world import World

BASE = "/clerk/v1"
CSV = "/_sandbox/clerk/users.csv"
KEY = "sk_live_sandbox"
LIMIT_DEFAULT, LIMIT_MOST = 10, 500
PRODUCTION = (1000, 10.0)
ORDERS = {f"{sign}{field}" for sign in ("", "+", "-") for field in ("created_at", "updated_at")}

HEADER = (
    *("id", "first_name", "last_name", "username", "primary_email_address", "primary_phone_number"),
    *("verified_email_addresses", "unverified_email_addresses", "verified_phone_numbers"),
    *("unverified_phone_numbers", "totp_secret", "password_digest", "password_hasher"),
)


def error(status: int, code: str, message: str) -> Json:
    """An error as the Backend API words it."""
    return {
        "errors": [{"message": message, "long_message": message, "code": code}],
        "clerk_trace_id": "sandbox",
    }


def bounds(request: web.Request) -> tuple[int, int]:
    """offset and limit."""
    limit, offset = whole_number(request, "limit", LIMIT_DEFAULT), whole_number(request, "offset", 0)
    if limit is None or offset is None or not 1 <= limit <= LIMIT_MOST:
        raise Refused(422, error(422, "form_param_value_invalid", f"limit must be 1 to {LIMIT_MOST}"))
    return offset, limit


def ordering(request: web.Request) -> str:
    """order_by, with its sign."""
    order = request.query.get("order_by", "-created_at")
    if order not in ORDERS:
        # A bare + in a query string is a space.
        raise Refused(422, error(422, "form_param_value_invalid", f"order_by does not know {order!r}"))
    return order


def throttled(wait: float) -> Refused:
    """429, with Retry-After in whole seconds."""
    body = error(429, "too_many_requests", "Too many requests. Please try again in a bit.")
    return Refused(429, body, {"Retry-After": str(int(wait) + 1)})


class Api:
    """Reading users; the only key is KEY."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._quota = window(world.config.rate_window, *PRODUCTION)

    def routes(self) -> list[web.RouteDef]:
        """The API, and the CSV that the dashboard would give."""
        return [
            web.get(f"{BASE}/users", self.users),
            web.get(f"{BASE}/users/count", self.count),
            web.get(CSV, self.csv),
        ]

    async def users(self, request: web.Request) -> web.Response:
        """A bare array; newest first unless told otherwise, ten of them unless told otherwise."""
        self.admit(request)
        query = request.query
        offset, limit = bounds(request)
        order = ordering(request)
        tied = self._world.switches.tied
        indices = self._indices(query.get("created_at_after"), query.get("created_at_before"))
        indices = ties.ordered(indices, tied, f"{offset} {limit}")
        if order.startswith("-"):
            indices.reverse()
        return answer([self._public(index) for index in indices[offset : offset + limit]])

    async def count(self, request: web.Request) -> web.Response:
        """How many users there are."""
        self.admit(request)
        return answer({"object": "total_count", "total_count": len(self._world.population)})

    async def csv(self, request: web.Request) -> web.Response:
        """Everybody, with digests and the secrets of authenticator apps."""
        population = self._world.population
        text = io.StringIO()
        writer = csv.DictWriter(text, HEADER, restval="", lineterminator="\n")
        writer.writeheader()
        for index in population.indices():
            if index >= population.people.count:
                continue
            record, person = population.record(index), population.people.person(index)
            digest = digest_of(record, person, population.reasons.get(index))
            hasher = "bcrypt" if digest else ""
            totp = self._world.apps.totp(index)
            writer.writerow(
                {
                    "id": record["id"],
                    "first_name": record.get("first_name"),
                    "last_name": record.get("last_name"),
                    "primary_email_address": person.email,
                    "totp_secret": totp.secret if totp and totp.verified else "",
                    "password_digest": digest,
                    "password_hasher": hasher,
                }
            )
        return web.Response(text=text.getvalue(), content_type="text/csv")

    def _indices(self, after: str | None, before: str | None) -> list[int]:
        low, high = int(after or 0), int(before or 1 << 62)
        population = self._world.population
        if after is None and before is None:
            return list(population.indices())
        return [index for index in population.indices() if low <= self._created(index) <= high]

    def _created(self, index: int) -> int:
        population = self._world.population
        if index < population.people.count:
            return population.people.created_at(ties.eldest(population, index, self._world.switches.tied))
        return int(population.record(index)["created_at"])

    def _public(self, index: int) -> Json:
        record = self._world.population.record(index) | {"created_at": self._created(index)}
        return {field: value for field, value in record.items() if field != "password_digest"}

    def admit(self, request: web.Request) -> None:
        """Check the key and the rate."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            raise Refused(401, error(401, "authentication_invalid", "Invalid authentication"))
        if wait := self._world.budgets.admit_source(self._quota, self._world.clock.monotonic()):
            raise throttled(wait)
