"""Keys and certificates made for tests; made once, since an RSA key takes a while."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

NOW = datetime(2026, 11, 25, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)


@cache
def key(kind: str = "rsa-2048", number: int = 1) -> rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey:
    """A private key; another `number`, another key."""
    if kind == "p-256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, int(kind.removeprefix("rsa-")))


@cache
def certificate(
    days: int = 900,
    *,
    begins: int = -100,
    kind: str = "rsa-2048",
    authority: bool = False,
    sha1: bool = False,
    number: int = 1,
) -> str:
    """PEM of a certificate that begins and ends so many days from NOW."""
    signer = key(kind, number)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"idp{number}.example")])
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(signer.public_key())
        .serial_number(number)
        .not_valid_before(NOW + timedelta(days=begins))
        .not_valid_after(NOW + timedelta(days=days))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
        .sign(signer, hashes.SHA256())
    )
    pem = built.public_bytes(Encoding.PEM).decode()
    return _claiming_sha1(built) if sha1 else pem


def _claiming_sha1(made: x509.Certificate) -> str:
    """The same naming SHA-1 as its digest: the library signs with nothing so weak; SAML verifies no CA."""
    sha256, sha1 = bytes.fromhex("2a864886f70d01010b"), bytes.fromhex("2a864886f70d010105")
    der = made.public_bytes(Encoding.DER).replace(sha256, sha1)
    return x509.load_der_x509_certificate(der).public_bytes(Encoding.PEM).decode()


@cache
def private_pem(number: int = 1) -> str:
    """PEM of a private key."""
    pem = key("rsa-2048", number).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem.decode()


@cache
def request_pem() -> str:
    """PEM of a certificate request (CSR)."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example")])
    built = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key(), hashes.SHA256())
    return built.public_bytes(Encoding.PEM).decode()


def bare(pem: str) -> str:
    """The Base64 of a PEM block alone."""
    return "".join(pem.strip().splitlines()[1:-1])
