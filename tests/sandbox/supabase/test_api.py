"""GET /admin/users of the stand-in: numbered pages whose ties are lost, and the experimental cursor."""

import json
from typing import Any

import pytest

from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.supabase.api import BASE, KEY
from tests.sandbox.inside import Answer, Sandbox, inside

CONFIG = SandboxConfig(source="supabase", users=500)


async def get(sandbox: Sandbox, query: str = "", key: str = KEY) -> Answer:
    return await sandbox.call("GET", f"{BASE}/admin/users{query}", key, headers={"apikey": key})


async def walk(sandbox: Sandbox, size: int) -> list[Any]:
    users: list[Any] = []
    for page in range(1, 500 // size + 3):
        found = (await get(sandbox, f"?page={page}&per_page={size}")).body["users"]
        if not found:
            return users
        users += found
    raise AssertionError("no page is empty")


def idents(users: list[Any]) -> set[str]:
    return {user["id"] for user in users}


def test_pages_are_numbered_from_one_newest_first_and_counted() -> None:
    async def test(sandbox: Sandbox) -> None:
        first = await get(sandbox)
        assert len(first.body["users"]) == 50
        assert first.body["aud"] == "authenticated"
        assert first.headers["X-Total-Count"] == "500"
        assert 'page=2&per_page=50>; rel="next"' in first.headers["Link"]
        last = await get(sandbox, "?page=10")
        assert "next" not in last.headers["Link"]
        users = await walk(sandbox, 70)
        assert len(users) == len(idents(users)) == 500
        times = [user["created_at"] for user in users]
        assert times == sorted(times, reverse=True)
        assert len((await get(sandbox, "?per_page=100000")).body["users"]) == 500

    inside(CONFIG, test)


def test_who_ties_is_lost_the_same_for_pages_of_one_size_and_otherwise_for_another() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(tied=60)
        users = await walk(sandbox, 100)
        assert len(users) == 500
        assert len({user["created_at"] for user in users}) == 9
        lost = 500 - len(idents(users))
        assert lost > 0
        assert idents(await walk(sandbox, 100)) == idents(users)
        assert len(idents(users + await walk(sandbox, 73))) > 500 - lost
        assert len(idents(await walk(sandbox, 500))) == 500

    inside(CONFIG, test)


def test_the_cursor_is_an_experiment_that_loses_nobody() -> None:
    async def test(sandbox: Sandbox) -> None:
        without = (await get(sandbox, "?limit=2")).body
        assert "pagination" not in without and len(without["users"]) == 50
        await sandbox.configure(tied=60, cursor_paging=True)
        users, query = [], "?limit=70"
        while query:
            body = (await get(sandbox, query)).body
            users += body["users"]
            following = body["pagination"].get("next_cursor")
            assert body["pagination"]["has_more"] is (following is not None)
            query = f"?limit=70&cursor={following}" if following else ""
        assert len(users) == len(idents(users)) == 500
        assert (await get(sandbox, "?limit=9&cursor=made-up")).status == 400

    inside(CONFIG, test)


@pytest.mark.parametrize("query", ["?per_page=0", "?page=x"])
def test_a_page_that_can_be_none_is_refused(query: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        refused = await get(sandbox, query)
        assert (refused.status, refused.body["error_code"]) == (400, "validation_failed")

    inside(CONFIG, test)


def test_a_key_is_needed_in_both_headers() -> None:
    async def test(sandbox: Sandbox) -> None:
        assert (await get(sandbox, key="another")).status == 401
        assert (await sandbox.call("GET", f"{BASE}/admin/users", KEY)).status == 401

    inside(CONFIG, test)


def test_every_kind_of_user_is_there_and_no_hash() -> None:
    async def test(sandbox: Sandbox) -> None:
        users = [sandbox.world.population.record(number) for number in range(2500)]
        assert any(user["banned_until"] for user in users)
        assert any(user["is_anonymous"] for user in users)
        assert any(not user["email_confirmed_at"] and user["email"] for user in users)
        providers = [tuple(one["provider"] for one in user["identities"]) for user in users]
        assert {("email",), ("google",), ("email", "google")} <= set(providers)
        assert not any("encrypted_password" in user for user in users)

    inside(SandboxConfig(source="supabase", users=2500, faults="some"), test)


def test_apps_are_told_of_enrolled_or_begun_and_secrets_are_not() -> None:
    async def test(sandbox: Sandbox) -> None:
        users = (await get(sandbox, "?per_page=500")).body["users"]
        told = {user["id"]: [one["status"] for one in user.get("factors", [])] for user in users}
        assert {tuple(states) for states in told.values()} == {(), ("verified",), ("unverified",)}
        for ident in (ident for ident, states in told.items() if states):
            path = f"/_sandbox/source/users/{ident}/totp"
            app = (await sandbox.call("GET", path, None)).body
            assert told[ident] == ["verified" if app["verified"] else "unverified"]
            assert app["secret"] not in json.dumps(users)
            listed = await sandbox.call(
                "GET", f"{BASE}/admin/users/{ident}/factors", KEY, headers={"apikey": KEY}
            )
            assert [one["status"] for one in listed.body] == told[ident]
            await sandbox.call("DELETE", path, None)
        assert not any("factors" in user for user in (await get(sandbox, "?per_page=500")).body["users"])
        nobody = await sandbox.call("GET", f"{BASE}/admin/users/x/factors", KEY, headers={"apikey": KEY})
        assert nobody.status == 404

    inside(CONFIG, test)


def test_an_application_may_keep_the_organization_in_app_metadata() -> None:
    async def test(sandbox: Sandbox) -> None:
        users = (await get(sandbox, "?per_page=500")).body["users"]
        assert not any("organization_id" in user["app_metadata"] for user in users)
        await sandbox.configure(tenant_attribute=True)
        found = (await sandbox.call("GET", "/_sandbox/source/memberships", None)).body["memberships"]
        truth = {one["user"]: (one["organization"], one["roles"]) for one in found}
        assert 400 < len(truth) == len(found) < 500
        for user in (await get(sandbox, "?per_page=500")).body["users"]:
            told = (user["app_metadata"].get("organization_id"), user["app_metadata"].get("roles"))
            assert told == truth.get(user["id"], (None, None))
            assert user["app_metadata"]["plan"]

    inside(CONFIG, test)
