"""The body of POST /connections."""

from pydantic import SecretStr

from cockpit.connections.handoff.request import body
from cockpit.connections.model import Attributes, Certificate, KeyPair
from tests.connections.keys import NOW_MS, bare, certificate, private_pem
from tests.connections.made import EMAIL, oidc, saml


def test_saml_by_single_facts() -> None:
    old, new, gone = certificate(number=2), certificate(), certificate(-1, number=3)
    made = saml(
        saml={
            "certificates": tuple(Certificate(pem=pem) for pem in (old, new, gone)),
            "name_id_format": EMAIL,
        },
        attributes=Attributes(email="mail", custom={"team": "ou"}),
    )
    assert body(made, "org_1", NOW_MS) == {
        "organization_id": "org_1",
        "name": "Customer con_1",
        "external_id": "con_1",
        "connection_type": "GenericSAML",
        "attribute_maps": {"standard_attributes": {"email": "mail"}, "custom_attributes": {"team": "ou"}},
        "saml_options": {
            "idp_entity_id": "https://idp.example/entity/con_1",
            "idp_sso_url": "https://idp.example/sso",
            "idp_signing_certs": [
                f"-----BEGIN CERTIFICATE-----\n{bare(pem)}\n-----END CERTIFICATE-----" for pem in (old, new)
            ],
            "acs_url": "https://sso.us.example/acs/con_1",
            "sp_entity_id": "urn:us:con_1",
        },
    }


def test_an_address_of_metadata_excludes_single_facts() -> None:
    made = saml(saml={"metadata_url": "https://acme.okta.com/metadata"})
    sent = body(made, "org_1", NOW_MS)
    assert sent["connection_type"] == "OktaSAML"
    assert sent["saml_options"].keys() == {"idp_metadata_url", "acs_url", "sp_entity_id"}
    assert "idp_signing_certs" in body(made, "org_1", NOW_MS, by_hand=True)["saml_options"]


def test_only_whole_pairs_of_keys_are_sent() -> None:
    pair = KeyPair(key=SecretStr(private_pem()), certificate=certificate())
    half = KeyPair(certificate=certificate())
    sent = body(saml(saml={"signing": pair, "decryption": (half, pair)}), "org_1", NOW_MS)["saml_options"]
    whole = {"key": private_pem(), "cert": certificate()}
    assert (sent["sp_signing_key_pair"], sent["sp_encryption_key_pairs"]) == (whole, [whole])


def test_oidc() -> None:
    sent = body(oidc(oidc={"token_auth_method": "none", "pkce": True}), "org_1", NOW_MS)
    assert sent["oidc_options"] == {
        "discovery_endpoint": "https://idp.example/.well-known/openid-configuration",
        "client_id": "client-con_1",
        "client_secret": "client-secret-of-con_1",
        "redirect_uri": "https://sso.us.example/callback/con_1",
        "pkce": True,
    }
