"""GET /sso/authorize: which connection, and what an application is told when there is none."""

import pytest

from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.sso.signing_in import REDIRECT, SAML, begin, browse, connection
from tests.sandbox.workos.tenants import organization


@pytest.mark.parametrize(
    ("selector", "code"),
    [
        ("", "invalid_connection_selector"),
        ("&connection=a&organization=b", "invalid_connection_selector"),
        ("&connection=conn_nowhere", "connection_invalid"),
        ("&organization=org_nowhere", "organization_invalid"),
    ],
)
def test_selectors_that_find_none(selector: str, code: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        asked = f"/sso/authorize?client_id=client_sandbox&redirect_uri={REDIRECT}&state=a%26b{selector}"
        answered = await browse(sandbox, "GET", asked)
        location = answered.headers["Location"]
        assert location.startswith(f"{REDIRECT}?error={code}&")
        assert location.endswith("&state=a%26b")

    inside(BARE, test)


def test_an_organizations_one_connection_is_found_and_an_inactive_one_is_unlinked() -> None:
    async def test(sandbox: Sandbox) -> None:
        row = await connection(sandbox)
        asked = f"/sso/authorize?client_id=client_sandbox&redirect_uri={REDIRECT}"
        asked += f"&organization={row['organization_id']}"
        found = await browse(sandbox, "GET", asked)
        assert found.headers["Location"].startswith("https://idp.example/sso?")
        await sandbox.call("POST", f"/_sandbox/connections/{row['id']}", None, json={"state": "inactive"})
        assert "error=connection_unlinked" in await begin(sandbox, row["id"])

    inside(BARE, test)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (f"client_id=stranger&redirect_uri={REDIRECT}", "client-id-invalid"),
        ("client_id=client_sandbox&redirect_uri=https://evil.example", "redirect-uri-invalid"),
        ("client_id=client_sandbox", "redirect-uri-invalid"),
    ],
)
def test_nobody_is_sent_to_where_no_application_is(query: str, code: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(redirect_uris=REDIRECT)
        answered = await browse(sandbox, "GET", f"/sso/authorize?{query}")
        assert (answered.status, answered.code) == (400, code)

    inside(BARE, test)


def test_two_connections_of_an_organization_are_ambiguous() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(multiple_connections=True)
        owner = await organization(sandbox)
        for _ in range(2):
            await sandbox.call("POST", "/connections", json={"organization_id": owner, "saml_options": SAML})
        asked = f"/sso/authorize?client_id=client_sandbox&redirect_uri={REDIRECT}&organization={owner}"
        answered = await browse(sandbox, "GET", asked)
        assert "error=ambiguous_connection_selector" in answered.headers["Location"]

    inside(BARE, test)
