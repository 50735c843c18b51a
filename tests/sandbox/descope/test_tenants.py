"""Descope's tenants: all in one answer, memberships inside the users, names where others have slugs."""

from typing import Any

import pytest

from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.descope.api import BASE, KEY, OTHERS, PROJECT
from cockpit.sandbox.roles import ROLES
from tests.sandbox.inside import Answer, Sandbox, inside

CONFIG = SandboxConfig(source="descope", users=300, organizations=1500, limits="off")
TENANTS, ROLES_ALL, PERMISSIONS_ALL = (
    f"{BASE}/v1/mgmt/{kind}/all" for kind in ("tenant", "role", "permission")
)


async def get(sandbox: Sandbox, path: str, key: str = f"{PROJECT}:{KEY}") -> Answer:
    return await sandbox.call("GET", path, key)


async def users(sandbox: Sandbox) -> list[Any]:
    found: list[Any] = []
    for page in range(3):
        body = {"limit": 100, "page": page, "sort": [{"field": "createdTime", "desc": False}]}
        key = f"{PROJECT}:{KEY}"
        found += (await sandbox.call("POST", f"{BASE}/v2/mgmt/user/search", key, json=body)).body["users"]
    return found


def test_all_tenants_come_in_one_answer_whatever_page_is_asked_for() -> None:
    async def test(sandbox: Sandbox) -> None:
        tenants = (await get(sandbox, TENANTS)).body["tenants"]
        assert len({tenant["id"] for tenant in tenants}) == len(tenants) == 1500
        assert (await get(sandbox, f"{TENANTS}?limit=10&page=1")).body["tenants"] == tenants
        for tenant, company in zip(tenants, sandbox.world.companies.all(), strict=True):
            proved = [domain.name for domain in company.domains if domain.verified]
            assert tenant["selfProvisioningDomains"] == proved
            assert tenant["createdTime"] == company.created_at // 1000

    inside(CONFIG, test)


def test_memberships_are_inside_the_users() -> None:
    async def test(sandbox: Sandbox) -> None:
        companies = sandbox.world.companies
        counts = set()
        for index, user in enumerate(await users(sandbox)):
            told = [(seat["tenantId"], len(seat["roleNames"])) for seat in user["userTenants"]]
            counts.add(len(told))
            assert told == [
                (companies.company(one.company).id, len(one.roles)) for one in companies.of(index)
            ]
            assert user["roleNames"] == []
        assert counts == {0, 1, 2, 3}

    inside(CONFIG, test)


def test_roles_and_permissions_are_known_by_their_names() -> None:
    async def test(sandbox: Sandbox) -> None:
        roles = {role["name"]: role for role in (await get(sandbox, ROLES_ALL)).body["roles"]}
        permissions = (await get(sandbox, PERMISSIONS_ALL)).body["permissions"]
        names = {permission["name"] for permission in permissions}
        assert roles.keys() == {role.name for role in ROLES}
        assert all(set(role["permissionNames"]) <= names for role in roles.values())
        assert [one["name"] for one in permissions if one["systemDefault"]] == ["Impersonate"]
        for user in await users(sandbox):
            for seat in user["userTenants"]:
                granted = {name for role in seat["roleNames"] for name in roles[role]["permissionNames"]}
                assert granted == set(seat["permissions"])

    inside(CONFIG, test)


def test_a_tenant_that_is_renamed_is_so_in_its_users_and_an_app_is_a_flag() -> None:
    async def test(sandbox: Sandbox) -> None:
        before = await users(sandbox)
        user = next(one for one in before if one["userTenants"] and not one["TOTP"])
        ident, organization = user["userId"], user["userTenants"][0]["tenantId"]
        source = "/_sandbox/source"
        await sandbox.call("PATCH", f"{source}/organizations/{organization}", None, json={"name": "Renamed"})
        secret = {"secret": "JBSWY3DPEHPK3PXP"}
        await sandbox.call("PUT", f"{source}/users/{ident}/totp", None, json=secret)
        (after,) = [one for one in await users(sandbox) if one["userId"] == ident]
        assert after["userTenants"][0]["tenantName"] == "Renamed"
        assert after["TOTP"] is True and "JBSWY" not in str(after)

    inside(CONFIG, test)


@pytest.mark.parametrize("path", [TENANTS, ROLES_ALL, PERMISSIONS_ALL])
def test_a_key_is_needed_and_a_budget_is_kept(path: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        assert (await get(sandbox, path, "another")).status == 401
        limit, seconds = OTHERS
        assert {(await get(sandbox, path)).status for _ in range(limit)} == {200}
        assert (await get(sandbox, path)).status == 429
        sandbox.clock.advance(seconds)
        assert (await get(sandbox, path)).status == 200

    inside(SandboxConfig(source="descope", users=3), test)
