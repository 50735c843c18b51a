"""Accounts, tenants and the hash parameters of the Identity Toolkit API (v1, v2 and admin/v2)."""

import base64

from aiohttp import web

from cockpit.sandbox.companies import Company
from cockpit.sandbox.firebase.idp_configs import KINDS, config, configs
from cockpit.sandbox.firebase.listing import Listing
from cockpit.sandbox.firebase.records import PROJECT
from cockpit.sandbox.idps import published
from cockpit.sandbox.passwords import MEMORY_COST, ROUNDS, SALT_SEPARATOR, signer_key
from cockpit.sandbox.web import Json, Refused, answer, json_object, whole_number
from cockpit.sandbox.world import World

BASE = "/identitytoolkit.googleapis.com"
PAGE_DEFAULT, PAGE_MOST = 20, 1000
TENANT_PAGE_MOST = 100
EMULATOR_TOKEN = "owner"
REDACTED = base64.b64encode(b"REDACTED").decode()
"""What accounts:batchGet answers as passwordHash to a caller who may not see hashes."""


class Accounts:
    """Reading accounts; every project id is the same project."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._listed = Listing(world.population, len(world.companies))

    def routes(self) -> list[web.RouteDef]:
        """What is served of a project and of its tenants."""
        v1, v2 = f"{BASE}/v1/projects/{{project}}", f"{BASE}/v2/projects/{{project}}"
        tenant = f"{v1}/tenants/{{tenant}}"
        return [
            *(web.get(f"{root}/accounts:batchGet", self.batch_get) for root in (v1, tenant)),
            *(web.post(f"{root}/accounts:query", self.query) for root in (v1, tenant)),
            *(web.post(f"{root}/accounts:lookup", self.lookup) for root in (v1, tenant)),
            web.get(f"{v2}/tenants", self.tenants),
            web.get(f"{v2}/tenants/{{tenant}}", self.tenant),
            web.get(f"{v2}/config", self.config),
            *(
                web.get(f"{v2}{middle}/{kind}", self.idps)
                for middle in ("", "/tenants/{tenant}")
                for kind in KINDS
            ),
            web.get(f"{BASE}/admin/v2/projects/{{project}}/config", self.config),
        ]

    async def batch_get(self, request: web.Request) -> web.Response:
        """GET accounts:batchGet; the request's parameter is nextPageToken too."""
        tenant = self._admit(request)
        size = whole_number(request, "maxResults", PAGE_DEFAULT)
        if size is None or not 1 <= size <= PAGE_MOST:
            raise _refused(400, "INVALID_ARGUMENT", f"maxResults must be between 1 and {PAGE_MOST}")
        try:
            accounts, token = self._listing.page(tenant, size, request.query.get("nextPageToken"))
        except ValueError:
            raise _refused(400, "INVALID_ARGUMENT", "INVALID_PAGE_SELECTION") from None
        body: Json = {"kind": "identitytoolkit#DownloadAccountResponse"}
        if accounts:
            # The last page is an empty one: a token comes with every page that has users.
            body |= {"users": [self._seen(account) for account in accounts], "nextPageToken": token}
        return answer(body)

    async def query(self, request: web.Request) -> web.Response:
        """POST accounts:query with returnUserInfo false: how many accounts there are, as a string."""
        tenant = self._admit(request)
        body = await json_object(request)
        if body is None or body.get("returnUserInfo", True):
            raise _refused(400, "INVALID_ARGUMENT", "only returnUserInfo=false is served")
        return answer({"recordsCount": str(self._listing.count(tenant))})

    async def lookup(self, request: web.Request) -> web.Response:
        """POST accounts:lookup by localId; `users` is missing when nobody is found."""
        tenant = self._admit(request)
        body = await json_object(request) or {}
        found = []
        for ident in body.get("localId", ()):
            index = self._world.population.find(str(ident))
            if index is not None:
                account = self._world.population.record(index)
                if account.get("tenantId", PROJECT) == tenant:
                    found.append(self._seen(account))
        answered: Json = {"kind": "identitytoolkit#GetAccountInfoResponse"}
        return answer(answered | {"users": found} if found else answered)

    async def tenants(self, request: web.Request) -> web.Response:
        """GET tenants, by pageSize and pageToken."""
        self._admit(request)
        size = whole_number(request, "pageSize", PAGE_DEFAULT)
        start = whole_number(request, "pageToken", 0)
        if size is None or start is None or not 1 <= size <= TENANT_PAGE_MOST:
            raise _refused(400, "INVALID_ARGUMENT", f"pageSize must be between 1 and {TENANT_PAGE_MOST}")
        companies, end = self._world.companies, start + size
        body: Json = {}
        if start < len(companies):
            numbers = range(start, min(end, len(companies)))
            body["tenants"] = [self._tenant(request, companies.company(number)) for number in numbers]
        if end < len(companies):
            body["nextPageToken"] = str(end)
        return answer(body)

    async def tenant(self, request: web.Request) -> web.Response:
        """GET one tenant."""
        number = self._world.companies.find(self._admit(request))
        if number is None:
            raise _refused(404, "NOT_FOUND", "TENANT_NOT_FOUND")
        return answer(self._tenant(request, self._world.companies.company(number)))

    async def config(self, request: web.Request) -> web.Response:
        """GET config: signIn.hashConfig, with the project's signer key."""
        self._admit(request)
        project = request.match_info["project"]
        return answer(
            {
                "name": f"projects/{project}/config",
                "signIn": {
                    "email": {"enabled": True, "passwordRequired": True},
                    "hashConfig": self._hash_config(PROJECT),
                },
                "multiTenant": {"allowTenants": True},
            }
        )

    async def idps(self, request: web.Request) -> web.Response:
        """GET inboundSamlConfigs or oauthIdpConfigs, by pageSize and pageToken."""
        tenant = self._admit(request)
        size = whole_number(request, "pageSize", PAGE_DEFAULT)
        start = whole_number(request, "pageToken", 0)
        if size is None or start is None or not 1 <= size <= TENANT_PAGE_MOST:
            raise _refused(400, "INVALID_ARGUMENT", f"pageSize must be between 1 and {TENANT_PAGE_MOST}")
        kind, project = request.path.rpartition("/")[2], request.match_info["project"]
        found = configs(kind, self._world, tenant)
        page = found[start : start + size]
        body: Json = {}
        if page:
            shown = [config(one, published(self._world, request, one), project, tenant) for one in page]
            body[kind] = shown
        if start + size < len(found):
            body["nextPageToken"] = str(start + size)
        return answer(body)

    @property
    def _listing(self) -> Listing:
        if self._listed.population is not self._world.population:
            self._listed = Listing(self._world.population, len(self._world.companies))
        return self._listed

    def _admit(self, request: web.Request) -> str:
        """Check the token; the tenant that the path names, or the project."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            raise _refused(403, "PERMISSION_DENIED", "The request is missing a valid API key.")
        if token != EMULATOR_TOKEN and not self._world.tokens.is_valid(token):
            raise _refused(401, "UNAUTHENTICATED", "Request had invalid authentication credentials.")
        tenant = request.match_info.get("tenant", PROJECT)
        if tenant and self._world.companies.find(tenant) is None:
            raise _refused(404, "NOT_FOUND", "TENANT_NOT_FOUND")
        return tenant

    def _seen(self, account: Json) -> Json:
        if not self._world.switches.redacted or "passwordHash" not in account:
            return account
        seen = account | {"passwordHash": REDACTED}
        seen.pop("salt", None)
        return seen

    def _tenant(self, request: web.Request, company: Company) -> Json:
        return {
            "name": f"projects/{request.match_info['project']}/tenants/{company.id}",
            "displayName": company.name,
            "allowPasswordSignup": True,
            "hashConfig": self._hash_config(company.id),
        }

    def _hash_config(self, tenant: str) -> Json:
        return {
            "algorithm": "SCRYPT",
            "signerKey": base64.b64encode(signer_key(self._world.config.seed, tenant)).decode(),
            "saltSeparator": base64.b64encode(SALT_SEPARATOR).decode(),
            "rounds": ROUNDS,
            "memoryCost": MEMORY_COST,
        }


def _refused(status: int, name: str, message: str) -> Refused:
    return Refused(status, {"error": {"code": status, "message": message, "status": name}})
