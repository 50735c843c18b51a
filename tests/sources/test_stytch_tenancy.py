"""Stytch's organizations and roles: cursors, the policy, and what members of one e-mail are together."""

import json
from typing import Any

import pytest

from cockpit.records import Domain, Membership, Organization, Permission, Role
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources._stytch_tenancy_mapping import mappers
from cockpit.sources.base import MappingContext, Source, SourceError
from cockpit.terms import Kind
from tests.sources.memos import ids
from tests.sources.scripted import Stytch

MAPPERS = mappers(MappingContext(MappingSettings(metadata=("plan",)), PasswordSettings(), {}))
POLICY = {
    "roles": [
        {"role_id": "editor", "permissions": [{"resource_id": "documents", "actions": ["*"]}]},
        {"role_id": "stytch_member", "permissions": []},
    ],
    "resources": [
        {"resource_id": "documents", "actions": ["read", "write", "*"]},
        {"resource_id": "billing", "actions": ["pay"]},
    ],
}
OWN = {"role_id": "auditor", "permissions": [{"resource_id": "documents", "actions": ["read"]}]}
KINDS: list[Kind] = ["organization", "permission", "role"]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in Stytch.environment.items():
        monkeypatch.setenv(name, value)


async def chains(source: Source) -> list[str]:
    return list(await source.chains())


async def count(source: Source) -> int | None:
    return await source.count()


def project(organizations: int = 3) -> Stytch:
    found = Stytch(0, organizations)
    found.policy, found.told = POLICY, {"custom_roles": [OWN]}
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_a_consumer_project_has_none_of_them(kind: Kind) -> None:
    assert Stytch(3).asking(chains, kind=kind) == []
    assert Stytch(3).asking(count, kind=kind) == 0


def test_organizations_come_by_cursor_and_are_counted() -> None:
    found = project(2500)
    pages = found.pages(kind="organization")
    assert ids(pages) == found.organizations
    assert [len(page.items) for page in pages] == [1000, 1000, 500]
    assert {page.total for page in pages} == {2500}
    assert found.asking(count, kind="organization") == 2500
    found.totals = False
    assert found.asking(count, kind="organization") is None


@pytest.mark.parametrize(("missing", "again"), [(0, []), (2, ["again 7"]), (None, ["again 7"])])
def test_they_are_read_again_unless_all_were_seen(missing: int | None, again: list[str]) -> None:
    async def sweep(source: Source) -> list[str]:
        return list(await source.sweep(7, missing))

    assert project().asking(sweep, kind="organization") == again


def test_a_cursor_that_ended_since_the_last_run_begins_anew() -> None:
    found = project(1500)
    (first,) = found.pages(kind="organization", most=1)
    found.generation += 1
    assert len(ids(found.pages(kind="organization", cursor=first.next_cursor))) == 1500


def test_roles_are_the_projects_and_beside_them_each_organizations_own() -> None:
    found = project()
    assert found.asking(chains, kind="role") == ["", "organizations"]
    assert ids(found.pages(kind="role")) == ["editor", "stytch_member"]
    assert ids(found.pages(kind="role", chain="organizations")) == [
        f"{organization}/auditor" for organization in found.organizations
    ]


def test_permissions_are_the_actions_of_the_policys_resources() -> None:
    assert ids(project().pages(kind="permission")) == ["documents:read", "documents:write", "billing:pay"]


def test_an_answer_without_a_policy_is_no_policy_without_roles() -> None:
    found = project()
    found.policy = None  # type: ignore[assignment]
    with pytest.raises(SourceError, match="answered no policy"):
        found.pages(kind="role")


# mapping


def roles(chain: str) -> list[Role]:
    assert MAPPERS.role is not None
    return [
        MAPPERS.role(json.loads(item.body))
        for page in project(1).pages(kind="role", chain=chain)
        for item in page.items
    ]


def test_every_action_of_a_resource_is_each_of_them() -> None:
    assert roles("") == [
        Role(slug="editor", name="editor", permissions=("documents:read", "documents:write")),
        Role(slug="stytch_member", name="stytch_member"),
    ]


def test_a_role_of_an_organization_is_only_its_own() -> None:
    (role,) = roles("organizations")
    assert role == Role(
        slug="auditor",
        name="auditor",
        permissions=("documents:read",),
        organization="organization-0000",
    )


def test_a_permission_is_called_by_resource_and_action() -> None:
    assert MAPPERS.permission is not None
    assert MAPPERS.permission({"resource_id": "documents", "action": "read"}) == Permission(
        slug="documents:read", name="documents:read"
    )


def test_claimed_domains_are_verified_and_allowed_ones_are_not() -> None:
    assert MAPPERS.organization is not None
    raw = {
        "organization_id": "organization-1",
        "organization_name": "Acme, Inc.",
        "organization_slug": "acme",
        "organization_external_id": "C-1",
        "claimed_email_domains": ["Acme.Example"],
        "email_allowed_domains": ["acme.example", "acme.test"],
        "trusted_metadata": {"plan": "team", "other": 1},
    }
    assert MAPPERS.organization(raw) == Organization(
        source_id="organization-1",
        name="Acme, Inc.",
        domains=(Domain(name="acme.example", verified=True), Domain(name="acme.test")),
        metadata={"provider": "stytch", "slug": "acme", "external_id": "C-1", "plan": "team"},
    )


def member(number: int, organization: str, status: str = "active", *roles: str) -> dict[str, Any]:
    return {
        "member_id": f"member-{number}",
        "organization_id": organization,
        "email_address": "Ana@Example.com ",
        "status": status,
        "roles": [{"role_id": role, "sources": []} for role in roles],
        "created_at": f"2024-01-0{number}T00:00:00Z",
    }


def told(*members: dict[str, Any]) -> list[Any]:
    assert MAPPERS.of_user is not None
    return list(MAPPERS.of_user({one["member_id"]: one for one in members}))


def test_a_person_is_a_member_wherever_they_have_one_with_the_roles_there() -> None:
    found = told(member(1, "o1", "active", "stytch_member", "editor"), member(2, "o2", "active"))
    assert found == [
        Membership(user="ana@example.com", organization="o1", roles=("stytch_member", "editor")),
        Membership(user="ana@example.com", organization="o2"),
    ]


@pytest.mark.parametrize("status", ["invited", "pending", "deleted"])
def test_one_that_is_not_active_is_told_in_stytchs_word(status: str) -> None:
    assert [one.inactive for one in told(member(1, "o1", status))] == [status]


@pytest.mark.parametrize("turned", [False, True])
def test_of_two_members_in_one_organization_the_active_one_counts(turned: bool) -> None:
    two = [member(1, "o1", "deleted", "editor"), member(2, "o1", "active", "reader")]
    (found,) = told(*(reversed(two) if turned else two))
    assert (found.inactive, found.roles) == (None, ("reader",))


def test_a_consumer_user_tells_of_none() -> None:
    assert MAPPERS.of_user is not None
    assert list(MAPPERS.of_user({"user_id": "user-1", "roles": ["stytch_user"]})) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_names_nothing_has_no_usable_shape(kind: Kind) -> None:
    with pytest.raises(ValueError, match="no "):
        getattr(MAPPERS, kind)({})
