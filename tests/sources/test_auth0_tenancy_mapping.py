"""Auth0's organizations, roles and members as what moves."""

from typing import Any

import pytest

from cockpit.records import Domain, Membership, Organization, Permission, Role
from cockpit.settings import MappingSettings, PasswordSettings
from cockpit.sources._auth0_tenancy_mapping import mappers
from cockpit.sources.base import MappingContext

MAPPERS = mappers(MappingContext(MappingSettings(metadata=("plan",)), PasswordSettings(), {}))


def organization(domains: Any = (), **fields: Any) -> Organization:
    assert MAPPERS.organization is not None
    return MAPPERS.organization({"organization": {"id": "org_1", **fields}, "domains": domains})


def test_an_organization_is_called_by_its_display_name_and_keeps_its_slug() -> None:
    found = organization(
        [{"domain": " Acme.Example ", "status": "verified"}, {"domain": "acme.test", "status": "pending"}],
        name="acme",
        display_name="Acme, Inc.",
        metadata={"plan": "team", "crm": "C-1"},
    )
    assert found == Organization(
        source_id="org_1",
        name="Acme, Inc.",
        domains=(Domain(name="acme.example", verified=True), Domain(name="acme.test")),
        metadata={"provider": "auth0", "slug": "acme", "plan": "team"},
    )


@pytest.mark.parametrize(("fields", "name"), [({"name": "acme"}, "acme"), ({"display_name": " "}, "")])
def test_without_a_display_name_it_is_called_by_its_slug(fields: dict[str, Any], name: str) -> None:
    assert organization(**fields).name == name


@pytest.mark.parametrize(("domains"), [None, "acme.example", [None, {}, {"domain": 5}]])
def test_domains_of_no_shape_are_none(domains: Any) -> None:
    assert organization(domains, name="acme").domains == ()


ROLE = {"id": "rol_1", "name": "Billing Admin", "description": "Pays"}


@pytest.mark.parametrize(
    ("role", "owner"),
    [
        ({}, None),
        ({"type": "tenant", "owner_id": "auth0"}, None),
        ({"type": "organization", "owner_id": "org_1"}, "org_1"),
    ],
)
def test_a_role_is_the_tenants_or_one_organizations(role: dict[str, Any], owner: str | None) -> None:
    assert MAPPERS.role is not None
    raw = {"role": {**ROLE, **role}, "permissions": [{"permission_name": "pay:invoices"}, {}]}
    assert MAPPERS.role(raw) == Role(
        slug="Billing Admin",
        name="Billing Admin",
        description="Pays",
        permissions=("pay:invoices",),
        organization=owner,
    )


def test_permissions_are_called_as_the_api_calls_them() -> None:
    assert MAPPERS.permission is not None
    raw = {"permission_name": "pay:invoices", "description": "", "resource_server_identifier": "https://a"}
    assert MAPPERS.permission(raw) == Permission(slug="pay:invoices", name="pay:invoices")


@pytest.mark.parametrize("roles", [None, [], [{"id": "rol_1"}]])
def test_a_member_may_have_no_roles(roles: Any) -> None:
    assert MAPPERS.membership is not None
    raw = {"organization_id": "org_1", "member": {"user_id": "auth0|1", "roles": roles}}
    assert MAPPERS.membership(raw) == Membership(user="auth0|1", organization="org_1")


def test_a_member_has_the_names_of_its_roles() -> None:
    assert MAPPERS.membership is not None
    roles = [{"id": "rol_1", "name": "Billing Admin"}, {"id": "rol_2", "name": "Member"}]
    raw = {"organization_id": "org_1", "member": {"user_id": "auth0|1", "roles": roles}}
    assert MAPPERS.membership(raw).roles == ("Billing Admin", "Member")


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("organization", {"organization": None}),
        ("organization", {"organization": {"id": ""}}),
        ("role", {"role": {"id": "rol_1"}}),
        ("permission", {}),
        ("membership", {"organization_id": "org_1", "member": {"email": "a@example.com"}}),
        ("membership", {"member": {"user_id": "auth0|1"}}),
    ],
)
def test_what_names_nothing_has_no_usable_shape(kind: str, raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no "):
        getattr(MAPPERS, kind)(raw)
