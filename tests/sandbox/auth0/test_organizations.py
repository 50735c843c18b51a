"""Auth0's organizations and roles: two ways of paging, a scope for each part, roles only when named."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from cockpit.sandbox.auth0.standin import MFA
from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.roles import BY_SLUG, ROLES
from tests.sandbox.inside import Answer, Sandbox, inside

CONFIG = SandboxConfig(source="auth0", users=600, organizations=130, limits="off")
CROWDED = SandboxConfig(source="auth0", users=2500, organizations=2, limits="off")
ROOT = "/auth0/api/v2"


class Tenant:
    """Asks with a token."""

    def __init__(self, sandbox: Sandbox, token: str) -> None:
        self._sandbox, self._token = sandbox, token

    async def get(self, path: str) -> Answer:
        return await self._sandbox.call("GET", ROOT + path, self._token)

    async def walk(self, path: str, key: str, take: int) -> list[Any]:
        """By checkpoint: `next` comes with every page but the last."""
        found: list[Any] = []
        following = ""
        while True:
            sign = "&" if "?" in path else "?"
            body = (await self.get(f"{path}{sign}take={take}{following}")).body
            found += body[key]
            if "next" not in body:
                return found
            assert len(body[key]) == take
            following = f"&from={quote(body['next'])}"


async def tenant(sandbox: Sandbox) -> Tenant:
    return Tenant(sandbox, await sandbox.auth0_token())


def test_checkpoints_reach_every_organization() -> None:
    async def test(sandbox: Sandbox) -> None:
        found = await (await tenant(sandbox)).walk("/organizations", "organizations", 50)
        assert len({one["id"] for one in found}) == len({one["name"] for one in found}) == 130
        assert all(one["display_name"] and one["metadata"]["plan"] for one in found)

    inside(CONFIG, test)


def test_offsets_stop_at_a_thousand_members_and_so_does_the_total() -> None:
    async def test(sandbox: Sandbox) -> None:
        auth0 = await tenant(sandbox)
        ident = (await auth0.get("/organizations")).body[0]["id"]
        path = f"/organizations/{ident}/members"
        last = (await auth0.get(f"{path}?page=9&per_page=100&include_totals=true")).body
        assert (last["start"], last["limit"], last["length"], last["total"]) == (900, 100, 100, 1000)
        beyond = await auth0.get(f"{path}?page=10&per_page=100")
        assert (beyond.status, beyond.body["errorCode"]) == (400, "invalid_paging")
        everybody = await auth0.walk(path, "members", 100)
        assert len({one["user_id"] for one in everybody}) == len(everybody) > 1100

    inside(CROWDED, test)


def test_without_totals_an_offset_page_is_a_bare_array() -> None:
    async def test(sandbox: Sandbox) -> None:
        auth0 = await tenant(sandbox)
        assert isinstance((await auth0.get("/organizations?per_page=3")).body, list)
        assert isinstance((await auth0.get("/roles")).body, list)
        totals = (await auth0.get("/roles?include_totals=true&page=1&per_page=3")).body
        assert (totals["start"], totals["total"], len(totals["roles"])) == (3, len(ROLES), 1)
        with_take = (await auth0.get("/organizations?include_totals=true&take=3")).body
        assert with_take.keys() == {"organizations", "next"}

    inside(CONFIG, test)


def test_a_checkpoint_stays_right_when_members_come_and_go() -> None:
    async def test(sandbox: Sandbox) -> None:
        auth0, companies = await tenant(sandbox), sandbox.world.companies
        number, path = 1, f"/organizations/{companies.company(1).id}/members"
        before = companies.members(number)
        first = (await auth0.get(f"{path}?take=50")).body
        companies.remove(number, before[0].person)
        companies.remove(number, before[50].person)
        rest = (await auth0.get(f"{path}?take=50&from={first['next']}")).body
        ids = [sandbox.world.population.record(member.person)["user_id"] for member in before]
        assert [one["user_id"] for one in rest["members"]] == ids[51:101]

    inside(CROWDED, test)


def test_roles_of_members_come_only_when_they_are_named() -> None:
    async def test(sandbox: Sandbox) -> None:
        auth0 = await tenant(sandbox)
        path = f"/organizations/{sandbox.world.companies.company(0).id}/members"
        assert "roles" not in (await auth0.get(path)).body[0]
        assert (await auth0.get(f"{path}?fields=email,name&include_fields=false")).body[0].keys() == {
            "user_id", "picture",
        }  # fmt: skip
        members = (await auth0.get(f"{path}?fields=user_id,roles&include_fields=true")).body
        names = {role["id"]: role["name"] for role in (await auth0.get("/roles")).body}
        for member in members:
            assert member.keys() == {"user_id", "roles"}
            assert all(names[role["id"]] == role["name"] for role in member["roles"])
            own = (await auth0.get(f"{path}/{quote(member['user_id'], safe='')}/roles")).body
            assert [role["id"] for role in own] == [role["id"] for role in member["roles"]]
        assert any(len(member["roles"]) > 1 for member in members)

    inside(CROWDED, test)


def test_roles_grant_permissions_of_an_api() -> None:
    async def test(sandbox: Sandbox) -> None:
        auth0 = await tenant(sandbox)
        for role in (await auth0.get("/roles")).body:
            granted = (await auth0.get(f"/roles/{role['id']}/permissions")).body
            assert {one["permission_name"] for one in granted} == {
                permission.slug for permission in BY_SLUG[role["name"]].permissions
            }
            assert {one["resource_server_identifier"] for one in granted} == {"https://api.sandbox.example/"}

    inside(CONFIG, test)


def test_domains_are_those_of_discovery_verified_or_pending() -> None:
    async def test(sandbox: Sandbox) -> None:
        auth0, states = await tenant(sandbox), set[str]()
        for company in sandbox.world.companies.all():
            found = (await auth0.get(f"/organizations/{company.id}/discovery-domains")).body["domains"]
            states |= {one["status"] for one in found}
            told = [(one["domain"], one["status"] == "verified") for one in found]
            assert told == [tuple(domain) for domain in company.domains]
        assert states == {"verified", "pending"}

    inside(CONFIG, test)


@pytest.mark.parametrize(
    ("scope", "path"),
    [
        ("read:users", "/users"),
        ("read:connections", "/connections"),
        ("read:organizations", "/organizations"),
        ("read:organization_members", "/organizations/{id}/members"),
        ("read:organization_member_roles", "/organizations/{id}/members?fields=user_id,roles"),
        ("read:organization_discovery_domains", "/organizations/{id}/discovery-domains"),
        ("read:organization_connections", "/organizations/{id}/enabled_connections"),
        ("read:roles", "/roles"),
    ],
)
def test_a_scope_that_is_missing_is_named(scope: str, path: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(denied_scope=scope)
        auth0 = await tenant(sandbox)
        refused = await auth0.get(path.format(id=sandbox.world.companies.company(0).id))
        assert (refused.status, refused.body["errorCode"]) == (403, "insufficient_scope")
        assert refused.body["message"] == f"Insufficient scope, expected any of: {scope}"
        await sandbox.configure(denied_scope="")
        assert (await auth0.get(path.format(id=sandbox.world.companies.company(0).id))).status == 200

    inside(CONFIG, test)


def test_what_is_not_there_or_not_understood_is_refused() -> None:
    async def test(sandbox: Sandbox) -> None:
        auth0 = await tenant(sandbox)
        one = f"/organizations/{sandbox.world.companies.company(0).id}"
        for path, status in (
            ("/organizations/org_none", 404),
            ("/organizations/org_none/members", 404),
            (f"{one}/members/nobody/roles", 404),
            ("/roles/rol_none/permissions", 404),
            ("/organizations?take=101", 400),
            ("/organizations?take=5&from=made-up", 400),
        ):
            assert (await auth0.get(path)).status == status

    inside(CONFIG, test)


def test_organizations_have_a_budget_of_their_own() -> None:
    async def test(sandbox: Sandbox) -> None:
        auth0 = await tenant(sandbox)
        ident = sandbox.world.companies.company(0).id
        assert [(await auth0.get("/organizations")).status for _ in range(6)] == [200] * 5 + [429]
        members = [(await auth0.get(f"/organizations/{ident}/members")).status for _ in range(11)]
        assert members == [200] * 10 + [429]
        assert (await auth0.get("/users?per_page=1")).status == 200
        sandbox.clock.advance(60)
        assert (await auth0.get("/organizations")).status == 200

    inside(SandboxConfig(source="auth0", users=10), test)


def test_secrets_of_apps_are_in_the_supports_file_only() -> None:
    async def test(sandbox: Sandbox) -> None:
        lines = (await sandbox.call("GET", MFA, None)).raw.splitlines()
        file = {one["user_id"]: one["mfa_factors"][0]["totp"]["secret"] for one in map(json.loads, lines)}
        population = sandbox.world.population
        enrolled = [population.record(one) for one in range(600) if "multifactor" in population.record(one)]
        assert file.keys() == {record["user_id"] for record in enrolled} and len(file) > 10
        for ident, secret in file.items():
            path = f"/_sandbox/source/users/{quote(ident, safe='')}/totp"
            assert (await sandbox.call("GET", path, None)).body["secret"] == secret
            assert secret not in json.dumps(population.record(population.find(ident) or 0))

    inside(CONFIG, test)
