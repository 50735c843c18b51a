"""The vendors' own SDKs, unchanged, against a running sandbox: their models judge the shape of every answer.

Paging rules and limits are the sandbox's own and are not judged here.
"""

import gc
import json
import urllib.request
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Any

import firebase_admin
import httpx
import pytest
import requests
from auth0.management import Auth0
from auth0.management.core.api_error import ApiError
from auth0.management.errors import ForbiddenError
from firebase_admin import auth, credentials, tenant_mgt
from firebase_admin._user_mgt import B64_REDACTED
from google.auth.transport.requests import Request
from google.oauth2 import service_account
from workos import WorkOSClient
from workos.common.models import UserCreated, UserDeleted, UserUpdated
from workos.user_management import PasswordHashed, PasswordPlaintext

from cockpit.sandbox.firebase.records import TENANTS
from tests.sandbox.inside import BCRYPT
from tests.sandbox.running import Running

SERVICE_ACCOUNT = "/_sandbox/firebase/service-account.json"


@pytest.fixture(scope="module")
def auth0_side() -> Iterator[Running]:
    with Running("--source", "auth0", "--users", "1200", "--limits", "off") as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def firebase_side() -> Iterator[Running]:
    with Running("--source", "firebase", "--users", "1200", "--limits", "off") as sandbox:
        yield sandbox


@pytest.fixture
def workos(auth0_side: Running) -> Iterator[WorkOSClient]:
    control(auth0_side, "POST", "/_sandbox/reset")
    with WorkOSClient(
        api_key="sk_sandbox", client_id="client_sandbox", base_url=auth0_side.base_url, max_retries=0
    ) as client:
        yield client


