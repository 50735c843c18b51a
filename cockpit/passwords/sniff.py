"""What a stored hash is, told from its text: the target's form of it, or why there is none. Pure."""

import re
from collections.abc import Callable
from typing import Any

from cockpit.passwords import firebase_scrypt, pbkdf2, phc, salted_sha, scrypt, validate
from cockpit.passwords.firebase_scrypt import Form
from cockpit.records import Password
from cockpit.terms import HASH_TYPES, HashType

NONE_OF_OURS = "a hash of no known form"
PREHASHED = "bcrypt over sha256, which the target does not take"

_REFUSED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"UkVEQUNURUQ=|REDACTED"), "REDACTED: the credentials may not read hashes"),
    (re.compile(r'\{.*"key_id".*', re.S), "encrypted in the source's database, and its key is not here"),
    (re.compile(r"\$[PH]\$.*"), "phpass, which the target does not take"),
    (re.compile(r"\$5\$.*|\$6\$.*"), "sha-crypt, which the target does not take"),
    (re.compile(r"\$1\$.*|\$apr1\$.*"), "md5-crypt, which the target does not take"),
    (re.compile(r"(md5:)?[0-9a-fA-F]{32}|md5\$.*|\{S?MD5\}.*"), "md5, which the target does not take"),
    (re.compile(r"(sha1:)?[0-9a-fA-F]{40}|\{SHA\}.*"), "sha1 without a salt, which the target does not take"),
    (re.compile(r"sha1\$.*"), "Django's sha1, which the target does not take"),
    (re.compile(r"(sha256:)?[0-9a-fA-F]{64}"), "sha256 without a salt, which the target does not take"),
    (re.compile(r"(sha512:)?[0-9a-fA-F]{128}"), "sha512 without a salt, which the target does not take"),
    (re.compile(r"bcrypt_sha256\$.*|\$bcrypt-sha256\$.*"), PREHASHED),
    (re.compile(r"\$7\$.*|\$y\$.*"), "crypt's own scrypt or yescrypt, which the target does not take"),
    (
        re.compile(r"pbkdf2(_sha1\$|:sha1:).*|\$pbkdf2\$\d.*"),
        "pbkdf2 with sha1; the target takes sha256 and sha512",
    ),
)

_PREHASHED = re.compile(r"(?=.*bcrypt)(?=.*(sha|md5|hmac)).*", re.IGNORECASE)
"""A type that only its name gives away: the string after it is a plain bcrypt's."""

_N = phc.NUMBER
_FBSCRYPT = re.compile(rf"\$fbscrypt\$v=1,n={_N},r={_N},p=1,ss=([^,$]+),sk=([^,$]+)\$([^$]+)\$([^$]+)")
_DJANGO = re.compile(rf"pbkdf2_(sha256|sha512)\${_N}\$([^$]+)\$([^$]+)")
_DJANGO_SCRYPT = re.compile(rf"scrypt\${_N}\$([^$]+)\${_N}\${_N}\$([^$]+)")
_DJANGO_NAMED = re.compile(r"bcrypt\$(\$2[aby]\$.+)|argon2(\$argon2.+)")
_PASSLIB = re.compile(rf"\$pbkdf2-(sha256|sha512)\${_N}\$([A-Za-z0-9./]+)\$([A-Za-z0-9./]+)")
_PASSLIB_SCRYPT = re.compile(rf"\$scrypt\$ln=([0-9]{{1,2}}),r={_N},p={_N}\$([^$]+)\$([^$]+)")
_WERKZEUG_PBKDF2 = re.compile(rf"pbkdf2:(sha256|sha512):{_N}\$([^$]+)\$([0-9a-f]+)")
_WERKZEUG_SCRYPT = re.compile(rf"scrypt:{_N}:{_N}:{_N}\$([^$]+)\$([0-9a-f]+)")


def sniff(stored: str, form: Form = "phc") -> Password:
    """The password behind a stored hash: carried in the target's form, or unsupported with the reason.

    The reason never quotes the hash. `form`: how a hash of Firebase's that another provider keeps in its own
    words is written for the target.
    """
    for pattern, reason in _REFUSED:
        if pattern.fullmatch(stored):
            return Password.unsupported(reason)
    if found := _DJANGO_NAMED.fullmatch(stored):
        stored = found[1] or found[2]
    for prefixes, kind in _AS_IT_IS:
        if stored.startswith(prefixes):
            return checked(kind, stored)
    if found := _FBSCRYPT.fullmatch(stored):
        return checked("firebase-scrypt", _fbscrypt(form, *found.groups()))
    for pattern, kind, converted in _CONVERTED:
        if found := pattern.fullmatch(stored):
            encoded = converted(*found.groups())
            return checked(kind, encoded) if encoded else Password.unsupported(f"{kind} that is garbled")
    return Password.unsupported(NONE_OF_OURS)


