"""/organizations and /organization_domains: the target of an import's first step."""

from typing import Any

from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.tenants import ORGANIZATIONS, events, join, organization, user


def domains(*states: tuple[str, str]) -> list[dict[str, str]]:
    return [{"domain": name, "state": state} for name, state in states]


def test_an_organization_is_created_with_its_domains() -> None:
    async def test(sandbox: Sandbox) -> None:
        created = await sandbox.call(
            "POST",
            ORGANIZATIONS,
            json={
                "name": "Acme",
                "external_id": "t/1",
                "metadata": {"tier": "gold"},
                "domain_data": domains((" Acme.example", "verified"), ("acme.test.example", "pending")),
            },
        )
        assert created.status == 201
        states = {domain["domain"]: domain["state"] for domain in created.body["domains"]}
        assert states == {"acme.example": "verified", "acme.test.example": "pending"}
        verified, pending = created.body["domains"]
        assert (verified["verification_strategy"], verified["verification_token"]) == ("manual", None)
        assert pending["verification_strategy"] == "dns"
        assert pending["verification_token"]
        path = f"{ORGANIZATIONS}/{created.body['id']}"
        assert (await sandbox.call("GET", path)).body == created.body
        assert (await sandbox.call("GET", f"{ORGANIZATIONS}/external_id/t%2F1")).body == created.body

    inside(BARE, test)


def test_a_wrong_shape_is_refused() -> None:
    async def test(sandbox: Sandbox) -> None:
        for body in (
            {},
            {"name": " "},
            {"name": 1},
            {"name": "A", "external_id": "é"},
            {"name": "A", "external_id": "x" * 129},
            {"name": "A", "domains": ["a.example"]},
            {"name": "A", "domain_data": {"domain": "a.example"}},
            {"name": "A", "domain_data": ["a.example"]},
            {"name": "A", "domain_data": [{"domain": "a.example", "state": []}]},
            {"name": "A", "domain_data": domains(("a.example", "failed"))},
            {"name": "A", "domain_data": domains(("localhost", "verified"))},
            {"name": "A", "domain_data": domains(("a.example", "verified"), ("A.example", "pending"))},
        ):
            refused = await sandbox.call("POST", ORGANIZATIONS, json=body)
            assert (refused.status, refused.code) == (422, "invalid_request_parameters"), body
        for metadata in ({"k": "x" * 601}, {"k" * 41: "x"}, {"k": "é"}, {str(n): "" for n in range(51)}):
            refused = await sandbox.call("POST", ORGANIZATIONS, json={"name": "A", "metadata": metadata})
            assert (refused.status, refused.code) == (400, "invalid_metadata")
        assert len(sandbox.world.organizations) == 0

    inside(BARE, test)


def test_an_external_id_is_used_once_unless_the_sandbox_is_told_otherwise() -> None:
    async def test(sandbox: Sandbox) -> None:
        first = await organization(sandbox, external_id="t1")
        again = {"name": "Again", "external_id": "t1"}
        refused = await sandbox.call("POST", ORGANIZATIONS, json=again)
        assert (refused.status, refused.code) == (400, "external_id_already_used")
        await sandbox.configure(unique_external_ids=False)
        second = await sandbox.call("POST", ORGANIZATIONS, json=again)
        assert second.status == 201
        found = await sandbox.call("GET", f"{ORGANIZATIONS}/external_id/t1")
        assert found.body["id"] == first != second.body["id"]
        await sandbox.call("DELETE", f"{ORGANIZATIONS}/{second.body['id']}")
        assert (await sandbox.call("GET", f"{ORGANIZATIONS}/external_id/t1")).body["id"] == first

    inside(BARE, test)


def test_names_repeat_but_a_domain_belongs_to_one_organization() -> None:
    async def test(sandbox: Sandbox) -> None:
        await organization(sandbox, domain_data=domains(("acme.example", "pending")))
        clash = {"name": "Acme", "domain_data": domains(("ACME.example", "verified"))}
        refused = await sandbox.call("POST", ORGANIZATIONS, json=clash)
        assert refused.status == 409
        assert refused.body.keys() == {"message"}
        second = await organization(sandbox)
        refused = await sandbox.call("PUT", f"{ORGANIZATIONS}/{second}", json=clash)
        assert refused.status == 409

    inside(BARE, test)


def test_an_update_keeps_what_it_does_not_name_and_replaces_all_domains() -> None:
    async def test(sandbox: Sandbox) -> None:
        two = domains(("a.example", "pending"), ("b.example", "verified"))
        ident = await organization(sandbox, external_id="t1", metadata={"a": "1", "b": "2"}, domain_data=two)
        path = f"{ORGANIZATIONS}/{ident}"
        before = (await sandbox.call("GET", path)).body
        sandbox.clock.advance(1)
        changed = await sandbox.call("PUT", path, json={"name": "New", "metadata": {"a": None, "c": "3"}})
        assert changed.body["metadata"] == {"b": "2", "c": "3"}
        assert (changed.body["external_id"], changed.body["domains"]) == ("t1", before["domains"])
        three = domains(("a.example", "verified"), ("c.example", "pending"))
        changed = await sandbox.call("PUT", path, json={"domain_data": three})
        assert [domain["domain"] for domain in changed.body["domains"]] == ["a.example", "c.example"]
        assert changed.body["domains"][0]["id"] == before["domains"][0]["id"]
        assert changed.body["domains"][0]["state"] == "verified"
        free = await sandbox.call("POST", ORGANIZATIONS, json={"name": "B", "domain_data": two[1:]})
        assert free.status == 201

    inside(BARE, test)


