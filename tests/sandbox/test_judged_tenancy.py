"""WorkOS's own SDK, unchanged, against the tenancy of a running sandbox: its models judge every answer."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from workos import (
    BadRequestError,
    ConflictError,
    NotFoundError,
    UnprocessableEntityError,
    WorkOSClient,
    WorkOSError,
)
from workos.common.models import (
    OrganizationCreated,
    OrganizationDeleted,
    OrganizationDomainCreated,
    OrganizationDomainDataState,
    OrganizationMembershipCreated,
    OrganizationMembershipDeleted,
    OrganizationMembershipUpdated,
    OrganizationRoleCreated,
    OrganizationRoleUpdated,
    OrganizationUpdated,
    PermissionCreated,
    PermissionUpdated,
    RoleCreated,
    RoleUpdated,
)
from workos.organization_membership import RoleMultiple, RoleSingle
from workos.organizations.models import OrganizationDomainData

from tests.sandbox.running import Running
from tests.sandbox.test_judged_by_sdks import control

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VERIFIED, PENDING = OrganizationDomainDataState.VERIFIED, OrganizationDomainDataState.PENDING


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Running]:
    with Running("--source", "none", "--limits", "off") as running:
        yield running


@pytest.fixture
def workos(sandbox: Running) -> Iterator[WorkOSClient]:
    control(sandbox, "POST", "/_sandbox/reset")
    with WorkOSClient(
        api_key="sk_sandbox", client_id="client_sandbox", base_url=sandbox.base_url, max_retries=0
    ) as client:
        yield client


def test_organizations_with_their_domains(workos: WorkOSClient) -> None:
    organizations = workos.organizations
    created = organizations.create_organization(
        name="Acme",
        external_id="t/1",
        metadata={"tier": "gold"},
        domain_data=[OrganizationDomainData(domain="acme.example", state=VERIFIED)],
    )
    assert organizations.get_organization(created.id) == created
    assert organizations.get_organization_by_external_id("t/1") == created
    added = workos.organization_domains.create_organization_domain(
        organization_id=created.id, domain="acme.test.example"
    )
    assert added.verification_token
    both = organizations.get_organization(created.id).domains
    assert [(domain.domain, domain.state) for domain in both] == [
        ("acme.example", "verified"),
        ("acme.test.example", "pending"),
    ]
    updated = organizations.update_organization(
        created.id, name="Acme Inc", domain_data=[OrganizationDomainData("acme.test.example", PENDING)]
    )
    assert [domain.id for domain in updated.domains] == [added.id]
    others = [organizations.create_organization(name=f"Tenant {number}").id for number in range(12)]
    walked = [row.id for row in organizations.list_organizations(limit=5, order="asc").auto_paging_iter()]
    assert walked == [created.id, *others]
    found = organizations.list_organizations(domains=["acme.test.example"], search="acme inc")
    assert [row.id for row in found.data] == [created.id]
    organizations.delete_organization(created.id)
    assert len(list(organizations.list_organizations(limit=100).auto_paging_iter())) == 12


def test_memberships_with_one_role_and_with_several(workos: WorkOSClient) -> None:
    memberships = workos.organization_membership
    user = workos.user_management.create_user(email="ana@b.example").id
    tenants = [workos.organizations.create_organization(name=f"T{number}").id for number in range(3)]
    first = memberships.create_organization_membership(
        user_id=user, organization_id=tenants[0], role=RoleMultiple(role_slugs=["admin", "member"])
    )
    assert ([role.slug for role in first.roles], first.role.slug) == (["admin", "member"], "admin")
    assert (first.user.email, first.organization_name) == ("ana@b.example", "T0")
    others = [
        memberships.create_organization_membership(
            user_id=user, organization_id=tenant, role=RoleSingle(role_slug="member")
        )
        for tenant in tenants[1:]
    ]
    walked = memberships.list_organization_memberships(user_id=user, limit=2, order="asc").auto_paging_iter()
    assert [row.id for row in walked] == [first.id, *(row.id for row in others)]
    assert (
        memberships.update_organization_membership(first.id, role=RoleSingle(role_slug="member")).role.slug
        == "member"
    )
    assert memberships.deactivate_organization_membership(first.id).status == "inactive"
    assert memberships.list_organization_memberships(organization_id=tenants[0]).data == []
    inactive = memberships.list_organization_memberships(
        organization_id=tenants[0], user_id=user, statuses=["active", "inactive", "pending"]
    )
    assert [row.status for row in inactive.data] == ["inactive"]
    assert memberships.reactivate_organization_membership(first.id).status == "active"
    assert memberships.get_organization_membership(first.id).status == "active"
    members = workos.user_management.list_users(organization_id=tenants[0])
    assert [row.id for row in members.data] == [user]
    memberships.delete_organization_membership(first.id)
    assert len(memberships.list_organization_memberships(user_id=user).data) == 2


def test_permissions_and_roles_of_environment_and_organization(workos: WorkOSClient) -> None:
    authorization = workos.authorization
    for slug in ("docs:read", "docs:write"):
        assert authorization.create_permission(slug=slug, name=slug).system is False
    assert authorization.update_permission("docs:read", description="Read").description == "Read"
    assert authorization.get_permission("docs:read").description == "Read"
    assert [row.slug for row in authorization.list_permissions(order="asc").data] == [
        "docs:read",
        "docs:write",
    ]
    role = authorization.create_environment_role(slug="editor", name="Editor", description="Edits")
    assert authorization.get_environment_role("editor") == role
    assert authorization.update_environment_role("editor", name="Writer").name == "Writer"
    read = authorization.set_environment_role_permissions("editor", permissions=["docs:read"])
    both = authorization.add_environment_role_permission("editor", body_slug="docs:write")
    assert (read.permissions, both.permissions) == (["docs:read"], ["docs:read", "docs:write"])
    tenant = workos.organizations.create_organization(name="Acme").id
    custom = authorization.create_organization_role(tenant, name="Ops", slug="org-ops")
    assert authorization.get_organization_role(tenant, "org-ops") == custom
    assert authorization.update_organization_role(tenant, "org-ops", name="Operations").name == "Operations"
    authorization.set_organization_role_permissions(tenant, "org-ops", permissions=["docs:read"])
    authorization.add_organization_role_permission(tenant, "org-ops", body_slug="docs:write")
    authorization.remove_organization_role_permission(tenant, "org-ops", "docs:read")
    listed = authorization.list_organization_roles(tenant).data
    assert [(row.slug, row.type.value, row.permissions) for row in listed] == [
        ("admin", "EnvironmentRole", []),
        ("member", "EnvironmentRole", []),
        ("editor", "EnvironmentRole", ["docs:read", "docs:write"]),
        ("org-ops", "OrganizationRole", ["docs:write"]),
    ]
    assert [row.slug for row in authorization.list_environment_roles().data] == ["admin", "member", "editor"]


def test_factors_whose_secret_can_be_proved(workos: WorkOSClient, sandbox: Running) -> None:
    mfa = workos.multi_factor_auth
    user = workos.user_management.create_user(email="ana@b.example", external_id="ana").id
    enrolled = mfa.create_user_auth_factor(user, type="totp", totp_secret=SECRET, totp_issuer="Acme")
    totp = enrolled.authentication_factor.totp
    assert totp is not None
    assert (totp.secret, totp.issuer, totp.user) == (SECRET, "Acme", "ana@b.example")
    assert enrolled.authentication_challenge.authentication_factor_id == enrolled.authentication_factor.id
    listed = mfa.list_user_auth_factors(user).data
    assert [row.id for row in listed] == [enrolled.authentication_factor.id]
    assert mfa.get_factor(listed[0].id).created_at == listed[0].created_at
    assert control(sandbox, "GET", "/_sandbox/totp?user=ana&code=not-it")["right"] is False
    mfa.delete_factor(listed[0].id)
    assert mfa.list_user_auth_factors(user).data == []


def test_refusals_are_the_sdks_own_errors(workos: WorkOSClient, sandbox: Running) -> None:
    user = workos.user_management.create_user(email="ana@b.example").id
    organizations, memberships = workos.organizations, workos.organization_membership
    domain = [OrganizationDomainData(domain="acme.example", state=VERIFIED)]
    tenant = organizations.create_organization(name="Acme", external_id="t1", domain_data=domain).id

    control(sandbox, "POST", "/_sandbox/config", {"multiple_roles": False})

    def refused(kind: type[WorkOSError], call: Callable[..., object], **fields: Any) -> str | None:
        with pytest.raises(kind) as refusal:
            call(**fields)
        code = getattr(refusal.value, "code", None)
        return None if code is None else str(code)

    create, join = organizations.create_organization, memberships.create_organization_membership
    enroll, both = (
        workos.multi_factor_auth.create_user_auth_factor,
        {"user_id": user, "organization_id": tenant},
    )
    two, owner = RoleMultiple(role_slugs=["admin", "member"]), RoleSingle(role_slug="owner")
    assert refused(BadRequestError, create, name="A", external_id="t1") == "external_id_already_used"
    assert refused(ConflictError, create, name="A", domain_data=domain) is None
    assert refused(NotFoundError, organizations.get_organization, id="org_none") == "entity_not_found"
    assert refused(UnprocessableEntityError, join, role=owner, **both) == "invalid_role"
    assert refused(UnprocessableEntityError, join, role=two, **both) == "multiple_roles_not_enabled"
    listed = memberships.list_organization_memberships
    assert refused(BadRequestError, listed) == "missing_user_id_or_organization_id"
    secret = {"userland_user_id": user, "type": "totp", "totp_secret": "no!"}
    assert refused(UnprocessableEntityError, enroll, **secret) == "invalid_request_parameters"


def test_events_of_the_whole_tenancy(workos: WorkOSClient) -> None:
    authorization, memberships = workos.authorization, workos.organization_membership
    authorization.create_permission(slug="p", name="P")
    authorization.update_permission("p", name="Q")
    authorization.create_environment_role(slug="editor", name="Editor")
    authorization.set_environment_role_permissions("editor", permissions=["p"])
    tenant = workos.organizations.create_organization(name="Acme").id
    workos.organizations.update_organization(tenant, name="Acme Inc")
    workos.organization_domains.create_organization_domain(organization_id=tenant, domain="a.example")
    authorization.create_organization_role(tenant, name="Ops", slug="org-ops")
    authorization.set_organization_role_permissions(tenant, "org-ops", permissions=["p"])
    user = workos.user_management.create_user(email="ana@b.example").id
    joined = memberships.create_organization_membership(user_id=user, organization_id=tenant)
    memberships.deactivate_organization_membership(joined.id)
    workos.organizations.delete_organization(tenant)
    kinds = {
        "permission.created": PermissionCreated,
        "permission.updated": PermissionUpdated,
        "role.created": RoleCreated,
        "role.updated": RoleUpdated,
        "organization.created": OrganizationCreated,
        "organization.updated": OrganizationUpdated,
        "organization_domain.created": OrganizationDomainCreated,
        "organization_role.created": OrganizationRoleCreated,
        "organization_role.updated": OrganizationRoleUpdated,
        "organization_membership.created": OrganizationMembershipCreated,
        "organization_membership.updated": OrganizationMembershipUpdated,
        "organization_membership.deleted": OrganizationMembershipDeleted,
        "organization.deleted": OrganizationDeleted,
    }
    events = list(workos.events.list_events(events=list(kinds), limit=5).auto_paging_iter())
    assert [type(event) for event in events] == list(kinds.values())
