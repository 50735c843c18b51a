"""WorkOS's own SDK, unchanged, through a whole sign-in by SSO at a running sandbox."""

import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from workos import BadRequestError, WorkOSClient
from workos.common.models import (
    AuthenticationSSOFailed,
    AuthenticationSSOStarted,
    AuthenticationSSOSucceeded,
    OrganizationDomainDataState,
)
from workos.organizations.models import OrganizationDomainData

from tests.sandbox.running import Running
from tests.sandbox.workos.sso import saml_idp
from tests.sandbox.workos.sso.signing_in import REDIRECT, SAML, SSO_EVENTS


@pytest.fixture
def workos() -> Iterator[WorkOSClient]:
    with (
        Running("--source", "none", "--limits", "off") as running,
        WorkOSClient(
            api_key="sk_sandbox", client_id="client_sandbox", base_url=running.base_url, max_retries=0
        ) as client,
    ):
        yield client


def test_from_the_authorization_url_to_profile_session_and_events(workos: WorkOSClient) -> None:
    verified = OrganizationDomainData(domain="acme.example", state=OrganizationDomainDataState.VERIFIED)
    owner = workos.organizations.create_organization(name="Acme", domain_data=[verified]).id
    sent = {"organization_id": owner, "saml_options": SAML}
    row = workos.request(method="post", path=("connections",), body=sent)
    assert row is not None
    ident, callback = str(row["id"]), str(row["callback_endpoint"])
    with httpx.Client(trust_env=False) as browser:

        def sign_in(audience: str) -> dict[str, list[str]]:
            url = workos.sso.get_authorization_url(connection=ident, redirect_uri=REDIRECT, state="a b&c")
            request = saml_idp.asked(browser.get(url).headers["Location"])
            response = saml_idp.Response(time.time(), request["ID"], audience=audience)
            form = {"SAMLResponse": response.encoded(), "RelayState": request["RelayState"]}
            answered = browser.post(callback, data=form)
            return parse_qs(urlsplit(answered.headers["Location"]).query)

        assert sign_in("https://elsewhere.example")["error"] == ["saml_audience_mismatch"]
        said = sign_in(saml_idp.AUDIENCE)
    assert said["state"] == ["a b&c"]
    profile = workos.sso.get_profile_and_token(code=said["code"][0]).profile
    assert (profile.email, profile.connection_id, profile.organization_id) == (
        "ana@acme.example",
        ident,
        owner,
    )
    with pytest.raises(BadRequestError):
        workos.sso.get_profile_and_token(code=said["code"][0])
    told = list(workos.events.list_events(events=list(SSO_EVENTS), organization_id=owner).auto_paging_iter())
    kinds = [AuthenticationSSOStarted, AuthenticationSSOFailed, AuthenticationSSOStarted]
    assert [type(one) for one in told] == [*kinds, AuthenticationSSOSucceeded]
    last = told[-1]
    assert isinstance(last, AuthenticationSSOSucceeded)
    assert last.data.user_id is not None
    (session,) = workos.user_management.list_sessions(last.data.user_id).data
    assert (session.id, session.organization_id) == (last.data.sso.session_id, owner)
    assert workos.sso.get_connection(ident).state == "active"
