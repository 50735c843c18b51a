"""/_sandbox/tenancy: what an import left, without paging through the API."""

from typing import Any

from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.tenants import join, organization, user


def test_the_tenancy_is_listed_briefly_and_counted() -> None:
    async def test(sandbox: Sandbox) -> None:
        tenants = [
            await organization(sandbox, f"T{n}", external_id=f"t{n}", domain_data=domain(n)) for n in range(3)
        ]
        member = await user(sandbox)
        for tenant in tenants:
            await join(sandbox, member, tenant, role_slugs=["admin", "member"])
        path = f"/user_management/users/{member}/auth_factors"
        await sandbox.call("POST", path, json={"type": "totp", "totp_secret": "GEZDGNBVGY3TQOJQ"})
        organizations = await everything(sandbox, "organizations")
        assert organizations[0] == {
            "id": tenants[0],
            "name": "T0",
            "external_id": "t0",
            "domains": {"t0.example": "verified"},
        }
        memberships = await everything(sandbox, "memberships")
        assert [(row["user"], row["organization"]) for row in memberships] == [
            ("ana", "t0"),
            ("ana", "t1"),
            ("ana", "t2"),
        ]
        assert (memberships[0]["status"], memberships[0]["roles"]) == ("active", ["admin", "member"])
        factors = await everything(sandbox, "factors")
        assert [(row["user"], row["name"]) for row in factors] == [("ana", "ana@b.example")]
        assert "GEZDGNBVGY3TQOJQ" not in str(factors)
        stats = (await sandbox.call("GET", "/_sandbox/stats", None)).body
        assert (stats["organizations"], stats["memberships"], stats["factors"]) == (3, 3, 1)

    inside(BARE, test)


def test_only_who_and_where_there_are_can_be_invited() -> None:
    async def test(sandbox: Sandbox) -> None:
        body = {"user_id": await user(sandbox), "organization_id": "org_none"}
        assert (await sandbox.call("POST", "/_sandbox/invite", None, json=body)).status == 404
        assert (await sandbox.call("POST", "/_sandbox/invite", None, data=b"[")).status == 404

    inside(BARE, test)


def domain(number: int) -> list[dict[str, str]]:
    return [{"domain": f"t{number}.example", "state": "verified"}]


async def everything(sandbox: Sandbox, kind: str) -> list[dict[str, Any]]:
    rows, after = list[dict[str, Any]](), ""
    while True:
        page = (await sandbox.call("GET", f"/_sandbox/tenancy/{kind}?limit=2{after}", None)).body
        rows += page[kind]
        if page["after"] is None:
            return rows
        after = f"&after={page['after']}"
