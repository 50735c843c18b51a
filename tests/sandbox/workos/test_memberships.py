"""/user_management/organization_memberships: one membership of a user in an organization."""

from typing import Any

from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.tenants import MEMBERSHIPS, events, join, organization, user

ANY = "statuses=active,inactive,pending"


async def listed(sandbox: Sandbox, query: str) -> list[str]:
    page = await sandbox.call("GET", f"{MEMBERSHIPS}?order=asc&limit=100&{query}")
    assert page.status == 200
    return [row["id"] for row in page.body["data"]]


def test_a_membership_is_active_and_names_its_user_its_organization_and_its_role() -> None:
    async def test(sandbox: Sandbox) -> None:
        member, tenant = await user(sandbox), await organization(sandbox)
        joined = await join(sandbox, member, tenant)
        assert joined.status == 201
        assert (joined.body["status"], joined.body["organization_name"]) == ("active", "Acme")
        assert (joined.body["role"], joined.body["roles"]) == ({"slug": "member"}, [{"slug": "member"}])
        assert joined.body["user"]["email"] == "ana@b.example"
        assert (await sandbox.call("GET", f"{MEMBERSHIPS}/{joined.body['id']}")).body == joined.body

    inside(BARE, test)


def test_the_roles_must_be_the_environments_or_the_organizations() -> None:
    async def test(sandbox: Sandbox) -> None:
        tenant, other = await organization(sandbox), await organization(sandbox, "Other")
        role = {"name": "Ops", "slug": "org-ops"}
        await sandbox.call("POST", f"/authorization/organizations/{tenant}/roles", json=role)
        one = await join(sandbox, await user(sandbox), tenant, role_slugs=["admin", "org-ops", "admin"])
        assert [role["slug"] for role in one.body["roles"]] == ["admin", "org-ops"]
        assert one.body["role"] == {"slug": "admin"}
        for wrong in ("org-ops", "owner"):
            refused = await join(sandbox, await user(sandbox, wrong), other, role_slug=wrong)
            assert (refused.status, refused.code) == (422, "invalid_role")
        assert len(sandbox.world.memberships) == 1

    inside(BARE, test)


def test_an_environment_of_single_roles_refuses_several() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(multiple_roles=False)
        member, tenant = await user(sandbox), await organization(sandbox)
        refused = await join(sandbox, member, tenant, role_slugs=["admin", "member"])
        assert (refused.status, refused.code) == (422, "multiple_roles_not_enabled")
        assert (await join(sandbox, member, tenant, role_slugs=["admin"])).status == 201

    inside(BARE, test)


def test_a_wrong_request_is_refused() -> None:
    async def test(sandbox: Sandbox) -> None:
        member, tenant = await user(sandbox), await organization(sandbox)
        wrong: tuple[dict[str, Any], ...] = (
            {"role_slug": "admin", "role_slugs": ["admin"]},
            {"role_slugs": []},
            {"role_slugs": [1]},
            {"role_slugs": "admin"},
        )
        for fields in wrong:
            assert (await join(sandbox, member, tenant, **fields)).status == 422, fields
        assert (await sandbox.call("POST", MEMBERSHIPS, json={"user_id": member})).status == 422
        assert (await join(sandbox, "user_none", tenant)).code == "entity_not_found"
        assert (await join(sandbox, member, "org_none")).code == "entity_not_found"
        assert (await sandbox.call("GET", f"{MEMBERSHIPS}/om_none")).status == 404

    inside(BARE, test)


def test_a_user_joins_an_organization_once_and_any_number_of_them() -> None:
    async def test(sandbox: Sandbox) -> None:
        member = await user(sandbox)
        tenants = [await organization(sandbox, f"T{n}") for n in range(3)]
        for tenant in tenants:
            assert (await join(sandbox, member, tenant)).status == 201
        again = await join(sandbox, member, tenants[0])
        assert (again.status, again.code) == (400, "organization_membership_already_exists")
        assert len(sandbox.world.memberships) == 3

    inside(BARE, test)


def test_a_second_request_reactivates_an_inactive_membership_with_its_roles() -> None:
    async def test(sandbox: Sandbox) -> None:
        member, tenant = await user(sandbox), await organization(sandbox)
        ident = (await join(sandbox, member, tenant)).body["id"]
        await sandbox.call("PUT", f"{MEMBERSHIPS}/{ident}/deactivate")
        again = await join(sandbox, member, tenant, role_slug="admin")
        assert (again.status, again.body["id"], again.body["status"]) == (201, ident, "active")
        assert again.body["role"] == {"slug": "admin"}

    inside(BARE, test)


def test_a_pending_membership_can_only_be_deleted() -> None:
    async def test(sandbox: Sandbox) -> None:
        member, tenant = await user(sandbox), await organization(sandbox)
        body = {"user_id": member, "organization_id": tenant}
        invited = (await sandbox.call("POST", "/_sandbox/invite", None, json=body)).body["id"]
        refused = await join(sandbox, member, tenant)
        assert (refused.status, refused.code) == (400, "cannot_reactivate_pending_organization_membership")
        for done in ("reactivate", "deactivate"):
            refused = await sandbox.call("PUT", f"{MEMBERSHIPS}/{invited}/{done}")
            assert (refused.status, refused.code) == (400, f"cannot_{done}_pending_organization_membership")
        assert await listed(sandbox, f"user_id={member}") == []
        assert await listed(sandbox, f"user_id={member}&organization_id={tenant}&{ANY}") == [invited]
        assert (await sandbox.call("DELETE", f"{MEMBERSHIPS}/{invited}")).status == 204
        assert (await join(sandbox, member, tenant)).status == 201

    inside(BARE, test)


