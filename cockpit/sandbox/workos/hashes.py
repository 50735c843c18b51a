"""The password hashes that POST /user_management/users takes (documentation: migrate/other-services).

Written from the published formats alone; cockpit's own conversion is not consulted.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

SaltPosition = Literal["prefix", "suffix"]


class BadHash(ValueError):
    """The string is not a hash of the type it is said to be, or is outside the limits."""


@dataclass(frozen=True, slots=True)
class Hash:
    """A hash taken apart: numbers and bytes, as its type needs them."""

    kind: str
    text: str
    numbers: dict[str, int]
    salt: bytes = b""
    digest: bytes = b""
    variant: str = ""
    signer_key: bytes = b""
    salt_separator: bytes = b""


_NUMBER = r"([0-9]{1,9})"
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_ARGON2 = re.compile(rf"\$argon2(id|i|d)\$v={_NUMBER}\$m={_NUMBER},t={_NUMBER},p={_NUMBER}\$([^$]+)\$([^$]+)")
_SCRYPT = re.compile(rf"\$scrypt\$v=1\$n={_NUMBER},r={_NUMBER},p={_NUMBER},kl={_NUMBER}\$([^$]+)\$([^$]+)")
_PBKDF2 = re.compile(rf"\$pbkdf2\$i={_NUMBER},d=(sha256|sha512)\$([^$]+)\$([^$]+)")
_FIREBASE = re.compile(r"\$firebase-scrypt\$([^$]+)\$([^$]+)\$([^$]+)")
_UNPADDED = re.compile(r"[A-Za-z0-9+/]+")

_SHA1_BYTES, _SHA256_BYTES = 20, 32
_PBKDF2_ITERATIONS = {"sha256": (600_000, 1_000_000), "sha512": (210_000, 1_000_000)}
_ARGON2_VERSION = 19


def parse(kind: str, text: str) -> Hash:
    """The hash taken apart; BadHash when WorkOS would refuse it."""
    return _PARSERS[kind](text)


def _match(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    found = pattern.fullmatch(text)
    if found is None:
        raise BadHash("not in the documented format")
    return found.groups()


def _within(name: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise BadHash(f"{name}={value} is outside {least}..{most}")
    return value


def _unpadded(text: str) -> bytes:
    if not _UNPADDED.fullmatch(text):
        raise BadHash("not base64 of the standard alphabet without padding")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise BadHash("not base64") from error


def _bcrypt(text: str) -> Hash:
    (cost,) = _match(_BCRYPT, text)
    return Hash("bcrypt", text, {"cost": _within("cost", int(cost), 4, 31)})


def _argon2(text: str) -> Hash:
    variant, version, memory, time, lanes, salt, digest = _match(_ARGON2, text)
    numbers = {
        "v": _within("v", int(version), _ARGON2_VERSION, _ARGON2_VERSION),
        "m": _within("m", int(memory), 4_096, 262_144),
        "t": _within("t", int(time), 3 if variant == "i" else 1, 5),
        "p": _within("p", int(lanes), 1, 8),
    }
    return Hash("argon2", text, numbers, _unpadded(salt), _unpadded(digest), variant)


def _scrypt(text: str) -> Hash:
    n, r, p, length, salt, digest = _match(_SCRYPT, text)
    numbers = {"n": int(n), "r": int(r), "p": int(p), "kl": int(length)}
    if numbers["n"] < 2 or numbers["n"] & (numbers["n"] - 1) or not numbers["r"] or not numbers["p"]:
        raise BadHash("n must be a power of two, r and p positive")
    found = Hash("scrypt", text, numbers, _unpadded(salt), _unpadded(digest))
    if len(found.digest) != numbers["kl"]:
        raise BadHash("kl is not the length of the hash")
    return found


def _pbkdf2(text: str) -> Hash:
    iterations, digest_name, salt, digest = _match(_PBKDF2, text)
    numbers = {"i": _within("i", int(iterations), *_PBKDF2_ITERATIONS[digest_name])}
    return Hash("pbkdf2", text, numbers, _unpadded(salt), _unpadded(digest), digest_name)


def _firebase_scrypt(text: str) -> Hash:
    parameters, salt, digest = _match(_FIREBASE, text)
    named = dict(part.partition("=")[::2] for part in parameters.split(","))
    if set(named) != {"r", "m", "sk", "ss"} or not all(re.fullmatch(_NUMBER, named[name]) for name in "rm"):
        raise BadHash("parameters must be r, m, sk and ss")
    numbers = {"r": _within("r", int(named["r"]), 1, 8), "m": _within("m", int(named["m"]), 1, 14)}
    return Hash(
        "firebase-scrypt", text, numbers, _unpadded(salt), _unpadded(digest),
        signer_key=_unpadded(named["sk"]), salt_separator=_unpadded(named["ss"]),
    )  # fmt: skip


def _salted_sha(kind: str, prefix: str, length: int) -> Callable[[str], Hash]:
    def parse_salted(text: str) -> Hash:
        if not text.startswith(prefix):
            raise BadHash(f"does not begin with {prefix}")
        try:
            raw = base64.b64decode(text.removeprefix(prefix), validate=True)
        except ValueError as error:  # binascii.Error, or characters that are not ASCII
            raise BadHash("not base64") from error
        if len(raw) <= length:
            raise BadHash("too short to hold a digest and a salt")
        return Hash(kind, text, {}, raw[length:], raw[:length])

    return parse_salted


_PARSERS: dict[str, Callable[[str], Hash]] = {
    "bcrypt": _bcrypt,
    "argon2": _argon2,
    "scrypt": _scrypt,
    "pbkdf2": _pbkdf2,
    "firebase-scrypt": _firebase_scrypt,
    "ssha": _salted_sha("ssha", "{SSHA}", _SHA1_BYTES),
    "ssha256": _salted_sha("ssha256", "{SSHA256}", _SHA256_BYTES),
}
TYPES = frozenset(_PARSERS)
"""`password_hash_type` of the OpenAPI description."""
