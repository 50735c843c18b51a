"""POST, GET, PATCH and DELETE /connections, and what becomes of a connection."""

from dataclasses import replace
from typing import Any

import pytest

from cockpit.sandbox import certificates
from cockpit.sandbox.certificates import Pair
from cockpit.sandbox.config import SandboxConfig
from tests.sandbox.inside import BARE, Answer, Sandbox, inside
from tests.sandbox.workos.tenants import events, organization

GOOD = certificates.pair("test", "ec", "idp", certificates.moment(2022), certificates.moment(2040))
PAST = certificates.pair("past", "ec", "idp", certificates.moment(2020), certificates.moment(2023))
SAML = {"idp_entity_id": "idp", "idp_sso_url": "https://idp.example/sso", "idp_signing_certs": [GOOD.cert]}
OIDC = {"discovery_endpoint": "https://idp.example", "client_id": "c", "client_secret": "hush"}


async def _create(sandbox: Sandbox, organization_id: str, **fields: Any) -> Answer:
    body = {"organization_id": organization_id, "saml_options": SAML} | fields
    return await sandbox.call("POST", "/connections", json=body)


def test_a_connection_begins_validating_with_a_callback_and_its_certificate_read() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner = await organization(sandbox, domain_data=[{"domain": "acme.example", "state": "verified"}])
        made = await _create(sandbox, owner, name="Acme SSO", external_id="con_1", connection_type="OktaSAML")
        assert made.status == 201
        assert made.body["state"] == "validating"
        assert made.body["connection_type"] == "OktaSAML"
        assert made.body["callback_endpoint"].startswith(f"{sandbox.base_url}/sso/saml/acs/")
        assert [domain["domain"] for domain in made.body["domains"]] == ["acme.example"]
        options = made.body["saml_options"]
        assert options["acs_url"] == made.body["callback_endpoint"]
        assert options["idp_signing_certs"][0]["not_after"] == "2040-01-01T00:00:00.000Z"
        assert (await sandbox.call("GET", f"/connections/{made.body['id']}")).body == made.body
        listed = await sandbox.call("GET", f"/connections/{made.body['id']}/saml_idp_signing_certs")
        assert listed.body["data"] == options["idp_signing_certs"]

    inside(BARE, test)


def test_behind_a_terminator_callbacks_have_the_public_address() -> None:
    async def test(sandbox: Sandbox) -> None:
        made = await _create(sandbox, await organization(sandbox))
        assert made.body["callback_endpoint"].startswith("https://auth.example/sso/saml/acs/")

    inside(replace(BARE, public_url="https://auth.example/"), test)


def test_the_same_external_id_is_the_same_connection_and_a_second_one_is_refused() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner, other = await organization(sandbox), await organization(sandbox, "Other")
        first = await _create(sandbox, owner, external_id="con_1")
        again = await _create(sandbox, owner, external_id="con_1", name="Another name")
        assert (again.status, again.body) == (200, first.body)
        elsewhere = await _create(sandbox, other, external_id="con_1")
        assert elsewhere.body["id"] != first.body["id"]
        second = await _create(sandbox, owner, external_id="con_2")
        assert (second.status, second.code) == (409, "connection_already_exists_for_organization")
        await sandbox.configure(multiple_connections=True)
        assert (await _create(sandbox, owner, external_id="con_2")).status == 201

    inside(BARE, test)


def test_an_environment_without_the_api_lists_but_creates_nothing() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner = await organization(sandbox)
        await _create(sandbox, owner)
        await sandbox.configure(connections_api=False)
        refused = await _create(sandbox, await organization(sandbox, "Other"))
        assert refused.status == 404
        assert "Connections API migration capabilities, which are not enabled" in refused.body["message"]
        (listed,) = (await sandbox.call("GET", "/connections")).body["data"]
        assert "callback_endpoint" not in listed

    inside(BARE, test)