def test_an_update_changes_the_roles_and_says_so_only_when_it_does() -> None:
    async def test(sandbox: Sandbox) -> None:
        member, tenant = await user(sandbox), await organization(sandbox)
        path = f"{MEMBERSHIPS}/{(await join(sandbox, member, tenant)).body['id']}"
        changed = await sandbox.call("PUT", path, json={"role_slugs": ["admin", "member"]})
        assert [role["slug"] for role in changed.body["roles"]] == ["admin", "member"]
        assert (await sandbox.call("PUT", path, json={})).body == changed.body
        assert (await sandbox.call("PUT", path, json={"role_slug": "owner"})).code == "invalid_role"
        await sandbox.call("PUT", f"{path}/reactivate")
        for _ in range(2):
            off = await sandbox.call("PUT", f"{path}/deactivate")
            assert off.body["status"] == "inactive"
        on = await sandbox.call("PUT", f"{path}/reactivate")
        assert (on.body["status"], on.body["roles"]) == ("active", changed.body["roles"])
        names = ("organization_membership.created", "organization_membership.updated")
        told = await events(sandbox, *names)
        assert [(event["event"], event["data"]["status"]) for event in told] == [
            (names[0], "active"),
            (names[1], "active"),
            (names[1], "inactive"),
            (names[1], "active"),
        ]

    inside(BARE, test)


def test_a_list_needs_a_user_or_an_organization_and_shows_the_active_ones() -> None:
    async def test(sandbox: Sandbox) -> None:
        members = [await user(sandbox, f"u{n}") for n in range(3)]
        tenants = [await organization(sandbox, f"T{n}") for n in range(2)]
        ids = {
            (member, tenant): (await join(sandbox, member, tenant)).body["id"]
            for tenant in tenants
            for member in members
        }
        off = ids[members[1], tenants[0]]
        await sandbox.call("PUT", f"{MEMBERSHIPS}/{off}/deactivate")
        refused = await sandbox.call("GET", MEMBERSHIPS)
        assert (refused.status, refused.code) == (400, "missing_user_id_or_organization_id")
        here = f"organization_id={tenants[0]}"
        assert await listed(sandbox, here) == [ids[members[0], tenants[0]], ids[members[2], tenants[0]]]
        assert await listed(sandbox, f"{here}&statuses[]=inactive") == [off]
        assert len(await listed(sandbox, f"{here}&{ANY}")) == 3
        assert await listed(sandbox, f"{here}&user_id={members[2]}") == [ids[members[2], tenants[0]]]
        assert await listed(sandbox, f"user_id={members[1]}") == [ids[members[1], tenants[1]]]
        assert (await sandbox.call("GET", f"{MEMBERSHIPS}?{here}&statuses=gone")).status == 422
        assert (await sandbox.call("GET", f"{MEMBERSHIPS}?user_id=user_none")).status == 404

    inside(BARE, test)


def test_the_users_of_an_organization_are_listed_in_order_of_their_creation() -> None:
    async def test(sandbox: Sandbox) -> None:
        members = [await user(sandbox, f"u{n}") for n in range(4)]
        tenant = await organization(sandbox)
        for member in (members[2], members[0], members[3]):
            await join(sandbox, member, tenant)
        path = f"/user_management/users?organization_id={tenant}&order=asc&limit=2"
        first = (await sandbox.call("GET", path)).body
        assert [row["id"] for row in first["data"]] == [members[0], members[2]]
        rest = (await sandbox.call("GET", f"{path}&after={first['list_metadata']['after']}")).body
        assert [row["id"] for row in rest["data"]] == [members[3]]

    inside(BARE, test)


def test_a_deleted_user_takes_the_memberships_along() -> None:
    async def test(sandbox: Sandbox) -> None:
        member, other = await user(sandbox), await user(sandbox, "other")
        tenants = [await organization(sandbox, f"T{n}") for n in range(2)]
        for tenant in tenants:
            await join(sandbox, member, tenant)
        kept = (await join(sandbox, other, tenants[0])).body["id"]
        await sandbox.call("DELETE", f"/user_management/users/{member}")
        assert await listed(sandbox, f"organization_id={tenants[0]}&{ANY}") == [kept]
        assert await listed(sandbox, f"organization_id={tenants[1]}&{ANY}") == []
        told = await events(sandbox, "organization_membership.deleted", "user.deleted")
        assert [event["event"] for event in told] == ["organization_membership.deleted"] * 2 + [
            "user.deleted"
        ]

    inside(BARE, test)


def test_memberships_count_as_writes_and_reads_of_user_management() -> None:
    async def test(sandbox: Sandbox) -> None:
        member, tenant = await user(sandbox), await organization(sandbox)
        await join(sandbox, member, tenant)
        await listed(sandbox, f"user_id={member}")
        assert dict(sandbox.world.requests) == {"workos_write": 2, "workos_other": 1, "workos_read": 1}

    inside(BARE, test)
