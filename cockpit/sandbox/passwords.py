"""Passwords that are known, with their hashes as the providers keep them."""

import base64
import hashlib
from functools import cache
from typing import NamedTuple

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BCRYPT: tuple[tuple[str, str], ...] = (
    ("correct horse battery", "$2b$04$RDFyDS1tGPpm7qOVC30pnOrX7Bwyldjn/PA.9EUGug/xeINdmu4RK"),
    ("Tr0ub4dor&3-again", "$2a$04$Qs1tVK5DmFJhF.c/6z06B.1A9f8mfKNFRnAATrSjGS4aWpT/WdzMy"),
    ("pässwörd-mit-umlaut", "$2b$04$7nOJJzVwLOzgtaY0ydzm1eGtkllDo/VuAuRIqJWixEpYMo7rMrLny"),
    ("hunter2hunter2", "$2y$04$a.klW6r2UkMRi/9hrA17ZekSezt7a0YA/kI1mUPLKKJkcpP0gY0kG"),
    ("s3cret lemonade stand", "$2b$04$Ms.G.af.K4FbN69h.7tPO.spDNuM/UJYDrKw1SXAD6SxJoLdPDfLy"),
    ("密码-very-long-один", "$2b$04$u20gTMR.LgQ0euMc59j0qeK/P5tDi5Wy9ajTlU9lS0LzbSLJAANR6"),
    ("qwerty!Uiop[2019]", "$2a$04$fde53wlfYwkm4gSZb.q/qO0dwh6G9ze7AqFDz5mC2DuLjFdKbiUVS"),
    ("spaces  inside  it", "$2b$04$i1KAqW8DJkTWixlkAvGZnu2/O8wendGSmNr3CH/NxaFxqWwNXnO4C"),
)
"""Each with its bcrypt hash, of cost 4: verified in a millisecond."""

ROUNDS, MEMORY_COST = 8, 14
SALT_SEPARATOR = b"\x07"


class FirebaseHash(NamedTuple):
    """A password's hash and salt in the standard base64 of accounts:batchGet."""

    password: str
    digest: str
    salt: str


def bcrypt_hash(secret: int) -> tuple[str, str]:
    """The password of that number and its hash."""
    return BCRYPT[secret % len(BCRYPT)]


def firebase_hash(secret: int, signer_key: bytes) -> FirebaseHash:
    """The password of that number, hashed under the signer key of a project or a tenant."""
    return _firebase_hash(secret % len(BCRYPT), signer_key)


def signer_key(seed: int, tenant: str) -> bytes:
    """The 64 bytes that a project or a tenant hashes its passwords with."""
    return hashlib.sha512(f"{seed}/{tenant}".encode()).digest()


@cache
def _firebase_hash(secret: int, key: bytes) -> FirebaseHash:
    salt = hashlib.sha256(f"salt {secret}".encode()).digest()[:16]
    cipher = Cipher(algorithms.AES(_derived(secret, salt)), modes.CTR(bytes(16))).encryptor()
    digest = cipher.update(key) + cipher.finalize()
    return FirebaseHash(BCRYPT[secret][0], base64.b64encode(digest).decode(), base64.b64encode(salt).decode())


@cache
def _derived(secret: int, salt: bytes) -> bytes:
    password = BCRYPT[secret][0].encode()
    return hashlib.scrypt(
        password, salt=salt + SALT_SEPARATOR, n=1 << MEMORY_COST, r=ROUNDS, p=1, maxmem=64 << 20, dklen=32
    )
