"""/authorization: permissions, roles of the environment and roles of organizations."""

from typing import Any

from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.tenants import events, organization

ROLES, PERMISSIONS = "/authorization/roles", "/authorization/permissions"


async def permission(sandbox: Sandbox, slug: str) -> Any:
    return await sandbox.call("POST", PERMISSIONS, json={"slug": slug, "name": slug.title()})


def test_a_new_environment_has_an_admin_and_a_member() -> None:
    async def test(sandbox: Sandbox) -> None:
        listed = (await sandbox.call("GET", ROLES)).body
        roles = [(role["slug"], role["type"], role["permissions"]) for role in listed["data"]]
        assert roles == [("admin", "EnvironmentRole", []), ("member", "EnvironmentRole", [])]
        assert len(sandbox.world.events) == 0

    inside(BARE, test)


def test_a_permission_is_created_once_read_listed_and_changed() -> None:
    async def test(sandbox: Sandbox) -> None:
        created = await permission(sandbox, "docs:read")
        assert (created.status, created.body["system"]) == (201, False)
        again = await permission(sandbox, "docs:read")
        assert (again.status, again.code) == (409, "permission_slug_conflict")
        path = f"{PERMISSIONS}/docs:read"
        changed = await sandbox.call("PATCH", path, json={"description": "Read documents"})
        assert (changed.body["name"], changed.body["description"]) == ("Docs:Read", "Read documents")
        assert (await sandbox.call("GET", path)).body == changed.body
        await permission(sandbox, "docs:*")
        page = (await sandbox.call("GET", f"{PERMISSIONS}?limit=1")).body
        assert [row["slug"] for row in page["data"]] == ["docs:*"]
        assert page["list_metadata"]["after"]
        for body in ({"slug": "Docs", "name": "D"}, {"slug": "d"}, {"name": "D"}):
            assert (await sandbox.call("POST", PERMISSIONS, json=body)).status == 422
        assert (await sandbox.call("GET", f"{PERMISSIONS}/none")).status == 404

    inside(BARE, test)


def test_a_role_is_created_without_permissions_and_last() -> None:
    async def test(sandbox: Sandbox) -> None:
        created = await sandbox.call("POST", ROLES, json={"slug": "editor", "name": "Editor"})
        assert (created.status, created.body["permissions"]) == (201, [])
        assert (await sandbox.call("GET", f"{ROLES}/editor")).body == created.body
        again = await sandbox.call("POST", ROLES, json={"slug": "editor", "name": "Other"})
        assert (again.status, again.code) == (409, "role_slug_conflict")
        slugs = [role["slug"] for role in (await sandbox.call("GET", ROLES)).body["data"]]
        assert slugs == ["admin", "member", "editor"]
        for body in ({"slug": "Editor", "name": "E"}, {"slug": "e:f", "name": "E"}, {"slug": "e"}):
            assert (await sandbox.call("POST", ROLES, json=body)).status == 422
        scoped = {"slug": "e", "name": "E", "resource_type_slug": "project"}
        assert (await sandbox.call("POST", ROLES, json=scoped)).status == 404

    inside(BARE, test)


def test_the_permissions_of_a_role_are_set_and_added() -> None:
    async def test(sandbox: Sandbox) -> None:
        for slug in ("a", "b", "c"):
            await permission(sandbox, slug)
        path = f"{ROLES}/admin/permissions"
        assert (await sandbox.call("PUT", path, json={"permissions": ["b", "a", "b"]})).body[
            "permissions"
        ] == ["b", "a"]
        for _ in range(2):
            added = await sandbox.call("POST", path, json={"slug": "c"})
            assert added.body["permissions"] == ["b", "a", "c"]
        assert (await sandbox.call("PUT", path, json={"permissions": ["a", "none"]})).status == 404
        assert (await sandbox.call("POST", path, json={"slug": "none"})).status == 404
        assert (await sandbox.call("PUT", path, json={"permissions": [1]})).status == 422
        assert (
            await sandbox.call("PUT", f"{ROLES}/none/permissions", json={"permissions": []})
        ).status == 404
        told = await events(sandbox, "role.updated")
        assert [event["data"]["permissions"] for event in told] == [["b", "a"], ["b", "a", "c"]]

    inside(BARE, test)


def test_an_organization_has_roles_of_its_own_beside_the_environments() -> None:
    async def test(sandbox: Sandbox) -> None:
        tenant, other = await organization(sandbox), await organization(sandbox, "Other")
        path = f"/authorization/organizations/{tenant}/roles"
        await permission(sandbox, "a")
        created = await sandbox.call("POST", path, json={"slug": "org-ops", "name": "Ops"})
        assert (created.status, created.body["type"]) == (201, "OrganizationRole")
        again = await sandbox.call("POST", path, json={"slug": "org-ops", "name": "Ops"})
        assert (again.status, again.code) == (409, "organization_role_slug_conflict")
        assert (await sandbox.call("POST", path, json={"slug": "ops", "name": "Ops"})).status == 422
        made = (await sandbox.call("POST", path, json={"name": "Second Line!"})).body["slug"]
        assert made.startswith("org-second-line-")
        slugs = [role["slug"] for role in (await sandbox.call("GET", path)).body["data"]]
        assert slugs == ["admin", "member", "org-ops", made]
        elsewhere = await sandbox.call("GET", f"/authorization/organizations/{other}/roles/org-ops")
        assert elsewhere.status == 404
        assert (await sandbox.call("GET", f"{path}/admin")).body["type"] == "EnvironmentRole"
        assert (await sandbox.call("PATCH", f"{path}/admin", json={"name": "Boss"})).status == 404
        changed = await sandbox.call("PATCH", f"{path}/org-ops", json={"name": "Operations"})
        assert changed.body["name"] == "Operations"
        await sandbox.call("PUT", f"{path}/org-ops/permissions", json={"permissions": ["a"]})
        assert (await sandbox.call("DELETE", f"{path}/org-ops/permissions/a")).status == 204
        assert (await sandbox.call("GET", f"{path}/org-ops")).body["permissions"] == []
        told = await events(sandbox, "organization_role.created", "organization_role.updated")
        assert {event["data"]["organization_id"] for event in told} == {tenant}
        assert len(told) == 5

    inside(BARE, test)
