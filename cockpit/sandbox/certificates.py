"""X.509 certificates and their keys, real ones, and the same ones each time for the same seed."""

import base64
import hashlib
import math
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

KeyKind = Literal["ec", "rsa", "weak"]
"""ec: P-256. rsa: 2,048 bits. weak: RSA with 1,024 bits."""

_EXPONENT = 65_537
_SMALL = [
    number for number in range(3, 2_000, 2) if all(number % by for by in range(3, 45, 2) if by < number)
]
_WITNESSES = 12
"""Rounds of Miller-Rabin: what is no prime passes them in less than one of 16 million cases."""

_Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


class Pair(NamedTuple):
    """A private key and a certificate for it, both PEM."""

    key: str
    cert: str


@lru_cache(maxsize=2048)
def pair(seed: str, kind: KeyKind, name: str, begins: datetime, ends: datetime) -> Pair:
    """A self-signed certificate of that name, and its key.

    All RSA certificates of one size share one key, which takes a second to find.
    """
    key = _ec_key(seed) if kind == "ec" else _rsa_key(2048 if kind == "rsa" else 1024)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(int.from_bytes(_bytes(f"{seed} serial", 15)) + 1)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256(), ecdsa_deterministic=True if kind == "ec" else None)
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return Pair(private.decode(), certificate.public_bytes(Encoding.PEM).decode())


def bare(pem: str) -> str:
    """What is between the lines of a PEM, in one line: base64 of DER."""
    return "".join(line for line in pem.splitlines() if not line.startswith("-----"))


def encoded(pem: str) -> str:
    """Base64 of the PEM itself, as Auth0 keeps a signing certificate."""
    return base64.b64encode(pem.encode()).decode()


def moment(year: int, month: int = 1, day: int = 1) -> datetime:
    """Midnight in UTC."""
    return datetime(year, month, day, tzinfo=UTC)


def _bytes(seed: str, count: int) -> bytes:
    return hashlib.shake_256(seed.encode()).digest(count)


def _ec_key(seed: str) -> ec.EllipticCurvePrivateKey:
    # Far less than the order of the curve, which a private value has to stay below.
    return ec.derive_private_key(int.from_bytes(_bytes(seed, 31)) + 1, ec.SECP256R1())


@lru_cache(maxsize=2)
def _rsa_key(bits: int) -> rsa.RSAPrivateKey:
    primes = _primes(f"rsa {bits}", bits // 2)
    p, q = next(primes), next(primes)
    totient = math.lcm(p - 1, q - 1)
    d = pow(_EXPONENT, -1, totient)
    public = rsa.RSAPublicNumbers(_EXPONENT, p * q)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), public
    )
    return numbers.private_key()


def _primes(seed: str, bits: int) -> Iterator[int]:
    """Primes with their two highest bits set, so that a product of two has twice the bits."""
    turn = 0
    while True:
        number = int.from_bytes(_bytes(f"{seed} {turn}", bits // 8)) | 0b11 << bits - 2 | 1
        turn += 1
        if all(number % small for small in _SMALL) and number % _EXPONENT != 1 and _is_prime(number):
            yield number


def _is_prime(number: int) -> bool:
    """Miller-Rabin with fixed witnesses, which is enough for numbers that nobody chose."""
    odd = number - 1
    twos = (odd & -odd).bit_length() - 1
    odd >>= twos
    for witness in _SMALL[:_WITNESSES]:
        power = pow(witness, odd, number)
        if power in (1, number - 1):
            continue
        for _ in range(twos - 1):
            power = power * power % number
            if power == number - 1:
                break
        else:
            return False
    return True
