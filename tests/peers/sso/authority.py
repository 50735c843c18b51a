"""A certificate authority of one test run, and what it issues."""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

_LIFE = timedelta(days=2)


@dataclass(frozen=True)
class Tls:
    """Files of PEM for a server, the authority's own certificate, and the hash by which Chromium knows it."""

    key: Path
    cert: Path
    authority: Path
    pin: str


def tls(folder: Path, names: tuple[str, ...]) -> Tls:
    """A new authority and a certificate of it for those names."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("Test authority", "Test authority", root_key, root_key, ca=True)
    leaf = _certificate(names[0], "Test authority", key, root_key, names=names)
    files = Tls(folder / "tls.key", folder / "tls.pem", folder / "authority.pem", _pin(root_key))
    files.key.write_bytes(_private(key))
    files.cert.write_bytes(leaf.public_bytes(Encoding.PEM) + root.public_bytes(Encoding.PEM))
    files.authority.write_bytes(root.public_bytes(Encoding.PEM))
    return files


def signing_pair() -> tuple[str, str]:
    """The key of an IdP and its self-signed certificate, PEM."""
    key = rsa.generate_private_key(65_537, 2048)
    certificate = _certificate("idp", "idp", key, key)
    return _private(key).decode(), certificate.public_bytes(Encoding.PEM).decode()


_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def _certificate(
    subject: str, issuer: str, key: _Key, signer: _Key, names: tuple[str, ...] = (), ca: bool = False
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if names:
        alternatives = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
        builder = builder.add_extension(alternatives, critical=False)
    return builder.sign(signer, hashes.SHA256())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _private(key: _Key) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _pin(key: _Key) -> str:
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(sha256(public).digest()).decode()
