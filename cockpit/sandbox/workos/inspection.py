"""/_sandbox: what a test asks of the tenancy that was imported, without a key."""

from aiohttp import web

from cockpit.sandbox.web import Json, Refused, answer, json_object, whole_number
from cockpit.sandbox.workos import totp
from cockpit.sandbox.workos.factor_store import Factor
from cockpit.sandbox.workos.membership_store import Membership
from cockpit.sandbox.workos.organization_store import Organization
from cockpit.sandbox.workos.paging import Place
from cockpit.sandbox.workos.role_store import DEFAULT_ROLE
from cockpit.sandbox.workos.store import User
from cockpit.sandbox.world import World


class Inspection:
    """Organizations, memberships and factors, briefly; and what no call of the API makes or shows."""

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[web.RouteDef]:
        """Lists under /_sandbox/tenancy, the proof of a TOTP secret, and an invitation."""
        return [
            web.get("/_sandbox/tenancy/organizations", self.organizations),
            web.get("/_sandbox/tenancy/memberships", self.memberships),
            web.get("/_sandbox/tenancy/factors", self.factors),
            web.get("/_sandbox/totp", self.totp),
            web.post("/_sandbox/invite", self.invite),
        ]

    async def organizations(self, request: web.Request) -> web.Response:
        """In order of creation: ?after=&limit= (1,000)."""
        page = self._world.organizations.page(_place(request))
        return answer({"organizations": [_organization(row) for row in page.items], "after": page.after})

    async def memberships(self, request: web.Request) -> web.Response:
        """In order of creation, of every status: ?after=&limit= (1,000)."""
        page = self._world.memberships.page(_place(request))
        return answer({"memberships": [self._membership(row) for row in page.items], "after": page.after})

    async def factors(self, request: web.Request) -> web.Response:
        """In order of creation, without their secrets: ?after=&limit= (1,000)."""
        page = self._world.factors.page(_place(request))
        return answer({"factors": [self._factor(row) for row in page.items], "after": page.after})

    async def totp(self, request: web.Request) -> web.Response:
        """?user=&code=: for each factor of the user, named by either id, whether the code is right now."""
        user = self._user(request.query.get("user", ""))
        code, now = request.query.get("code", ""), self._world.clock.now()
        factors = (self._world.factors[ident] for ident in self._world.factors.of_user.of(user.id))
        right = {factor.id: totp.is_right(totp.key(factor.secret), code, now) for factor in factors}
        return answer({"right": any(right.values()), "factors": right})

    async def invite(self, request: web.Request) -> web.Response:
        """{"user_id", "organization_id"}: a pending membership, as an invitation leaves it."""
        body = await json_object(request) or {}
        user, organization_id = self._user(str(body.get("user_id"))), str(body.get("organization_id"))
        if self._world.organizations.get(organization_id) is None:
            raise Refused(404, {"message": f"no organization {organization_id!r}"})
        ident, now = self._world.ids.next("om"), self._world.ids.now_ms()
        row = Membership(ident, user.id, organization_id, "pending", (DEFAULT_ROLE,), now, now)
        self._world.memberships.add(row)
        return answer(self._membership(row), 201)

    def _user(self, ident: str) -> User:
        user = self._world.users.get(ident) or self._world.users.by_external_id(ident)
        if user is None:
            raise Refused(404, {"message": f"no user {ident!r}"})
        return user

    def _membership(self, row: Membership) -> Json:
        return {
            "id": row.id,
            "user_id": row.user_id,
            "user": self._world.users[row.user_id].external_id,
            "organization_id": row.organization_id,
            "organization": self._world.organizations[row.organization_id].external_id,
            "status": row.status,
            "roles": list(row.roles),
        }

    def _factor(self, row: Factor) -> Json:
        user = self._world.users[row.user_id].external_id
        return {"id": row.id, "user_id": row.user_id, "user": user, "issuer": row.issuer, "name": row.user}


def _organization(row: Organization) -> Json:
    domains = {domain.domain: domain.state for domain in row.domains}
    return {"id": row.id, "name": row.name, "external_id": row.external_id, "domains": domains}


def _place(request: web.Request) -> Place:
    return Place(whole_number(request, "limit", 1000) or 1, "asc", request.query.get("after"))
