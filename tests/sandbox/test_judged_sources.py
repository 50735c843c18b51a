"""The vendors' SDKs against the stand-ins of their services: their models judge the shape of every record.

Paging rules and limits are the sandbox's own and are not judged here; Better Auth has no SDK for Python.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from clerk_backend_api import Clerk
from clerk_backend_api.models import GetUserListRequest
from descope import DescopeClient
from stytch import B2BClient as StytchB2b
from stytch import Client as Stytch
from stytch.core.response_base import StytchError
from supabase_auth import SyncGoTrueClient

from cockpit.sandbox.clerk.api import KEY as CLERK_KEY
from cockpit.sandbox.cognito.api import ACCESS_KEY, POOL, REGION, SECRET_KEY
from cockpit.sandbox.descope.api import KEY as DESCOPE_KEY
from cockpit.sandbox.stytch.api import PROJECT, SECRET
from cockpit.sandbox.supabase.api import KEY as SUPABASE_KEY
from tests.sandbox.running import Running

pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::DeprecationWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
"""The SDKs' own: sockets they leave open, functions they still call."""

USERS = 230
LONG_PROJECT = "P2sandbox"


@contextmanager
def playing(source: str) -> Iterator[str]:
    with Running("--source", source, "--users", str(USERS), "--limits", "off", "--faults", "none") as sandbox:
        yield sandbox.base_url


def test_clerk() -> None:
    with playing("clerk") as url, Clerk(bearer_auth=CLERK_KEY, server_url=f"{url}/clerk/v1") as clerk:
        users = clerk.users.list(request=GetUserListRequest(limit=500, offset=0, order_by="+created_at"))
        assert len(users) == USERS
        assert [user.created_at for user in users] == sorted(user.created_at for user in users)
        assert clerk.users.count(request={}).total_count == USERS


def test_clerk_organizations() -> None:
    with playing("clerk") as url, Clerk(bearer_auth=CLERK_KEY, server_url=f"{url}/clerk/v1") as clerk:
        organizations = clerk.organizations.list(
            limit=500, order_by="+created_at", include_members_count=True
        )
        assert len({one.id for one in organizations.data}) == organizations.total_count == 3
        swept = clerk.users.get_instance_organization_memberships(limit=500)
        seats = {member.id: member for member in swept.data}
        assert len(seats) == swept.total_count
        for one in organizations.data:
            members = clerk.organization_memberships.list(organization_id=one.id, limit=500)
            assert members.total_count == one.members_count
            assert all(seats[member.id] == member for member in members.data)
            domains = clerk.organization_domains.list(organization_id=one.id, limit=500)
            assert all(domain.organization_id == one.id for domain in domains.data)
        roles = clerk.organization_roles.list(limit=500)
        assert {member.role for member in swept.data} <= {role.key for role in roles.data}
        assert clerk.organization_permissions.list(limit=500).total_count == 4


def test_clerk_connections() -> None:
    with playing("clerk") as url, Clerk(bearer_auth=CLERK_KEY, server_url=f"{url}/clerk/v1") as clerk:
        found = clerk.enterprise_connections.list(limit=500)
        assert len(found.data) == found.total_count == 23
        assert all(bool(one.saml_connection) != bool(one.oauth_config) for one in found.data)
        idents = [one.saml_connection.id for one in found.data if one.saml_connection]
        older = [clerk.saml_connections.get(saml_connection_id=str(ident)) for ident in idents]
        assert len(older) == 19
        assert all(one.idp_certificate and one.attribute_mapping for one in older)


def test_stytch() -> None:
    with playing("stytch") as url:
        client = Stytch(PROJECT, SECRET, environment=f"{url}/")
        first = client.users.search(limit=200)
        rest = client.users.search(limit=200, cursor=first.results_metadata.next_cursor)
        assert first.results_metadata.total == USERS
        assert len({user.user_id for user in [*first.results, *rest.results]}) == USERS
        assert rest.results_metadata.next_cursor is None
        assert any(totp.verified for user in [*first.results, *rest.results] for totp in user.totps)


