"""What tests of sign-ins need in a sandbox: an organization, its connection, and steps of a browser."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.sandbox.inside import Answer, Sandbox
from tests.sandbox.workos.sso import saml_idp
from tests.sandbox.workos.tenants import events, organization

SAML = {
    "idp_entity_id": saml_idp.ENTITY,
    "idp_sso_url": saml_idp.SSO_URL,
    "idp_signing_certs": [saml_idp.STRANGER.cert, saml_idp.KEY.cert],
    "acs_url": saml_idp.ACS,
    "sp_entity_id": saml_idp.AUDIENCE,
}
REDIRECT = "https://app.example/callback"
SSO_EVENTS = tuple(f"authentication.sso_{one}" for one in ("started", "succeeded", "failed", "timed_out"))


async def connection(sandbox: Sandbox, **options: Any) -> dict[str, Any]:
    """A new connection of acme.example, whose domain is verified; SAML unless options say otherwise."""
    owner = await organization(sandbox, domain_data=[{"domain": "acme.example", "state": "verified"}])
    body = {"organization_id": owner} | (options or {"saml_options": SAML})
    made = await sandbox.call("POST", "/connections", json=body)
    assert made.status == 201, made.body
    return dict(made.body)


async def begin(sandbox: Sandbox, ident: str, **query: str) -> str:
    """Where /sso/authorize sends a browser."""
    asked = {"client_id": "client_sandbox", "redirect_uri": REDIRECT, "response_type": "code"}
    query = asked | {"connection": ident, "state": "s1"} | query
    answered = await browse(sandbox, "GET", f"/sso/authorize?{urlencode(query)}")
    return answered.headers["Location"]


async def browse(sandbox: Sandbox, method: str, address: str, **options: Any) -> Answer:
    """One step of a browser, at a path or a full address of the sandbox; redirects are not followed."""
    path = address.removeprefix(sandbox.base_url)
    return await sandbox.call(method, path, None, allow_redirects=False, **options)


async def post(sandbox: Sandbox, row: dict[str, Any], response: saml_idp.Response, relay: str = "") -> Answer:
    """The IdP's page posts its response to the connection's callback."""
    form = {"SAMLResponse": response.encoded(), "RelayState": relay}
    return await browse(sandbox, "POST", row["callback_endpoint"], data=form)


def query(answered: Answer) -> dict[str, str]:
    """What a browser takes along to the application."""
    assert answered.status == 302, answered.raw
    target, _, text = answered.headers["Location"].partition("?")
    assert target == REDIRECT
    return {name: values[0] for name, values in parse_qs(text).items()}


async def story(sandbox: Sandbox) -> list[str]:
    """What the events tell, each as its outcome and the code of its error."""
    return [
        ":".join([one["data"]["status"], *([one["data"]["error"]["code"]] if "error" in one["data"] else [])])
        for one in await events(sandbox, *SSO_EVENTS)
    ]


def state_of(location: str) -> str:
    """The `state` in an address."""
    return parse_qs(urlsplit(location).query)["state"][0]
