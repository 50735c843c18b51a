"""POST /: what is read of a pool, with signatures that age, and throttling by HTTP 400."""

import hashlib
import hmac
import re
from datetime import UTC, datetime
from urllib.parse import quote

from aiohttp import web

from cockpit.sandbox.cognito.groups import Groups
from cockpit.sandbox.cognito.paging import error, page
from cockpit.sandbox.cognito.providers import Providers
from cockpit.sandbox.cognito.records import external_name, sub_of
from cockpit.sandbox.limits import FixedWindow
from cockpit.sandbox.web import Json, Refused, answer, json_object
from cockpit.sandbox.world import World

BASE = "/cognito"
POOL, REGION = "eu-central-1_Sandbox01", "eu-central-1"
DOMAIN, CUSTOM_DOMAIN = "sandbox", "login.sandbox.example"
ACCESS_KEY, SECRET_KEY = "SANDBOXACCESSKEY", "sandbox-secret-key"
LIST_USERS = (30, 1.0)
SKEW_S = 300
APP = "SOFTWARE_TOKEN_MFA"
_FILTER = re.compile(r'sub \^= "([0-9a-f-]*)"')
_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, ?"
    r"SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})"
)


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
        self._groups = Groups(world, POOL, self._record)
        self._providers = Providers(world, POOL)

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
        return answer(self._done(request, operation, body))

    def _done(self, request: web.Request, operation: str, body: Json) -> Json:
        match operation:
            case "ListUsers":
                return self._list_users(body)
            case "ListGroups":
                return self._groups.list(body)
            case "ListUsersInGroup":
                return self._groups.users(body)
            case "AdminListGroupsForUser":
                return self._groups.of_user(body, self._found(body))
            case "AdminGetUser":
                return self._get_user(self._found(body))
            case "DescribeUserPool":
                return {"UserPool": self._pool()}
            case "ListIdentityProviders":
                return self._providers.listed(body)
            case "DescribeIdentityProvider":
                return self._providers.describe(request, body)
        raise Refused(400, error("UnknownOperationException", ""))

    def _pool(self) -> Json:
        users = len(self._world.population)
        return {"Id": POOL, "Domain": DOMAIN, "CustomDomain": CUSTOM_DOMAIN, "EstimatedNumberOfUsers": users}

    def _list_users(self, body: Json) -> Json:
        asked = str(body.get("Filter") or "")
        found = _FILTER.fullmatch(asked) if asked else None
        if asked and found is None:
            raise Refused(400, error("InvalidParameterException", "The filter is not supported"))
        order = self._order(found[1] if found else "")
        chosen, token = page(body, "PaginationToken", asked, order)
        return {"Users": [self._record(index) for _, index in chosen], **token}

    def _get_user(self, index: int) -> Json:
        """The only answer that tells of an authenticator app."""
        record = self._record(index)
        shown: Json = {"UserAttributes": record.pop("Attributes"), **record}
        totp = self._world.apps.totp(index)
        if totp and totp.verified:
            shown |= {"UserMFASettingList": [APP], "PreferredMfaSetting": APP}
        return shown

    def _record(self, index: int) -> Json:
        """The user, with custom:tenant where the pool has it; an attribute holds one company."""
        record = dict(self._world.population.record(index))
        companies = self._world.companies
        if self._world.switches.tenant_attribute and (members := companies.of(index)):
            tenant = {"Name": "custom:tenant", "Value": companies.ident(members[-1].company)}
            record["Attributes"] = [*record["Attributes"], tenant]
        return record

    def _found(self, body: Json) -> int:
        """Who is named by their sub or, coming from elsewhere, by their user name."""
        name, population = str(body.get("Username")), self._world.population
        index = population.find(name)
        if index is None:
            tokens = ((one, population.people.token(one)) for one in range(population.people.count))
            likely = (one for one, token in tokens if external_name(token) == name)
            index = next((one for one in likely if population.record(one)["Username"] == name), None)
        if index is None or population.is_deleted(index):
            raise Refused(400, error("UserNotFoundException", "User does not exist."))
        return index

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
