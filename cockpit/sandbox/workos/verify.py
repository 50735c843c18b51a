"""Whether a password is the one behind a stored hash; slow on purpose, to be called in a thread."""

import hashlib
import hmac

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cockpit.sandbox.workos.hashes import Hash, SaltPosition, parse

_SCRYPT_SLACK = 1 << 20


class NotInstalled(Exception):
    """The library that verifies this type of hash is not installed."""


def matches(kind: str, text: str, position: SaltPosition, password: str) -> bool:
    """Whether `password` is the one that was hashed; kind "plain" holds the password itself."""
    secret = password.encode()
    if kind == "plain":
        return hmac.compare_digest(text.encode(), secret)
    stored = parse(kind, text)
    if kind == "bcrypt":
        return _bcrypt(stored, secret)
    if kind == "argon2":
        return _argon2(stored, password)
    return hmac.compare_digest(stored.digest, _digest(stored, position, secret))


def _digest(stored: Hash, position: SaltPosition, secret: bytes) -> bytes:
    numbers = stored.numbers
    match stored.kind:
        case "scrypt":
            return _scrypt(secret, stored.salt, numbers["n"], numbers["r"], numbers["p"], numbers["kl"])
        case "pbkdf2":
            return hashlib.pbkdf2_hmac(
                stored.variant, secret, stored.salt, numbers["i"], dklen=len(stored.digest)
            )
        case "firebase-scrypt":
            return _firebase_scrypt(stored, secret)
        case "ssha":
            return hashlib.sha1(secret + stored.salt, usedforsecurity=False).digest()
        case _:
            salted = stored.salt + secret if position == "prefix" else secret + stored.salt
            return hashlib.sha256(salted).digest()


def _scrypt(secret: bytes, salt: bytes, n: int, r: int, p: int, length: int) -> bytes:
    return hashlib.scrypt(
        secret, salt=salt, n=n, r=r, p=p, dklen=length, maxmem=128 * r * (n + p) + _SCRYPT_SLACK
    )


def _firebase_scrypt(stored: Hash, secret: bytes) -> bytes:
    key = _scrypt(
        secret, stored.salt + stored.salt_separator, 1 << stored.numbers["m"], stored.numbers["r"], 1, 32
    )
    cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    return cipher.update(stored.signer_key) + cipher.finalize()


def _bcrypt(stored: Hash, secret: bytes) -> bool:
    try:
        import bcrypt
    except ImportError as error:
        raise NotInstalled("bcrypt") from error
    # bcrypt reads 72 bytes; the library refuses more instead of cutting, as the original did.
    return bcrypt.checkpw(secret[:72], stored.text.encode())


def _argon2(stored: Hash, password: str) -> bool:
    try:
        import argon2
    except ImportError as error:
        raise NotInstalled("argon2-cffi") from error
    try:
        return argon2.PasswordHasher().verify(stored.text, password)
    except argon2.exceptions.VerifyMismatchError:
        return False
