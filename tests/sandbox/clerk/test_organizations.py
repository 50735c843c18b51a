"""Clerk's organizations: pages that shift, ties that lose, one role of a member, secrets in the CSV alone."""

import csv
import json
from typing import Any
from urllib.parse import quote

import pytest

from cockpit.sandbox.clerk.api import BASE, CSV, KEY
from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.roles import ROLES
from tests.sandbox.inside import Answer, Sandbox, inside

CONFIG = SandboxConfig(source="clerk", users=700, organizations=30, limits="off")
OLDEST_FIRST = "order_by=%2Bcreated_at"


async def get(sandbox: Sandbox, path: str, key: str = KEY) -> Answer:
    return await sandbox.call("GET", BASE + path, key)


async def walk(sandbox: Sandbox, path: str, limit: int, order: str = OLDEST_FIRST) -> list[Any]:
    found: list[Any] = []
    while True:
        page = (await get(sandbox, f"{path}?limit={limit}&offset={len(found)}&{order}")).body
        found += page["data"]
        if len(page["data"]) < limit:
            assert page["total_count"] == len(found)
            return found


def idents(rows: list[Any]) -> list[str]:
    return [row["id"] for row in rows]


def test_pages_come_ten_at_a_time_newest_first_unless_told_otherwise() -> None:
    async def test(sandbox: Sandbox) -> None:
        first = (await get(sandbox, "/organizations")).body
        assert (len(first["data"]), first["total_count"]) == (10, 30)
        oldest_first = await walk(sandbox, "/organizations", 7)
        assert idents(first["data"]) == idents(oldest_first)[:-11:-1]
        counted = (await get(sandbox, "/organizations?include_members_count=true&limit=500")).body["data"]
        members = (await get(sandbox, "/organization_memberships")).body["total_count"]
        assert sum(one["members_count"] for one in counted) == members

    inside(CONFIG, test)


def test_one_sweep_has_the_memberships_of_all_organizations() -> None:
    async def test(sandbox: Sandbox) -> None:
        swept = await walk(sandbox, "/organization_memberships", 100)
        assert [row["created_at"] for row in swept] == sorted(row["created_at"] for row in swept)
        one_by_one = []
        for organization in await walk(sandbox, "/organizations", 500):
            members = await walk(sandbox, f"/organizations/{organization['id']}/memberships", 9)
            assert all(member["organization"] == organization for member in members)
            one_by_one += members
        assert sorted(idents(swept)) == sorted(idents(one_by_one)) and len(set(idents(swept))) == len(swept)
        users = {row["public_user_data"]["user_id"] for row in swept}
        assert len(users) < len(swept) < 1000 and len(users) < 700

    inside(CONFIG, test)


def test_a_member_has_one_role_with_its_permissions() -> None:
    async def test(sandbox: Sandbox) -> None:
        roles = {role["key"]: role for role in (await get(sandbox, "/organization_roles")).body["data"]}
        assert roles.keys() == {f"org:{role.slug}" for role in ROLES}
        known = {one["key"] for one in (await get(sandbox, "/organization_permissions")).body["data"]}
        for member in await walk(sandbox, "/organization_memberships", 500):
            granted = [one["key"] for one in roles[member["role"]]["permissions"]]
            assert member["permissions"] == granted and set(granted) <= known

    inside(CONFIG, test)


def test_who_joins_while_newest_comes_first_doubles_a_row_and_otherwise_comes_last() -> None:
    async def test(sandbox: Sandbox) -> None:
        path = "/organization_memberships"
        companies = sandbox.world.companies
        before = await walk(sandbox, path, 500)
        first = (await get(sandbox, f"{path}?limit=100")).body["data"]
        outsider = next(person for person in range(700) if not companies.of(person))
        companies.put(0, outsider, ("member",), 1_700_000_000_000)
        second = (await get(sandbox, f"{path}?limit=100&offset=100")).body["data"]
        assert idents(first)[-1] == idents(second)[0]
        assert idents(await walk(sandbox, path, 500))[:-1] == idents(before)

    inside(SandboxConfig(source="clerk", users=700, organizations=30, limits="off", seed=3), test)


def test_rows_that_tie_are_lost_to_pages_but_the_total_is_right() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(tied=60)
        for path in ("/organizations", "/organization_memberships"):
            rows = await walk(sandbox, path, 20)
            assert len(set(idents(rows))) < len(rows)
            assert len({row["created_at"] for row in rows}) == -(-len(rows) // 60)

    inside(CONFIG, test)


def test_domains_are_verified_or_not() -> None:
    async def test(sandbox: Sandbox) -> None:
        told = await walk(sandbox, "/organization_domains", 500)
        assert {one["verification"]["status"] for one in told} == {"verified", "unverified"}
        one_by_one = []
        for company in sandbox.world.companies.all():
            one_by_one += await walk(sandbox, f"/organizations/{company.id}/domains", 2)
        assert one_by_one == told
        assert (await get(sandbox, "/organizations/org_none/domains")).status == 404

    inside(CONFIG, test)


@pytest.mark.parametrize("query", ["limit=501", "limit=0", "offset=x", "order_by=+created_at"])
def test_what_is_not_understood_is_refused(query: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        assert (await get(sandbox, f"/organizations?{query}")).status == 422
        assert (await get(sandbox, "/organizations", "sk_live_another")).status == 401

    inside(CONFIG, test)


def test_secrets_of_apps_are_in_the_dashboards_csv_only() -> None:
    async def test(sandbox: Sandbox) -> None:
        rows = list(csv.DictReader((await sandbox.call("GET", CSV, None)).raw.decode().splitlines()))
        users = {user["id"]: user for user in (await get(sandbox, "/users?limit=500")).body}
        secrets = {row["id"]: row["totp_secret"] for row in rows}
        assert all(user["totp_enabled"] == bool(secrets[ident]) for ident, user in users.items())
        enrolled = {ident: secret for ident, secret in secrets.items() if secret}
        assert len(enrolled) > 10
        for ident, secret in enrolled.items():
            path = f"/_sandbox/source/users/{quote(ident)}/totp"
            assert (await sandbox.call("GET", path, None)).body["secret"] == secret
            assert secret not in json.dumps(users.get(ident, {}))
        await sandbox.call("DELETE", f"/_sandbox/source/users/{next(iter(enrolled))}/totp", None)
        again = list(csv.DictReader((await sandbox.call("GET", CSV, None)).raw.decode().splitlines()))
        assert sum(bool(row["totp_secret"]) for row in again) == len(enrolled) - 1

    inside(CONFIG, test)