def test_stytch_b2b() -> None:
    with playing("stytch_b2b") as url:
        organizations = StytchB2b(PROJECT, SECRET, environment=f"{url}/").organizations
        first = organizations.search(limit=100)
        rest = organizations.search(limit=100, cursor=first.results_metadata.next_cursor)
        assert rest.results_metadata.next_cursor is None
        named = [one.organization_id for one in [*first.organizations, *rest.organizations]]
        assert len(set(named)) == first.results_metadata.total == len(named) > 100
        members, cursor = [], None
        for _ in range(4):
            page = organizations.members.search(named, limit=100, cursor=cursor)
            members += page.members
            assert page.organizations.keys() == {member.organization_id for member in page.members}
            if (cursor := page.results_metadata.next_cursor) is None:
                break
        assert len({member.member_id for member in members}) == page.results_metadata.total == len(members)
        several = [email for email, n in Counter(one.email_address for one in members).items() if n > 1]
        assert len({member.email_address for member in members}) == USERS and several
        of_one = [member for member in members if member.email_address == several[0]]
        assert len({member.organization_id for member in of_one}) == len(of_one)
        policy = StytchB2b(PROJECT, SECRET, environment=f"{url}/").rbac.policy().policy
        assert policy is not None
        roles = {role.role_id for role in policy.roles}
        assert {role.role_id for member in members for role in member.roles} == roles
        assert any(one.claimed_email_domains for one in page.organizations.values())
        with pytest.raises(StytchError) as refused:
            organizations.members.search([])
        assert refused.value.details.status_code == 400


def test_stytch_b2b_connections() -> None:
    with playing("stytch_b2b") as url:
        client = StytchB2b(PROJECT, SECRET, environment=f"{url}/")
        organizations: list[Any] = [*client.organizations.search(limit=1000).organizations]
        answers = [client.sso.get_connections(one.organization_id) for one in organizations]
        saml = [one for answer in answers for one in answer.saml_connections]
        oidc = [one for answer in answers for one in answer.oidc_connections]
        external = [one for answer in answers for one in answer.external_connections]
        assert (len(saml), len(oidc), len(external)) == (19, 4, 2)
        assert sum(bool(one.encryption_private_keys) for one in saml) == 2
        active = [ref.connection_id for one in organizations for ref in one.sso_active_connections]
        everything: list[Any] = [*saml, *oidc, *external]
        assert sorted(active) == sorted(one.connection_id for one in everything)


def test_descope() -> None:
    with playing("descope") as url:
        client = DescopeClient(project_id=LONG_PROJECT, management_key=DESCOPE_KEY, base_url=f"{url}/descope")
        found = client.mgmt.user.search_all(limit=100, page=1)
        assert len(found["users"]) == 100
        assert found["total"] == USERS + (1 if found["total"] > USERS else 0)


def test_descope_tenants() -> None:
    with playing("descope") as url:
        client = DescopeClient(project_id=LONG_PROJECT, management_key=DESCOPE_KEY, base_url=f"{url}/descope")
        tenants = {one["id"]: one["name"] for one in client.mgmt.tenant.load_all()["tenants"]}
        roles = {one["name"]: one["permissionNames"] for one in client.mgmt.role.load_all()["roles"]}
        known = {one["name"] for one in client.mgmt.permission.load_all()["permissions"]}
        assert len(tenants) == 3 and set().union(*roles.values()) <= known
        users = client.mgmt.user.search_all(limit=100)["users"]
        seats = [seat for user in users for seat in user["userTenants"]]
        assert all(tenants[seat["tenantId"]] == seat["tenantName"] for seat in seats)
        assert {name for seat in seats for name in seat["roleNames"]} <= roles.keys()


def test_descope_sso_settings() -> None:
    with playing("descope") as url:
        client = DescopeClient(project_id=LONG_PROJECT, management_key=DESCOPE_KEY, base_url=f"{url}/descope")
        tenants = [one["id"] for one in client.mgmt.tenant.load_all()["tenants"]]
        settings = [client.mgmt.sso.load_settings(tenant) for tenant in tenants]
        assert {one["tenant"]["authType"] for one in settings} <= {"saml", "oidc", "none"}
        assert all(one["saml"]["idpSSOUrl"] for one in settings if one["tenant"]["authType"] == "saml")