def test_a_domain_is_added_pending_and_only_where_nobody_has_it() -> None:
    async def test(sandbox: Sandbox) -> None:
        ident = await organization(sandbox)
        body = {"organization_id": ident, "domain": "Acme.example"}
        added = await sandbox.call("POST", "/organization_domains", json=body)
        assert (added.status, added.body["domain"], added.body["state"]) == (201, "acme.example", "pending")
        kept = (await sandbox.call("GET", f"{ORGANIZATIONS}/{ident}")).body["domains"]
        assert kept == [added.body]
        again = await sandbox.call("POST", "/organization_domains", json=body)
        assert (again.status, again.code) == (409, "domain_already_exists")
        nowhere = {"organization_id": "org_none", "domain": "b.example"}
        assert (await sandbox.call("POST", "/organization_domains", json=nowhere)).status == 404
        assert (
            await sandbox.call("POST", "/organization_domains", json={"domain": "b.example"})
        ).status == 422

    inside(BARE, test)


def test_a_list_is_filtered_by_domain_and_by_name() -> None:
    async def test(sandbox: Sandbox) -> None:
        ids = [
            await organization(sandbox, f"Tenant {n}", domain_data=domains((f"t{n}.example", "verified")))
            for n in range(4)
        ]

        async def found(query: str) -> list[str]:
            page = (await sandbox.call("GET", f"{ORGANIZATIONS}?order=asc&{query}")).body
            return [row["id"] for row in page["data"]]

        assert await found("domains=t3.example,T1.example,other.example") == [ids[1], ids[3]]
        assert await found("domains[]=t0.example&domains[]=t2.example&limit=1") == [ids[0]]
        assert await found(f"after={ids[1]}") == ids[2:]
        assert await found("search=tenant%203") == [ids[3]]
        assert await found("search=nobody") == []

    inside(BARE, test)


def test_a_deleted_organization_takes_its_memberships_and_roles_and_frees_its_names() -> None:
    async def test(sandbox: Sandbox) -> None:
        one: dict[str, Any] = {"external_id": "t1", "domain_data": domains(("a.example", "verified"))}
        ident, other = await organization(sandbox, **one), await organization(sandbox, "Other")
        member = await user(sandbox)
        await join(sandbox, member, ident)
        await join(sandbox, member, other)
        roles = f"/authorization/organizations/{ident}/roles"
        await sandbox.call("POST", roles, json={"name": "Ops", "slug": "org-ops"})
        assert (await sandbox.call("DELETE", f"{ORGANIZATIONS}/{ident}")).status == 204
        assert (await sandbox.call("GET", f"{ORGANIZATIONS}/{ident}")).status == 404
        assert (await sandbox.call("GET", roles)).status == 404
        assert [row.organization_id for row in sandbox.world.memberships] == [other]
        gone = await events(sandbox, "organization_membership.deleted", "organization.deleted")
        assert [event["event"] for event in gone] == [
            "organization_membership.deleted",
            "organization.deleted",
        ]
        again = await sandbox.call("POST", ORGANIZATIONS, json={"name": "Acme"} | one)
        assert again.status == 201

    inside(BARE, test)


def test_events_tell_of_organizations_and_their_domains() -> None:
    async def test(sandbox: Sandbox) -> None:
        ident = await organization(sandbox, "Old")
        await sandbox.call("PUT", f"{ORGANIZATIONS}/{ident}", json={"name": "New"})
        body = {"organization_id": ident, "domain": "a.example"}
        await sandbox.call("POST", "/organization_domains", json=body)
        told = await events(
            sandbox, "organization.created", "organization.updated", "organization_domain.created"
        )
        assert [event["data"].get("name", event["data"].get("domain")) for event in told] == [
            "Old",
            "New",
            "a.example",
        ]

    inside(BARE, test)


def test_deleting_organizations_has_a_budget_of_its_own() -> None:
    async def test(sandbox: Sandbox) -> None:
        for _ in range(50):
            assert (await sandbox.call("DELETE", f"{ORGANIZATIONS}/org_none")).status == 404
        refused = await sandbox.call("DELETE", f"{ORGANIZATIONS}/org_none")
        assert (refused.status, refused.code) == (429, "rate_limit_exceeded")
        assert (await sandbox.call("GET", ORGANIZATIONS)).status == 200

    inside(SandboxConfig(source="none"), test)
