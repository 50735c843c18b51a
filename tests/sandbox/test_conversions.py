"""Real passwords through every conversion: hashed as the provider hashes, converted, signed in with.

What hashes here (bcrypt, argon2-cffi, werkzeug, hashlib) is not what converts (cockpit.passwords), and what
verifies is the sandbox's own reading of WorkOS's formats.
"""

import base64
import hashlib
import os
import secrets
from collections.abc import Callable

import argon2
import bcrypt
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from werkzeug.security import generate_password_hash

from cockpit.passwords import pbkdf2, salted_sha, scrypt
from cockpit.passwords.sniff import sniff
from tests.sandbox.inside import BARE, Sandbox, inside
from tests.sandbox.workos.test_sign_in import sign_in

PASSWORD = "Tr0ub4dor & ünïcode ☃"
Hashed = tuple[str, str]


def told(stored: str) -> Hashed:
    """By the text alone."""
    password = sniff(stored)
    assert password.type is not None and password.hash is not None, password.reason
    return password.type, password.hash.get_secret_value()


def better_auth(salt: Callable[[str], bytes]) -> Hashed:
    """Its default: scrypt over the hexadecimal text of the salt (better-auth, crypto/password)."""
    text = secrets.token_hex(16)
    key = hashlib.scrypt(PASSWORD.encode(), salt=text.encode(), n=16384, r=16, p=1, maxmem=1 << 26, dklen=64)
    return "scrypt", scrypt.encode(16384, 16, 1, salt(text), key)


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def gotrue() -> Hashed:
    """Firebase's scrypt as Supabase keeps it for users imported from there (supabase/auth, crypto)."""
    signer, salt, separator = os.urandom(64), os.urandom(12), b"\x07"
    key = hashlib.scrypt(
        PASSWORD.encode(), salt=salt + separator, n=1 << 14, r=8, p=1, maxmem=1 << 26, dklen=32
    )
    cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()
    digest = cipher.update(signer) + cipher.finalize()
    settings = f"v=1,n=14,r=8,p=1,ss={b64(separator)},sk={b64(signer)}"
    return told(f"$fbscrypt${settings}${b64(salt)}${b64(digest)}")


def django_pbkdf2() -> Hashed:
    """The salt is the text itself (django.contrib.auth.hashers)."""
    salt = secrets.token_urlsafe(16)
    key = hashlib.pbkdf2_hmac("sha256", PASSWORD.encode(), salt.encode(), 600_000)
    return told(f"pbkdf2_sha256$600000${salt}${b64(key)}")


def django_scrypt() -> Hashed:
    """Cost, salt, block size, parallelism: in that order, and the salt is the text itself."""
    salt = secrets.token_urlsafe(16)
    key = hashlib.scrypt(PASSWORD.encode(), salt=salt.encode(), n=1 << 14, r=8, p=5, maxmem=1 << 26, dklen=64)
    return told(f"scrypt$16384${salt}$8$5${b64(key)}")


def passlib_pbkdf2() -> Hashed:
    """Its base64 has . for + and no padding (passlib.utils.binary, ab64)."""
    salt = b"\xfb\xef\xbe" * 5
    key = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 210_000)
    ab64 = [b64(raw).rstrip("=").replace("+", ".") for raw in (salt, key)]
    assert "." in ab64[0]
    return told(f"$pbkdf2-sha512$210000${ab64[0]}${ab64[1]}")


def passlib_scrypt() -> Hashed:
    """`ln` is the logarithm of the cost."""
    salt = os.urandom(16)
    key = hashlib.scrypt(PASSWORD.encode(), salt=salt, n=1 << 10, r=8, p=1, dklen=32)
    return told(f"$scrypt$ln=10,r=8,p=1${b64(salt).rstrip('=')}${b64(key).rstrip('=')}")


def ldap(scheme: str, name: str) -> Hashed:
    salt = os.urandom(8)
    digest = hashlib.new(name, PASSWORD.encode() + salt).digest()
    return ("ssha" if scheme == salted_sha.SSHA else "ssha256"), salted_sha.encode(scheme, digest, salt)


def own_pbkdf2() -> Hashed:
    salt = os.urandom(16)
    key = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), salt, 210_000)
    return "pbkdf2", pbkdf2.encode("sha512", 210_000, salt, key)


CONVERSIONS: dict[str, Callable[[], Hashed]] = {
    "bcrypt": lambda: told(bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()),
    "argon2id": lambda: told(argon2.PasswordHasher(memory_cost=4096).hash(PASSWORD)),
    "argon2i": lambda: told(
        argon2.PasswordHasher(time_cost=3, memory_cost=4096, type=argon2.Type.I).hash(PASSWORD)
    ),
    "django bcrypt": lambda: told("bcrypt$" + bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()),
    "django argon2": lambda: told("argon2" + argon2.PasswordHasher(memory_cost=4096).hash(PASSWORD)),
    "django pbkdf2": django_pbkdf2,
    "django scrypt": django_scrypt,
    "passlib pbkdf2": passlib_pbkdf2,
    "passlib scrypt": passlib_scrypt,
    "gotrue firebase": gotrue,
    "werkzeug scrypt": lambda: told(generate_password_hash(PASSWORD, "scrypt:16384:8:1")),
    "werkzeug pbkdf2": lambda: told(generate_password_hash(PASSWORD, "pbkdf2:sha256:600000")),
    "better-auth": lambda: better_auth(str.encode),
    "{SSHA}": lambda: ldap(salted_sha.SSHA, "sha1"),
    "{SSHA256}": lambda: ldap(salted_sha.SSHA256, "sha256"),
    "pbkdf2 sha512": own_pbkdf2,
}


async def attempts(sandbox: Sandbox, hashed: Hashed) -> tuple[int, int]:
    """The answers to the right password and to another one."""
    kind, encoded = hashed
    body = {"email": "ana@example.com", "password_hash": encoded, "password_hash_type": kind}
    created = await sandbox.create(**body)
    assert created.status == 201, created.body
    return (await sign_in(sandbox, PASSWORD)).status, (await sign_in(sandbox, PASSWORD + "x")).status


@pytest.mark.parametrize("name", CONVERSIONS)
def test_the_password_signs_in_and_no_other(name: str) -> None:
    async def test(sandbox: Sandbox) -> None:
        assert await attempts(sandbox, CONVERSIONS[name]()) == (200, 400)

    inside(BARE, test)


def test_better_auths_salt_decoded_from_its_hexadecimal_text_locks_everybody_out() -> None:
    async def test(sandbox: Sandbox) -> None:
        assert await attempts(sandbox, better_auth(bytes.fromhex)) == (400, 400)

    inside(BARE, test)