def judged(stored: str, kind: str | None, form: Form = "phc") -> Password:
    """The password behind a hash whose type is told, too.

    A type that is none of the target's, or none at all, leaves it to the hash itself to tell what it is.
    """
    if kind and _PREHASHED.fullmatch(kind):
        return Password.unsupported(PREHASHED)
    known = type_named(kind)
    if known is not None and validate(known, stored) is None:
        return Password.carried(known, stored)
    return sniff(stored, form)


def type_named(kind: str | None) -> HashType | None:
    """The target's type of that name, in any case."""
    return next((known for known in HASH_TYPES if known == (kind or "").lower()), None)


def checked(kind: HashType, encoded: str) -> Password:
    """Carried when the target would take this hash, else unsupported with the reason."""
    problem = validate(kind, encoded)
    return Password.carried(kind, encoded) if problem is None else Password.unsupported(problem)


def _fbscrypt(
    form: Form, memory: str, rounds: str, separator: str, signer: str, salt: str, digest: str
) -> str:
    """GoTrue's form of Firebase's hashes (supabase/auth, crypto/password.go)."""
    known = firebase_scrypt.Parameters(signer, separator, int(rounds), int(memory))
    return firebase_scrypt.encode(digest, salt, known, form)


def _django(digest: Any, iterations: str, salt: str, key: str) -> str | None:
    raw = phc.read(key.rstrip("="))
    return pbkdf2.encode(digest, int(iterations), salt.encode(), raw) if raw else None


def _django_scrypt(n: str, salt: str, r: str, p: str, key: str) -> str | None:
    raw = phc.read(key.rstrip("="))
    return scrypt.encode(int(n), int(r), int(p), salt.encode(), raw) if raw else None


def _passlib(digest: Any, iterations: str, salt: str, key: str) -> str | None:
    """passlib's base64 has . for +."""
    salted, raw = phc.read(salt.replace(".", "+")), phc.read(key.replace(".", "+"))
    return pbkdf2.encode(digest, int(iterations), salted, raw) if salted and raw else None


def _passlib_scrypt(exponent: str, r: str, p: str, salt: str, key: str) -> str | None:
    salted, raw = phc.read(salt), phc.read(key)
    return scrypt.encode(1 << int(exponent), int(r), int(p), salted, raw) if salted and raw else None


def _werkzeug_pbkdf2(digest: Any, iterations: str, salt: str, key: str) -> str | None:
    raw = phc.of_hex(key)
    return pbkdf2.encode(digest, int(iterations), salt.encode(), raw) if raw else None


def _werkzeug_scrypt(n: str, r: str, p: str, salt: str, key: str) -> str | None:
    raw = phc.of_hex(key)
    return scrypt.encode(int(n), int(r), int(p), salt.encode(), raw) if raw else None


_AS_IT_IS: tuple[tuple[str | tuple[str, ...], HashType], ...] = (
    (("$2a$", "$2b$", "$2y$"), "bcrypt"),
    ("$argon2", "argon2"),
    ("$scrypt$v=1$", "scrypt"),
    ("$pbkdf2$i=", "pbkdf2"),
    ("$firebase-scrypt$", "firebase-scrypt"),
    (salted_sha.SSHA, "ssha"),
    (salted_sha.SSHA256, "ssha256"),
)
_CONVERTED: tuple[tuple[re.Pattern[str], HashType, Callable[..., str | None]], ...] = (
    (_DJANGO, "pbkdf2", _django),
    (_DJANGO_SCRYPT, "scrypt", _django_scrypt),
    (_PASSLIB, "pbkdf2", _passlib),
    (_PASSLIB_SCRYPT, "scrypt", _passlib_scrypt),
    (_WERKZEUG_PBKDF2, "pbkdf2", _werkzeug_pbkdf2),
    (_WERKZEUG_SCRYPT, "scrypt", _werkzeug_scrypt),
)
