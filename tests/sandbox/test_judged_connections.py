"""WorkOS's own SDK, unchanged, against the connections and the Admin Portal of a running sandbox."""

from collections.abc import Iterator

import pytest
from workos import BadRequestError, ConflictError, NotFoundError, UnprocessableEntityError, WorkOSClient
from workos.common.models import (
    AuthenticationSSOFailed,
    AuthenticationSSOStarted,
    AuthenticationSSOSucceeded,
    AuthenticationSSOTimedOut,
    ConnectionActivated,
    ConnectionDeactivated,
    ConnectionDeleted,
)
from workos.sso import CreateProtocolOptionsOIDC, CreateProtocolOptionsSAML
from workos.sso.models import CreateConnectionOIDCOptions, CreateConnectionSAMLOptions

from cockpit.sandbox import certificates
from tests.sandbox.running import Running
from tests.sandbox.test_judged_by_sdks import control

GOOD = certificates.pair("judged", "ec", "idp", certificates.moment(2022), certificates.moment(2040))
SAML = CreateProtocolOptionsSAML(
    saml_options=CreateConnectionSAMLOptions(
        idp_entity_id="idp", idp_sso_url="https://idp.example/sso", idp_signing_certs=[GOOD.cert]
    )
)
OIDC = CreateProtocolOptionsOIDC(
    oidc_options=CreateConnectionOIDCOptions("https://idp.example/.well-known", "client", "secret")
)


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


def test_connections_of_both_protocols(sandbox: Running, workos: WorkOSClient) -> None:
    sso = workos.sso
    owners = [workos.organizations.create_organization(name=f"T{number}").id for number in range(2)]
    saml = sso.create_connection(
        organization_id=owners[0],
        name="Okta",
        external_id="con_1",
        connection_type="OktaSAML",
        protocol_options=SAML,
    )
    assert (saml.connection_type, saml.state) == ("OktaSAML", "validating")
    again = sso.create_connection(organization_id=owners[0], external_id="con_1", protocol_options=SAML)
    assert again == saml
    with pytest.raises(ConflictError):
        sso.create_connection(organization_id=owners[0], external_id="con_2", protocol_options=SAML)
    oidc = sso.create_connection(organization_id=owners[1], protocol_options=OIDC)
    assert oidc.connection_type == "GenericOIDC"
    assert [row.id for row in sso.list_connections(order="asc").auto_paging_iter()] == [saml.id, oidc.id]
    assert [row.id for row in sso.list_connections(organization_id=owners[1]).data] == [oidc.id]
    (certificate,) = sso.list_connection_saml_idp_signing_certs(saml.id).data
    assert certificate.value == GOOD.cert
    assert certificate.not_after is not None
    assert sso.update_connection(saml.id, name="Okta, renamed").name == "Okta, renamed"
    sso.delete_connection(saml.id)
    with pytest.raises(NotFoundError):
        sso.get_connection(saml.id)
    bad = CreateProtocolOptionsSAML(
        saml_options=CreateConnectionSAMLOptions(idp_metadata_url="https://x.example")
    )
    with pytest.raises(BadRequestError) as refused:
        sso.create_connection(organization_id=owners[0], protocol_options=bad)
    assert refused.value.code == "idp_metadata_fetch_failed"


def test_events_of_sign_ins_and_of_states(sandbox: Running, workos: WorkOSClient) -> None:
    owner = workos.organizations.create_organization(name="Acme").id
    made = workos.sso.create_connection(organization_id=owner, protocol_options=SAML)
    steps = {"connection_id": made.id, "outcomes": ["started", "succeeded", "failed", "timed_out"]}
    control(sandbox, "POST", "/_sandbox/sso", steps)
    control(sandbox, "POST", f"/_sandbox/connections/{made.id}", {"state": "inactive"})
    workos.sso.delete_connection(made.id)
    expected = {
        "authentication.sso_started": AuthenticationSSOStarted,
        "authentication.sso_succeeded": AuthenticationSSOSucceeded,
        "authentication.sso_failed": AuthenticationSSOFailed,
        "authentication.sso_timed_out": AuthenticationSSOTimedOut,
        "connection.activated": ConnectionActivated,
        "connection.deactivated": ConnectionDeactivated,
        "connection.deleted": ConnectionDeleted,
    }
    pages = workos.events.list_events(events=list(expected), limit=2, organization_id=owner)
    assert [type(event) for event in pages.auto_paging_iter()] == list(expected.values())
    with pytest.raises(UnprocessableEntityError):
        workos.events.list_events(events=["user.created"], range_start="2020-01-01T00:00:00Z")


def test_the_portal_by_link_and_by_invitation(workos: WorkOSClient) -> None:
    owner = workos.organizations.create_organization(name="Acme").id
    assert workos.admin_portal.generate_link(organization=owner, intent="sso").link
    contact = workos.organizations.create_it_contact(owner, email="it@acme.example")
    assert [row.id for row in workos.organizations.list_it_contacts(owner).data] == [contact.id]
    workos.organizations.invite_it_contact(owner, contact.id, intents=["sso"])
    with pytest.raises(ConflictError):
        workos.organizations.invite_it_contact(owner, contact.id, intents=["sso"])
    workos.organizations.revoke_it_contact(owner, contact.id)
    workos.organizations.delete_it_contact(owner, contact.id)
    assert workos.organizations.list_it_contacts(owner).data == []
