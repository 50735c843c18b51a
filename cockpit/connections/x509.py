"""X.509 certificates as people paste them: PEM, Base64 alone, with escaped line ends. Pure."""

import base64
import binascii
import re
import warnings
from functools import lru_cache
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from cockpit.connections.model import PRIVATE_KEY

_PEM = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END \1-----", re.DOTALL)
_CERTIFICATES = {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}
_OTHER = {
    "CERTIFICATE REQUEST": "a certificate request (CSR), no certificate",
    "NEW CERTIFICATE REQUEST": "a certificate request (CSR), no certificate",
    "PUBLIC KEY": "a bare public key, no certificate",
    "RSA PUBLIC KEY": "a bare public key, no certificate",
    "PKCS7": "a PKCS #7 bundle, no certificate",
}


class NotACertificate(ValueError):
    """A text that is no certificate; the message says what it is, never what it holds."""


class Facts(NamedTuple):
    """What a certificate says. Times in ms; `base64` is its DER, without line ends.

    Weak is a key below RSA 2048 or P-256, and a signature by MD5 or SHA-1.
    """

    subject: str
    not_before: int
    not_after: int
    key: str
    weak_key: bool
    signature: str
    weak_signature: bool
    authority: bool
    fingerprint: str
    base64: str


@lru_cache(4096)
def read(text: str) -> Facts:
    """Read a certificate. Raises NotACertificate."""
    try:
        with warnings.catch_warnings(action="ignore"):  # of odd serial numbers, which SAML never looks at
            return _facts(x509.load_der_x509_certificate(_der(text)))
    except NotACertificate:
        raise
    except (ValueError, UnsupportedAlgorithm):
        raise NotACertificate("not a certificate that can be read") from None


def _der(text: str) -> bytes:
    if text == PRIVATE_KEY or "PRIVATE KEY" in text:
        raise NotACertificate("a private key, no certificate")
    text = text.replace("\\r", "").replace("\\n", "\n")
    if (found := _PEM.search(text)) is not None:
        if found[1] not in _CERTIFICATES:
            raise NotACertificate(_OTHER.get(found[1], "PEM of something else, no certificate"))
        text = found[2]
    elif "-----" in text:
        raise NotACertificate("half of a PEM block")
    try:
        return base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise NotACertificate("neither PEM nor Base64") from None


def _facts(certificate: x509.Certificate) -> Facts:
    key, weak_key = _key(certificate)
    digest = certificate.signature_hash_algorithm
    try:
        constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
        authority = constraints.value.ca
    except x509.ExtensionNotFound:
        authority = False
    return Facts(
        subject=certificate.subject.rfc4514_string(),
        not_before=round(certificate.not_valid_before_utc.timestamp() * 1000),
        not_after=round(certificate.not_valid_after_utc.timestamp() * 1000),
        key=key,
        weak_key=weak_key,
        signature=digest.name.upper() if digest else "no digest",
        weak_signature=digest is not None and digest.name in ("md5", "sha1"),
        authority=authority,
        fingerprint=certificate.fingerprint(SHA256()).hex(),
        base64=base64.b64encode(certificate.public_bytes(Encoding.DER)).decode(),
    )


def _key(certificate: x509.Certificate) -> tuple[str, bool]:
    try:
        key = certificate.public_key()
    except (ValueError, UnsupportedAlgorithm):
        return "a key of unknown kind", True
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}", key.key_size < 2048
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.name}", key.key_size < 256
        case _:
            return type(key).__name__.removesuffix("PublicKey").strip("_"), False