def _pair(key: Pair, cert: Pair) -> dict[str, str]:
    return {"key": key.key, "cert": cert.cert}


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"idp_signing_certs": [PAST.cert]}, 400, "certificate_expired"),
        ({"idp_signing_certs": [GOOD.key]}, 422, "invalid_request_parameters"),
        ({"idp_signing_certs": []}, 422, "invalid_request_parameters"),
        ({"idp_sso_url": "http://idp.example/sso"}, 400, "invalid_idp_sso_url"),
        ({"idp_metadata_url": "https://idp.example/metadata"}, 422, "invalid_request_parameters"),
        ({"sp_signing_key_pair": _pair(GOOD, PAST)}, 422, "invalid_request_parameters"),
        ({"sp_encryption_key_pairs": [{"cert": GOOD.cert}]}, 422, "invalid_request_parameters"),
        ({"sp_entity_id": "x" * 1025}, 422, "invalid_request_parameters"),
    ],
)
def test_what_saml_options_are_refused(options: dict[str, Any], status: int, code: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        refused = await _create(sandbox, await organization(sandbox), saml_options=SAML | options)
        assert (refused.status, refused.code) == (status, code)

    inside(BARE, test)


@pytest.mark.parametrize(
    "options",
    [
        {"client_secret": None},
        {"discovery_endpoint": "http://idp.example"},
        {"token_authentication_method": "private_key_jwt"},
        {"token_authentication_method": "none"},
        {"client_id": ""},
    ],
)
def test_what_oidc_options_are_refused(options: dict[str, Any]) -> None:
    async def test(sandbox: Sandbox) -> None:
        body = {"saml_options": None, "oidc_options": OIDC | options}
        assert (await _create(sandbox, await organization(sandbox), **body)).status == 422

    inside(BARE, test)


def test_a_secret_and_private_keys_are_never_shown() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner, other = await organization(sandbox), await organization(sandbox, "Other")
        oidc = await _create(sandbox, owner, saml_options=None, oidc_options=OIDC)
        own = {"sp_signing_key_pair": _pair(GOOD, GOOD), "sp_encryption_key_pairs": [_pair(GOOD, GOOD)]}
        saml = await _create(sandbox, other, saml_options=SAML | own)
        assert (oidc.status, saml.status) == (201, 201)
        assert b"hush" not in oidc.raw
        assert b"PRIVATE KEY" not in saml.raw
        assert len(saml.body["saml_options"]["sp_encryption_certs"]) == 1

    inside(BARE, test)


def test_metadata_is_read_from_the_idps_of_the_sandbox_alone() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner = await organization(sandbox)
        idp = sandbox.world.idps[1]
        for url, status in (("https://elsewhere.example/metadata", 400), (idp.metadata_url, 201)):
            made = await _create(sandbox, owner, saml_options={"idp_metadata_url": url})
            assert made.status == status
        assert made.body["saml_options"]["idp_entity_id"] == idp.entity_id

    inside(SandboxConfig(limits="off", users=300), test)


def test_a_patch_changes_what_it_names_and_null_sets_back() -> None:
    async def test(sandbox: Sandbox) -> None:
        given = SAML | {"acs_url": "https://legacy.example/acs", "sp_entity_id": "legacy"}
        made = await _create(sandbox, await organization(sandbox), saml_options=given)
        path = f"/connections/{made.body['id']}"
        assert made.body["saml_options"]["acs_url"] == "https://legacy.example/acs"
        changed = await sandbox.call("PATCH", path, json={"saml_options": {"acs_url": None}, "name": "New"})
        assert changed.body["name"] == "New"
        assert changed.body["saml_options"]["acs_url"] == made.body["callback_endpoint"]
        assert changed.body["saml_options"]["sp_entity_id"] == "legacy"
        refused = await sandbox.call("PATCH", path, json={"connection_type": "GenericOIDC"})
        assert refused.code == "connection_type_not_updatable"

    inside(BARE, test)


def test_lists_are_filtered() -> None:
    async def test(sandbox: Sandbox) -> None:
        owners = [
            await organization(
                sandbox, f"T{n}", domain_data=[{"domain": f"t{n}.example", "state": "verified"}]
            )
            for n in range(3)
        ]
        for owner in owners[:2]:
            await _create(sandbox, owner, connection_type="OktaSAML")
        await _create(sandbox, owners[2], saml_options=None, oidc_options=OIDC, name="Third one")

        async def names(query: str) -> list[str]:
            found = await sandbox.call("GET", f"/connections?order=asc&{query}")
            return [row["name"] for row in found.body["data"]]

        assert await names(f"organization_id={owners[1]}") == ["T1"]
        assert await names("domain=T0.example") == ["T0"]
        assert await names("connection_type=OktaSAML") == ["T0", "T1"]
        assert await names("search=third") == ["Third one"]
        assert await names("limit=2") == ["T0", "T1"]

    inside(BARE, test)


def test_a_first_sign_in_activates_and_events_tell_of_all() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner = await organization(sandbox)
        ident = (await _create(sandbox, owner)).body["id"]
        steps = {"connection_id": ident, "outcomes": ["started", "failed"], "email": "a@acme.example"}
        await sandbox.call("POST", "/_sandbox/sso", None, json=steps)
        assert (await sandbox.call("GET", f"/connections/{ident}")).body["state"] == "validating"
        done = await sandbox.call("POST", "/_sandbox/sso", None, json={"connection_id": ident})
        await sandbox.call("POST", f"/_sandbox/connections/{ident}", None, json={"state": "inactive"})
        await sandbox.call("DELETE", f"/organizations/{owner}")
        names = (
            "authentication.sso_started", "authentication.sso_failed", "authentication.sso_succeeded",
            "connection.activated", "connection.deactivated", "connection.deleted",
        )  # fmt: skip
        found = await events(sandbox, *names)
        assert [event["event"].rpartition("sso_")[2] for event in found] == [
            *("started", "failed", "started", "succeeded"),
            *("connection.activated", "connection.deactivated", "connection.deleted"),
        ]
        assert found[1]["data"]["error"]["code"] == "sso_failed"
        assert found[3]["data"]["sso"] == {
            "organization_id": owner,
            "connection_id": ident,
            "session_id": done.body["sessions"][0],
        }

    inside(BARE, test)


def test_custom_attributes_must_be_defined_first() -> None:
    async def test(sandbox: Sandbox) -> None:
        owner = await organization(sandbox)
        maps = {"standard_attributes": {"email": "mail"}, "custom_attributes": {"plan": "planName"}}
        refused = await _create(sandbox, owner, attribute_maps=maps)
        assert refused.code == "custom_attribute_not_found"
        await sandbox.configure(custom_attributes="plan size")
        made = await _create(sandbox, owner, attribute_maps=maps)
        assert made.body["attribute_maps"]["standard_attributes"]["email"] == "mail"
        assert made.body["attribute_maps"]["custom_attributes"] == {"plan": "planName"}

    inside(BARE, test)
