"""Portal links, IT contacts and their invitations."""

from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.tenants import events, organization


def test_a_link_lives_five_minutes() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner = await organization(sandbox)
        body = {"organization": owner, "intent": "sso"}
        made = await sandbox.call("POST", "/portal/generate_link", json=body)
        path = made.body["link"].removeprefix(sandbox.base_url)
        sandbox.clock.advance(299)
        assert (await sandbox.call("GET", path, None)).status == 200
        sandbox.clock.advance(2)
        assert (await sandbox.call("GET", path, None)).status == 410

    inside(BARE, test)


def test_what_links_are_refused() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner = await organization(sandbox)
        for body, status in (
            ({"organization": "org_none"}, 404),
            ({"organization": owner, "intent": "everything"}, 422),
            ({"organization": owner, "it_contact_emails": ["a@b.example"] * 21}, 422),
        ):
            assert (await sandbox.call("POST", "/portal/generate_link", json=body)).status == status

    inside(BARE, test)


def test_one_invitation_an_organization_until_it_is_revoked_or_used() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner = await organization(sandbox)
        contacts = f"/organizations/{owner}/it_contacts"
        ids = [
            (await sandbox.call("POST", contacts, json={"email": f"{name}@acme.example"})).body["id"]
            for name in ("ana", "ben")
        ]
        assert (await sandbox.call("POST", contacts, json={"email": "Ana@acme.example"})).status == 409
        intents = {"intents": ["sso"]}

        async def invite(ident: str) -> int:
            return (await sandbox.call("POST", f"{contacts}/{ident}/invite", json=intents)).status

        assert [await invite(ident) for ident in ids] == [204, 409]
        assert (await sandbox.call("POST", f"{contacts}/{ids[0]}/revoke")).status == 204
        assert await invite(ids[1]) == 204
        assert sandbox.world.invitations == ["ana@acme.example", "ben@acme.example"]
        await sandbox.call("POST", "/_sandbox/portal", None, json={"organization_id": owner})
        (activated,) = await events(sandbox, "connection.activated")
        assert activated["data"]["organization_id"] == owner
        assert await invite(ids[0]) == 204
        assert (await sandbox.call("DELETE", f"{contacts}/{ids[0]}")).status == 204
        left = (await sandbox.call("GET", contacts)).body["data"]
        assert [contact["email"] for contact in left] == ["ben@acme.example"]

    inside(BARE, test)
