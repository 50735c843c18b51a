"""The connections of a source: the same from the same seed, one of each case, with real certificates."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from cockpit.sandbox import certificates
from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.sso import CASES, Case, Connection, Connections
from cockpit.sandbox.world import World
from tests.sandbox.inside import Sandbox, inside
from tests.sandbox.manual_clock import ManualClock

CONFIG = SandboxConfig(users=50, organizations=40, connections=30, limits="off")


def idps(config: SandboxConfig = CONFIG, now: float = 1_700_000_000.0) -> Connections:
    return World(config, ManualClock(now)).idps


def of(case: Case) -> Connection:
    return idps()[CASES.index(case)]


def certificate(case: Case, place: int = 0) -> x509.Certificate:
    return x509.load_pem_x509_certificate(of(case).certificates[place].encode())


def test_the_same_seed_gives_the_same_connections_down_to_keys_and_certificates() -> None:
    assert list(idps().all()) == list(idps().all())
    other = SandboxConfig(users=50, organizations=40, connections=30, seed=2)
    assert idps(other)[0].certificates != idps()[0].certificates


def test_twenty_four_have_every_case_that_a_rule_speaks_of() -> None:
    first = {one.case for one in idps(SandboxConfig(connections=24)).all()}
    assert first == set(CASES[:24])
    assert set(Case) - first == {Case.WEAK_KEY, Case.NOT_A_CERTIFICATE, Case.PRIVATE_KEY_JWT}
    beyond = [one.case for one in list(idps().all())[len(CASES) :]]
    assert set(beyond) <= {Case.CLEAN_SAML, Case.CLEAN_OIDC}


def test_certificates_are_what_their_cases_say() -> None:
    now = datetime.fromtimestamp(1_700_000_000, UTC)
    assert certificate(Case.EXPIRED_CERTIFICATE).not_valid_after_utc < now
    left = certificate(Case.EXPIRING_CERTIFICATE).not_valid_after_utc - now
    assert timedelta(days=19) < left <= timedelta(days=20)
    assert certificate(Case.CLEAN_SAML).not_valid_after_utc > now + timedelta(days=3650)
    assert len(of(Case.TWO_CERTIFICATES).certificates) == 2
    for case, bits in ((Case.WEAK_KEY, 1024), (Case.TWO_CERTIFICATES, 2048)):
        key = certificate(case, -1).public_key()
        assert isinstance(key, rsa.RSAPublicKey) and key.key_size == bits
    with pytest.raises(ValueError):
        certificate(Case.NOT_A_CERTIFICATE)
    assert "PRIVATE KEY" in of(Case.PRIVATE_KEY_PASTED).certificates[0]


def test_a_certificate_verifies_itself_and_a_pair_belongs_together() -> None:
    for case in (Case.CLEAN_SAML, Case.TWO_CERTIFICATES, Case.WEAK_KEY):
        found = certificate(case, -1)
        found.verify_directly_issued_by(found)
    for pair in (of(Case.SIGNED_BY_OWN_KEY).signing, of(Case.ENCRYPTED_FOR_OWN_KEY).decryption):
        assert pair is not None
        key = load_pem_private_key(pair.key.encode(), None)
        assert key.public_key() == x509.load_pem_x509_certificate(pair.cert.encode()).public_key()


def test_duplicates_are_of_other_connections() -> None:
    assert of(Case.SAME_ENTITY_ID).entity_id == idps()[0].entity_id
    assert of(Case.SAME_DOMAIN).domains == idps()[1].domains
    assert len(of(Case.SHARED).companies) == 2


def test_metadata_and_discovery_are_served_where_the_source_says_so() -> None:
    async def test(sandbox: Sandbox) -> None:
        await sandbox.configure(local_idps=True)
        listed = (await sandbox.call("GET", "/_sandbox/source/connections", None)).body["connections"]
        assert [one["number"] for one in listed] == list(range(30))
        metadata = await sandbox.call("GET", "/_sandbox/idp/1/metadata", None)
        assert certificates.bare(sandbox.world.idps[1].certificates[0]).encode() in metadata.raw
        place = "/_sandbox/idp/3"
        found = (await sandbox.call("GET", f"{place}/.well-known/openid-configuration", None)).body
        assert found["issuer"] == sandbox.base_url + place
        assert (await sandbox.call("GET", f"{place}/keys", None)).body["keys"]
        assert (await sandbox.call("GET", "/_sandbox/idp/99/metadata", None)).status == 404

    inside(CONFIG, test)
