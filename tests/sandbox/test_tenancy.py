"""The control API of companies, memberships and apps: what a test asks and changes."""

from typing import Any
from urllib.parse import quote

import pytest

from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import Sandbox, inside

SOURCE = "/_sandbox/source"
CONFIG = SandboxConfig(source="auth0", users=300, organizations=12)


async def ask(sandbox: Sandbox, method: str, path: str, body: Any = None, status: int = 200) -> Any:
    answer = await sandbox.call(method, SOURCE + path, None, json=body)
    assert answer.status == status
    return answer.body


async def memberships(sandbox: Sandbox, query: str = "") -> list[Any]:
    found: list[Any] = (await ask(sandbox, "GET", f"/memberships{query}"))["memberships"]
    return found


def test_everything_is_listed_page_by_page() -> None:
    async def test(sandbox: Sandbox) -> None:
        first = await ask(sandbox, "GET", "/organizations?limit=10")
        rest = await ask(sandbox, "GET", f"/organizations?limit=10&after={first['after']}")
        listed = first["organizations"] + rest["organizations"]
        assert len({one["id"] for one in listed}) == 12 and rest["after"] is None
        found, after = [], 0
        while after is not None:
            page = await ask(sandbox, "GET", f"/memberships?limit=70&after={after}")
            found += page["memberships"]
            after = page["after"]
        assert found == await memberships(sandbox)
        one = found[0]
        assert one in await memberships(sandbox, f"?user={quote(one['user'])}")
        assert one in await memberships(sandbox, f"?organization={one['organization']}")

    inside(CONFIG, test)


@pytest.mark.parametrize(("users", "organizations", "there"), [(1000, None, 10), (5, None, 3), (5, 0, 0)])
def test_how_many_organizations_there_are(users: int, organizations: int | None, there: int) -> None:
    async def test(sandbox: Sandbox) -> None:
        assert len((await ask(sandbox, "GET", "/organizations"))["organizations"]) == there

    inside(SandboxConfig(source="auth0", users=users, organizations=organizations), test)


def test_a_membership_is_put_changed_and_removed_and_a_reset_undoes_it() -> None:
    async def test(sandbox: Sandbox) -> None:
        start = await memberships(sandbox)
        organization, user = start[0]["organization"], start[-1]["user"]
        seat = f"/organizations/{organization}/members/{quote(user, safe='')}"
        put = await ask(sandbox, "PUT", seat, {"roles": ["support", "admin"]})
        assert put == {"organization": organization, "user": user, "roles": ["admin", "support"]}
        assert put in await memberships(sandbox, f"?organization={organization}")
        await ask(sandbox, "DELETE", seat, status=204)
        await ask(sandbox, "DELETE", seat, status=404)
        assert await memberships(sandbox) == start
        await ask(sandbox, "PUT", seat, {"roles": ["admin"]})
        await sandbox.call("POST", "/_sandbox/reset", None)
        assert await memberships(sandbox) == start

    inside(CONFIG, test)


def test_an_organization_is_renamed() -> None:
    async def test(sandbox: Sandbox) -> None:
        ident = (await ask(sandbox, "GET", "/organizations"))["organizations"][4]["id"]
        patch = {"name": "Renamed", "domains": [{"name": "new.example", "verified": True}]}
        renamed = await ask(sandbox, "PATCH", f"/organizations/{ident}", patch)
        assert renamed == await ask(sandbox, "GET", f"/organizations/{ident}")
        assert renamed | patch == renamed

    inside(CONFIG, test)


def test_the_secret_of_an_app_is_told_and_the_app_is_changed() -> None:
    async def test(sandbox: Sandbox) -> None:
        world = sandbox.world
        person = next(one for one in range(300) if (app := world.apps.totp(one)) and app.verified)
        record = world.population.record(person)
        path = f"/users/{quote(record['user_id'], safe='')}/totp"
        app = await ask(sandbox, "GET", path)
        assert app["verified"] and record["multifactor"] == ["guardian"]
        await ask(sandbox, "DELETE", path, status=204)
        await ask(sandbox, "GET", path, status=404)
        assert "multifactor" not in world.population.record(person)
        await ask(sandbox, "PUT", path, {"secret": "JBSWY3DPEHPK3PXP"})
        assert await ask(sandbox, "GET", path) == {"secret": "JBSWY3DPEHPK3PXP", "verified": True}
        assert world.population.record(person)["multifactor"] == ["guardian"]

    inside(CONFIG, test)


def test_what_is_wrong_is_refused_with_a_reason() -> None:
    async def test(sandbox: Sandbox) -> None:
        start = (await memberships(sandbox))[0]
        user = quote(start["user"], safe="")
        seat = f"/organizations/{start['organization']}/members/{user}"
        for method, path, body, status in (
            ("PUT", seat, {"roles": ["king"]}, 400),
            ("PUT", seat.replace(user, "nobody"), {}, 404),
            ("PUT", f"/organizations/org_none/members/{user}", {}, 404),
            ("PATCH", f"/organizations/{start['organization']}", {"owner": 1}, 400),
            ("PATCH", f"/organizations/{start['organization']}", {"domains": ["acme.example"]}, 400),
            ("PUT", f"/users/{user}/totp", {"secret": "not base32!"}, 400),
            ("PUT", f"/users/{user}/totp", {"secret": ""}, 400),
            ("GET", "/memberships?after=x", None, 400),
        ):
            assert (await ask(sandbox, method, path, body, status))["message"]

    inside(CONFIG, test)


def test_where_people_belong_to_one_for_good_nothing_is_put() -> None:
    async def test(sandbox: Sandbox) -> None:
        ident = sandbox.world.population.record(0)["localId"]
        refused = await ask(sandbox, "PUT", f"/organizations/acme-k3v9x/members/{ident}", {}, 400)
        assert "for good" in refused["message"]

    inside(SandboxConfig(source="firebase", users=10), test)
