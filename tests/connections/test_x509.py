"""Certificates as people paste them, and what else they paste."""

import pytest

from cockpit.connections import x509
from cockpit.connections.model import PRIVATE_KEY, Certificate
from cockpit.connections.x509 import NotACertificate
from cockpit.words import DAY_MS
from tests.connections.keys import NOW_MS, bare, certificate, private_pem, request_pem


@pytest.mark.parametrize(
    "written",
    [
        certificate(),
        bare(certificate()),
        certificate().replace("\n", "\\n"),
        certificate().replace("\n", "\r\n"),
        f"Bag Attributes\n    friendlyName: idp\n{certificate()}",
        f"  {bare(certificate())[:64]}\n{bare(certificate())[64:]}\n",
    ],
    ids=["PEM", "Base64", "escaped", "CRLF", "with a preface", "folded Base64"],
)
def test_every_way_of_writing_is_the_same_certificate(written: str) -> None:
    facts = x509.read(written)
    assert facts.base64 == bare(certificate())
    assert (facts.key, (facts.not_after - NOW_MS) // DAY_MS) == ("RSA 2048", 900)
    assert not (facts.weak_key or facts.weak_signature or facts.authority)


def test_what_is_weak() -> None:
    assert x509.read(certificate(kind="rsa-1024")).weak_key
    assert x509.read(certificate(sha1=True)).weak_signature
    assert x509.read(certificate(authority=True)).authority
    assert x509.read(certificate(kind="p-256")).key == "EC secp256r1"


@pytest.mark.parametrize(
    ("written", "what"),
    [
        (private_pem(), "a private key"),
        (request_pem(), "CSR"),
        ("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", "public key"),
        (certificate()[:200], "half of a PEM block"),
        ("MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A", "can be read"),
        ("certificate goes here", "neither PEM nor Base64"),
        ("", "can be read"),
    ],
    ids=range(7),
)
def test_what_is_no_certificate_says_what_it_is(written: str, what: str) -> None:
    with pytest.raises(NotACertificate, match=what) as caught:
        x509.read(written)
    assert len(written) < 40 or written[30:60] not in str(caught.value)


def test_a_pasted_private_key_is_not_even_kept() -> None:
    kept = Certificate(pem=private_pem())
    assert kept.pem == PRIVATE_KEY
    with pytest.raises(NotACertificate, match="a private key"):
        x509.read(kept.pem)