def test_cognito() -> None:
    with playing("cognito") as url:
        cognito = boto3.client(
            "cognito-idp",
            region_name=REGION,
            endpoint_url=f"{url}/cognito",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        pages = list(cognito.get_paginator("list_users").paginate(UserPoolId=POOL))
        subs = {user["Attributes"][0]["Value"] for page in pages for user in page["Users"]}
        assert len(subs) == USERS
        assert any(len(page["Users"]) < 60 for page in pages[:-1])
        with pytest.raises(ClientError, match="InvalidParameterException"):
            cognito.list_users(UserPoolId=POOL, Limit=60, PaginationToken="bm8=")


def test_cognito_identity_providers() -> None:
    with playing("cognito") as url:
        client = boto3.client(
            "cognito-idp",
            region_name=REGION,
            endpoint_url=f"{url}/cognito",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )
        pages = client.get_paginator("list_identity_providers").paginate(
            UserPoolId=POOL, PaginationConfig={"PageSize": 10}
        )
        found = Counter(one["ProviderType"] for page in pages for one in page["Providers"])
        assert found == {"SAML": 19, "OIDC": 4, "Google": 1}
        names = [one["ProviderName"] for page in pages for one in page["Providers"]]
        shown = [
            client.describe_identity_provider(UserPoolId=POOL, ProviderName=name)["IdentityProvider"]
            for name in names
            if name != "Google"
        ]
        assert sum("RequestSigningAlgorithm" in one["ProviderDetails"] for one in shown) == 2
        assert sum(one["ProviderDetails"].get("EncryptedResponses") == "true" for one in shown) == 3
        assert client.describe_user_pool(UserPoolId=POOL)["UserPool"]["Domain"] == "sandbox"


def test_cognito_groups() -> None:
    with playing("cognito") as url:
        cognito = boto3.client(
            "cognito-idp",
            region_name=REGION,
            endpoint_url=f"{url}/cognito",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
        )

        def everything(operation: str, key: str, **asked: str) -> list[Any]:
            pages = cognito.get_paginator(operation).paginate(UserPoolId=POOL, **asked)
            return [one for page in pages for one in page[key]]

        groups = [group["GroupName"] for group in everything("list_groups", "Groups")]
        assert sorted(groups) == ["admin", "billing", "member", "support"]
        in_group = {name: everything("list_users_in_group", "Users", GroupName=name) for name in groups}
        names = {name: [user["Username"] for user in users] for name, users in in_group.items()}
        assert all(len(set(users)) == len(users) > 0 for users in names.values())
        external = next(one for one in names["member"] if one.startswith("Google_"))
        native = next(one for one in names["admin"] if not one.startswith("Google_"))
        for user in (external, native):
            groups_of = everything("admin_list_groups_for_user", "Groups", Username=user)
            assert {group["GroupName"] for group in groups_of} == {
                name for name, users in names.items() if user in users
            }
        settings = [
            cognito.admin_get_user(UserPoolId=POOL, Username=user).get("UserMFASettingList")
            for user in names["member"]
        ]
        assert ["SOFTWARE_TOKEN_MFA"] in settings and None in settings
        with pytest.raises(ClientError, match="UserNotFoundException"):
            cognito.admin_get_user(UserPoolId=POOL, Username="nobody")


def test_supabase() -> None:
    with playing("supabase") as url:
        headers = {"apikey": SUPABASE_KEY, "Authorization": f"Bearer {SUPABASE_KEY}"}
        client = SyncGoTrueClient(url=f"{url}/supabase/auth/v1", headers=headers)
        users = client.admin.list_users(page=1, per_page=1000)
        assert len({user.id for user in users}) == USERS
        assert all(user.identities for user in users)
        enrolled = next(user for user in users if user.factors)
        assert enrolled.factors is not None
        listed = client.admin.mfa.list_factors({"user_id": enrolled.id})
        assert [factor.id for factor in enrolled.factors] == [factor.id for factor in listed]
        client.close()
