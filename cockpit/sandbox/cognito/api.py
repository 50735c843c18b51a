"""POST /: ListUsers with short pages, bound tokens, signatures that age, and throttling by HTTP 400."""

import base64
import binascii
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import web

from cockpit.sandbox.cognito.records import sub_of
from cockpit.sandbox.limits import FixedWindow
from cockpit.sandbox.web import Json, Refused, answer, json_object
from cockpit.sandbox.world import World

BASE = "/cognito"
POOL, REGION = "eu-central-1_Sandbox01", "eu-central-1"
ACCESS_KEY, SECRET_KEY = "SANDBOXACCESSKEY", "sandbox-secret-key"
LIMIT_MOST = 60
LIST_USERS = (30, 1.0)
SKEW_S = 300
_FILTER = re.compile(r'sub \^= "([0-9a-f-]*)"')
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
    r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
)


def error(kind: str, message: str) -> Json:
    """An error as JSON 1.1 words it."""
    return {"__type": kind, "message": message}


def throttled() -> Refused:
    """Too many requests are HTTP 400 here."""
    return Refused(400, error("TooManyRequestsException", "Rate exceeded"))


class Api:
    """One user pool."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._window = FixedWindow(*LIST_USERS)
        self._orders: dict[str, list[tuple[str, int]]] = {}
        self._known = -1

    def routes(self) -> list[web.RouteDef]:
        """The one path of all operations."""
        return [web.post(path, self.call) for path in (BASE, f"{BASE}/")]

    async def call(self, request: web.Request) -> web.Response:
        """Check the signature, then do what X-Amz-Target says."""
        await self._admit(request)
        body = await json_object(request) or {}
        if body.get("UserPoolId") != POOL:
            raise Refused(400, error("ResourceNotFoundException", "User pool does not exist."))
        operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
        if operation == "ListUsers":
            return answer(self._list_users(body))
        if operation == "DescribeUserPool":
            count = len(self._world.population)
            return answer({"UserPool": {"Id": POOL, "EstimatedNumberOfUsers": count}})
        raise Refused(400, error("UnknownOperationException", ""))

    def _list_users(self, body: Json) -> Json:
        limit = body.get("Limit", LIMIT_MOST)
        if not isinstance(limit, int) or not 0 <= limit <= LIMIT_MOST:
            message = f"Value at 'limit' must be less than or equal to {LIMIT_MOST}"
            raise Refused(400, error("InvalidParameterException", message))
        asked = str(body.get("Filter") or "")
        found = _FILTER.fullmatch(asked) if asked else None
        if asked and found is None:
            raise Refused(400, error("InvalidParameterException", "The filter is not supported"))
        order = self._order(found[1] if found else "")
        start = _place(body.get("PaginationToken"), asked)
        # Filtering comes after paging: some pages are short, and one is even empty.
        length = max(1, limit - (start * 7 + len(order)) % 13)
        end = start + length
        users = [self._world.population.record(index) for _, index in order[start:end]]
        page: Json = {"Users": users}
        if end < len(order):
            page["PaginationToken"] = _token(end, asked)
        return page

    def _order(self, prefix: str) -> list[tuple[str, int]]:
        population = self._world.population
        if self._known != len(population):
            self._known, self._orders = len(population), {}
        if prefix not in self._orders:
            first = population.people.count
            idents = (
                (
                    sub_of(population.people.token(index), index)
                    if index < first
                    else population.shape.id_of(population.record(index)),
                    index,
                )
                for index in population.indices()
            )
            self._orders[prefix] = sorted(pair for pair in idents if pair[0].startswith(prefix))
        return self._orders[prefix]

    async def _admit(self, request: web.Request) -> None:
        found = _AUTHORIZATION.fullmatch(request.headers.get("Authorization", ""))
        if found is None:
            raise Refused(400, error("MissingAuthenticationTokenException", "Missing Authentication Token"))
        access, day, region, service, signed, signature = found.groups()
        if access != ACCESS_KEY:
            raise Refused(400, error("UnrecognizedClientException", "The security token is invalid."))
        stamp = request.headers.get("X-Amz-Date", "")
        at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        if abs(self._world.clock.now() + self._world.switches.skew_s - at) > SKEW_S:
            raise Refused(400, error("InvalidSignatureException", f"Signature expired: {stamp}"))
        names = signed.split(";")
        headers = "".join(f"{name}:{' '.join(request.headers.get(name, '').split())}\n" for name in names)
        digest = hashlib.sha256(await request.read()).hexdigest()
        canonical = "\n".join(("POST", quote(request.path), "", headers, signed, digest))
        scope = f"{day}/{region}/{service}/aws4_request"
        text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
        key = f"AWS4{SECRET_KEY}".encode()
        for part in (day, region, service, "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        if not hmac.compare_digest(hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), signature):
            raise Refused(400, error("InvalidSignatureException", "The signature does not match"))
        if self._world.config.limits == "published":
            now = self._world.clock.monotonic()
            if self._window.wait(now):
                raise throttled()
            self._window.take(now)


def _token(place: int, asked: str) -> str:
    return base64.b64encode(json.dumps([place, asked]).encode()).decode()


def _place(token: object, asked: str) -> int:
    """Where a token goes on; it is bound to the parameters it was made with."""
    if not token:
        return 0
    try:
        place, made_with = json.loads(base64.b64decode(str(token)))
    except (binascii.Error, ValueError):
        place, made_with = None, None
    if not isinstance(place, int) or made_with != asked:
        raise Refused(400, error("InvalidParameterException", "Invalid pagination token"))
    return place
