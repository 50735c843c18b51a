"""Which hashes are taken, and that the taken ones verify: against vectors made by other code."""

import base64
import hashlib
from typing import Any

import argon2
import bcrypt
import pytest

from cockpit.sandbox.workos.hashes import BadHash, SaltPosition, parse
from cockpit.sandbox.workos.verify import matches


def b64(raw: bytes, padded: bool = False) -> str:
    text = base64.b64encode(raw).decode()
    return text if padded else text.rstrip("=")


SALT = b"0123456789abcdef"
PASSWORD = "pässwörd & more"
SECRET = PASSWORD.encode()
SCRYPT = hashlib.scrypt(SECRET, salt=SALT, n=1024, r=8, p=1, dklen=64)
PBKDF2 = hashlib.pbkdf2_hmac("sha512", SECRET, SALT, 210_000, dklen=32)

# Google's published vector of firebase-scrypt (github.com/firebase/scrypt, README).
FIREBASE_PASSWORD = "user1password"
FIREBASE_KEY = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA=="
FIREBASE_HASH = "lSrfV15cpx95/sZS2W9c9Kp6i/LVgQNDNC/qzrCnh1SAyZvqmZqAjTdn3aoItz+VHjoZilo78198JAdRuid5lQ=="
FIREBASE = (
    f"$firebase-scrypt$r=8,m=14,sk={FIREBASE_KEY.rstrip('=')},ss=Bw"
    f"$42xEC+ixf3L2lw${FIREBASE_HASH.rstrip('=')}"
)

TAKEN: list[tuple[str, str, SaltPosition, str]] = [
    ("bcrypt", bcrypt.hashpw(SECRET, bcrypt.gensalt(4)).decode(), "suffix", PASSWORD),
    ("bcrypt", bcrypt.hashpw(SECRET, bcrypt.gensalt(4, b"2a")).decode(), "suffix", PASSWORD),
    (
        "argon2",
        argon2.PasswordHasher(time_cost=1, memory_cost=4096, parallelism=1).hash(PASSWORD),
        "suffix",
        PASSWORD,
    ),
    ("scrypt", f"$scrypt$v=1$n=1024,r=8,p=1,kl=64${b64(SALT)}${b64(SCRYPT)}", "suffix", PASSWORD),
    ("pbkdf2", f"$pbkdf2$i=210000,d=sha512${b64(SALT)}${b64(PBKDF2)}", "suffix", PASSWORD),
    ("ssha", "{SSHA}" + b64(hashlib.sha1(SECRET + SALT).digest() + SALT, padded=True), "suffix", PASSWORD),
    ("ssha256", "{SSHA256}" + b64(hashlib.sha256(SECRET + SALT).digest() + SALT, True), "suffix", PASSWORD),
    ("ssha256", "{SSHA256}" + b64(hashlib.sha256(SALT + SECRET).digest() + SALT, True), "prefix", PASSWORD),
    ("firebase-scrypt", FIREBASE, "suffix", FIREBASE_PASSWORD),
]


@pytest.mark.parametrize(("kind", "text", "position", "password"), TAKEN, ids=range(len(TAKEN)))
def test_a_taken_hash_verifies_its_password_and_no_other(
    kind: str, text: str, position: SaltPosition, password: str
) -> None:
    assert matches(kind, text, position, password)
    assert not matches(kind, text, position, password + "x")


SALT64, HASH64 = b64(SALT), b64(bytes(32))


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("bcrypt", "$2b$04$tooshort"),
        ("bcrypt", "$2x$04$" + "a" * 53),
        ("bcrypt", "$2b$03$" + "a" * 53),
        ("argon2", f"$argon2id$v=16$m=65536,t=3,p=4${SALT64}${HASH64}"),
        ("argon2", f"$argon2id$v=19$m=4095,t=3,p=4${SALT64}${HASH64}"),
        ("argon2", f"$argon2id$v=19$m=262145,t=3,p=4${SALT64}${HASH64}"),
        ("argon2", f"$argon2id$v=19$m=65536,t=6,p=4${SALT64}${HASH64}"),
        ("argon2", f"$argon2i$v=19$m=65536,t=2,p=4${SALT64}${HASH64}"),
        ("argon2", f"$argon2id$v=19$m=65536,t=3,p=9${SALT64}${HASH64}"),
        ("scrypt", f"$scrypt$v=1$n=1000,r=8,p=1,kl=32${SALT64}${HASH64}"),
        ("scrypt", f"$scrypt$v=1$n=1024,r=8,p=1,kl=64${SALT64}${HASH64}"),
        ("scrypt", f"$scrypt$v=1$n=1024,r=8,p=1,kl=32${SALT64}==${HASH64}"),
        ("scrypt", f"$scrypt$ln=10,r=8,p=1${SALT64}${HASH64}"),
        ("pbkdf2", f"$pbkdf2$i=599999,d=sha256${SALT64}${HASH64}"),
        ("pbkdf2", f"$pbkdf2$i=1000001,d=sha256${SALT64}${HASH64}"),
        ("pbkdf2", f"$pbkdf2$i=209999,d=sha512${SALT64}${HASH64}"),
        ("pbkdf2", f"$pbkdf2$i=600000,d=sha1${SALT64}${HASH64}"),
        ("ssha", "{SSHA}" + b64(bytes(20), padded=True)),
        ("ssha", "{SSHA256}" + b64(bytes(40), padded=True)),
        ("ssha256", "{SSHA256}???"),
        ("firebase-scrypt", FIREBASE.replace("m=14", "m=15")),
        ("firebase-scrypt", FIREBASE.replace("r=8,", "")),
        ("firebase-scrypt", FIREBASE + "=="),
        ("firebase-scrypt", f"$firebase-scrypt$hash={HASH64}$salt={SALT64}$sk={SALT64}$ss=Bw==$r=8$m=14"),
    ],
)
def test_a_hash_outside_the_documented_form_is_refused(kind: str, text: str) -> None:
    with pytest.raises(BadHash):
        parse(kind, text)


def test_parse_keeps_the_numbers() -> None:
    expected: dict[str, Any] = {"i": 210_000}
    assert parse("pbkdf2", TAKEN[4][1]).numbers == expected