def control(sandbox: Running, method: str, path: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(sandbox.base_url + path, data, method=method)
    with urllib.request.urlopen(asked) as answer:
        return json.load(answer)


def test_workos_creates_reads_updates_lists_and_deletes(workos: WorkOSClient) -> None:
    users = workos.user_management
    created = users.create_user(
        email=" Ana@Example.com",
        name="Ana Díaz",
        email_verified=True,
        external_id="google-oauth2|1/2",
        metadata={"provider": "auth0"},
        password=PasswordHashed(password_hash=BCRYPT, password_hash_type="bcrypt"),
    )
    assert created.email == "ana@example.com"
    assert users.get_user(created.id).name == "Ana Díaz"
    assert users.get_user_by_external_id("google-oauth2|1/2").id == created.id
    assert users.update_user(created.id, last_name="Díaz", metadata={"plan": "free"}).metadata == {
        "provider": "auth0",
        "plan": "free",
    }
    others = [users.create_user(email=f"u{number}@example.com").id for number in range(25)]
    listed = [user.id for user in users.list_users(limit=10, order="asc").auto_paging_iter()]
    assert listed == [created.id, *others]
    newest_first = [user.id for user in users.list_users(limit=10).auto_paging_iter()]
    assert newest_first == listed[::-1]
    users.delete_user(created.id)
    assert [user.id for user in users.list_users(email="ana@example.com").data] == []


def test_workos_signs_in_with_the_password_that_was_imported(workos: WorkOSClient) -> None:
    users = workos.user_management
    users.create_user(
        email="ana@example.com", password=PasswordHashed(password_hash=BCRYPT, password_hash_type="bcrypt")
    )
    session = users.authenticate_with_password(email="ana@example.com", password="correct horse battery")
    assert session.user.email == "ana@example.com"
    with pytest.raises(Exception, match="not right") as refused:
        users.authenticate_with_password(email="ana@example.com", password="wrong horse battery")
    assert getattr(refused.value, "code", None) == "invalid_credentials"


def test_workos_raises_its_own_errors(workos: WorkOSClient, auth0_side: Running) -> None:
    users = workos.user_management
    users.create_user(email="ana@example.com", password=PasswordPlaintext(password="a long password"))
    with pytest.raises(Exception, match="Could not create user") as duplicate:
        users.create_user(email="ANA@example.com")
    assert type(duplicate.value).__name__ == "BadRequestError"
    with pytest.raises(Exception, match="not found") as missing:
        users.get_user("user_01NOBODY")
    assert type(missing.value).__name__ == "NotFoundError"
    with (
        WorkOSClient(api_key="sk_no", client_id="c", base_url=auth0_side.base_url, max_retries=0) as stranger,
        pytest.raises(Exception, match="Unauthorized") as refused,
    ):
        stranger.user_management.list_users()
    assert type(refused.value).__name__ == "AuthenticationError"


def test_workos_reads_the_events(workos: WorkOSClient) -> None:
    users = workos.user_management
    ident = users.create_user(email="ana@example.com").id
    users.update_user(ident, name="Ana")
    users.delete_user(ident)
    names = ["user.created", "user.updated", "user.deleted"]
    events = list(workos.events.list_events(events=names, limit=2).auto_paging_iter())
    assert [type(event) for event in events] == [UserCreated, UserUpdated, UserDeleted]


@pytest.fixture
def tenant(auth0_side: Running) -> Iterator[Auth0]:
    body = {
        "grant_type": "client_credentials",
        "client_id": "sandbox",
        "client_secret": "sandbox-secret",
        "audience": f"{auth0_side.base_url}/auth0/api/v2/",
    }
    control(auth0_side, "POST", "/_sandbox/config", {"job_seconds": 0})
    asked = urllib.request.Request(f"{auth0_side.base_url}/auth0/oauth/token", json.dumps(body).encode())
    with urllib.request.urlopen(asked) as answer:
        token = json.load(answer)["access_token"]
    with httpx.Client() as client:
        yield Auth0(base_url=f"{auth0_side.base_url}/auth0/api/v2", token=token, httpx_client=client)


def test_auth0_lists_users_up_to_its_cap(tenant: Auth0) -> None:
    users = []
    with pytest.raises(ApiError) as refused:
        users.extend(tenant.users.list(per_page=100))
        for page in range(1, 11):
            users.extend(tenant.users.list(page=page, per_page=100).items or [])
    assert refused.value.status_code == 400
    assert all(user.user_id and user.identities for user in users)
    one = tenant.users.get(str(users[0].user_id))
    assert one.email == users[0].email


def test_auth0_exports_by_a_job_and_lists_connections(tenant: Auth0) -> None:
    job = tenant.jobs.users_exports.create(format="json", fields=[{"name": "user_id"}, {"name": "email"}])
    done = tenant.jobs.get(job.id)
    assert (job.status, done.status, done.percentage_done) == ("pending", "completed", 100)
    assert done.location is not None
    with urllib.request.urlopen(done.location) as file:
        assert file.read(2) == b"\x1f\x8b"
    strategies = {connection.strategy for connection in tenant.connections.list(take=50)}
    assert strategies == {"auth0", "google-oauth2", "sms", "samlp", "okta", "oidc", "adfs"}


def test_auth0_lists_organizations_members_roles_and_permissions(tenant: Auth0) -> None:
    organizations = list(tenant.organizations.list(take=5))
    assert len({one.id for one in organizations}) == len(organizations) == 12
    names = {role.id: role.name for role in tenant.roles.list(per_page=3)}
    domains, several = 0, 0
    for one in organizations:
        ident = str(one.id)
        members = list(tenant.organizations.members.list(ident, take=40, fields="user_id,roles"))
        assert len({member.user_id for member in members}) == len(members) > 80
        several += sum(len(member.roles or []) > 1 for member in members)
        first = members[0]
        own = list(tenant.organizations.members.roles.list(ident, str(first.user_id)))
        assert [role.id for role in own] == [role.id for role in first.roles or []]
        assert all(names[role.id] == role.name for role in own)
        domains += len(list(tenant.organizations.discovery_domains.list(ident, take=2)))
    assert domains > 0 and several > 0
    granted = {one.permission_name for ident in names for one in tenant.roles.permissions.list(str(ident))}
    assert granted == {"projects:read", "projects:write", "members:invite", "invoices:pay"}


def test_auth0_shows_connections_and_who_has_them_enabled(tenant: Auth0) -> None:
    strategies = ("samlp", "oidc", "okta", "adfs")
    connections = list(tenant.connections.list(take=7, strategy=strategies))
    assert len({one.id for one in connections}) == len(connections) == 24
    options = {one.id: one.options or {} for one in connections}
    assert sum("signing_key" in shown for shown in options.values()) == 1
    assert sum("client_secret" in shown for shown in options.values()) == 3
    users = Counter(
        enabled.connection_id
        for organization in tenant.organizations.list(take=50)
        for enabled in tenant.organizations.enabled_connections.list(str(organization.id), per_page=2)
    )
    assert sorted(users[one.id] for one in connections) == [1] * 23 + [2]


def test_auth0_names_the_scope_that_is_missing(tenant: Auth0, auth0_side: Running) -> None:
    control(auth0_side, "POST", "/_sandbox/config", {"denied_scope": "read:organizations"})
    with pytest.raises(ForbiddenError, match="read:organizations"):
        tenant.organizations.list(take=5)
    control(auth0_side, "POST", "/_sandbox/config", {"denied_scope": ""})


@pytest.fixture
def app(firebase_side: Running, monkeypatch: pytest.MonkeyPatch) -> Iterator[firebase_admin.App]:
    monkeypatch.setenv("FIREBASE_AUTH_EMULATOR_HOST", firebase_side.base_url.removeprefix("http://"))
    # Tenants want a credential even where the emulator's is used.
    account = credentials.Certificate(control(firebase_side, "GET", SERVICE_ACCOUNT))
    app = firebase_admin.initialize_app(account, {"projectId": "demo-sandbox"}, name="sandbox")
    yield app
    firebase_admin.delete_app(app)
    with warnings.catch_warnings():
        # The SDK leaves its connections to the garbage collector, which would complain in another test.
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def test_firebase_iterates_all_users_of_project_and_tenants(app: firebase_admin.App) -> None:
    users = list(auth.list_users(app=app).iterate_all())
    assert len(users) == 1176
    assert all(user.uid and user.user_metadata.creation_timestamp for user in users)
    with_password = next(user for user in users if user.password_hash)
    assert with_password.password_salt
    with_claims = next(user for user in users if user.custom_claims)
    assert with_claims.custom_claims["role"] in ("member", "admin")
    for ident in TENANTS:
        client = tenant_mgt.auth_for_tenant(ident, app=app)
        assert len(list(client.list_users().iterate_all())) == 12
    found = auth.get_users([auth.UidIdentifier(users[0].uid), auth.UidIdentifier("nobody")], app=app)
    assert [user.uid for user in found.users] == [users[0].uid]


def test_firebase_lists_the_tenants(
    app: firebase_admin.App, firebase_side: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    # This part of the SDK knows no emulator.
    url = f"{firebase_side.base_url}/identitytoolkit.googleapis.com/v2"
    monkeypatch.setattr(tenant_mgt._TenantManagementService, "TENANT_MGT_URL", url)
    tenants = list(tenant_mgt.list_tenants(max_results=1, app=app).iterate_all())
    assert [one.tenant_id for one in tenants] == list(TENANTS)
    assert all(one.display_name for one in tenants)


def test_firebase_lists_the_providers_of_project_and_tenants(app: firebase_admin.App) -> None:
    clients = [auth.Client(app), *(tenant_mgt.auth_for_tenant(tenant, app=app) for tenant in TENANTS)]
    saml = [
        one for client in clients for one in client.list_saml_provider_configs(max_results=5).iterate_all()
    ]
    oidc = [
        one for client in clients for one in client.list_oidc_provider_configs(max_results=5).iterate_all()
    ]
    assert (len(saml), len(oidc)) == (19, 4)
    assert all(one.enabled and one.idp_entity_id and one.x509_certificates for one in saml)
    assert all(one.callback_url.endswith("/__/auth/handler") for one in saml)
    assert sum(one.client_secret is None for one in oidc) == 1


def test_firebase_recognizes_the_redaction(app: firebase_admin.App, firebase_side: Running) -> None:
    control(firebase_side, "POST", "/_sandbox/config", {"redacted": True})
    users = list(auth.list_users(app=app).iterate_all())
    # firebase-admin 7.7 compares with bytes and so lets the mark through; its constant is what is judged.
    assert {user.password_hash for user in users} == {None, B64_REDACTED.decode()}
    assert not any(user.password_salt for user in users)
    control(firebase_side, "POST", "/_sandbox/config", {"redacted": False})


def test_google_auth_gets_a_token_for_the_service_account(firebase_side: Running) -> None:
    info = control(firebase_side, "GET", SERVICE_ACCOUNT)
    signer = service_account.Credentials.from_service_account_info(  # type: ignore[no-untyped-call]
        info, scopes=["https://www.googleapis.com/auth/identitytoolkit"]
    )
    with requests.Session() as session:
        signer.refresh(Request(session=session))
    asked = urllib.request.Request(
        f"{firebase_side.base_url}/identitytoolkit.googleapis.com/v1/projects/demo-sandbox/accounts:batchGet",
        headers={"Authorization": f"Bearer {signer.token}"},
    )
    with urllib.request.urlopen(asked) as answer:
        assert len(json.load(answer)["users"]) == 20
