"""What Better Auth's organization plugin tells a member, and no one else."""

from typing import Any

from cockpit.sandbox.better_auth.api import BASE, COOKIE, EMAIL, PASSWORD
from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import Answer, Sandbox, inside

CONFIG = SandboxConfig(source="better_auth", users=900, organizations=4, limits="off")
ROOT = f"{BASE}/api/auth"
MEMBERS = "organization/list-members"


async def sign_in(sandbox: Sandbox, email: str, password: str | None) -> dict[str, str]:
    body = {"email": email, "password": password}
    headers = {"Origin": sandbox.base_url}
    answer = await sandbox.call("POST", f"{ROOT}/sign-in/email", None, json=body, headers=headers)
    if answer.status != 200:
        return {}
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


async def get(sandbox: Sandbox, path: str, headers: dict[str, str]) -> Answer:
    sandbox.session.cookie_jar.clear()
    return await sandbox.call("GET", f"{ROOT}/{path}", None, headers=headers)


def somebody(sandbox: Sandbox, several: bool) -> int:
    """Who has a password and is in several organizations, or in none."""
    world = sandbox.world
    return next(
        one
        for one in range(900)
        if world.population.password(one)
        and (len(world.companies.of(one)) > 1) == several
        and (several or not world.companies.of(one))
    )


async def session(sandbox: Sandbox, person: int) -> dict[str, str]:
    population = sandbox.world.population
    return await sign_in(sandbox, population.record(person)["email"], population.password(person))


def test_a_member_sees_their_own_organizations_and_everybody_in_them() -> None:
    async def test(sandbox: Sandbox) -> None:
        world = sandbox.world
        person = somebody(sandbox, several=True)
        own = await session(sandbox, person)
        listed = (await get(sandbox, "organization/list", own)).body
        members = world.companies.of(person)
        assert [one["id"] for one in listed] == [world.companies.company(one.company).id for one in members]
        path = f"{MEMBERS}?organizationId={listed[0]['id']}"
        first = (await get(sandbox, path, own)).body
        there = len(world.companies.members(members[0].company))
        assert (len(first["members"]), first["total"]) == (100, there) and there > 200
        found: list[Any] = []
        while len(found) < there:
            found += (await get(sandbox, f"{path}&limit=90&offset={len(found)}", own)).body["members"]
        assert len({one["userId"] for one in found}) == there
        assert all(one["user"]["id"] == one["userId"] and one["role"] for one in found)
        assert any("," in one["role"] for one in found)

    inside(CONFIG, test)


def test_nobody_else_sees_them_not_even_the_administrator() -> None:
    async def test(sandbox: Sandbox) -> None:
        path = f"{MEMBERS}?organizationId={sandbox.world.companies.company(0).id}"
        for own in (
            await session(sandbox, somebody(sandbox, several=False)),
            await sign_in(sandbox, EMAIL, PASSWORD),
        ):
            refused = await get(sandbox, path, own)
            code = "YOU_ARE_NOT_A_MEMBER_OF_THIS_ORGANIZATION"
            assert (refused.status, refused.body["code"]) == (403, code)
            assert (await get(sandbox, "organization/list", own)).body == []
            assert (await get(sandbox, MEMBERS, own)).body["code"] == "NO_ACTIVE_ORGANIZATION"
        assert (await get(sandbox, path, {"Cookie": f"{COOKIE}=made.up"})).status == 401

    inside(CONFIG, test)


def test_only_the_administrator_lists_users() -> None:
    async def test(sandbox: Sandbox) -> None:
        assert (await get(sandbox, "admin/list-users", await sign_in(sandbox, EMAIL, PASSWORD))).status == 200
        own = await session(sandbox, somebody(sandbox, several=True))
        assert (await get(sandbox, "admin/list-users", own)).status == 403
        assert await sign_in(sandbox, EMAIL, "guessed") == {}
        assert await sign_in(sandbox, "nobody@example.com", None) == {}
        population = sandbox.world.population
        social = next(one for one in range(900) if population.password(one) is None)
        assert await session(sandbox, social) == {}

    inside(CONFIG, test)
