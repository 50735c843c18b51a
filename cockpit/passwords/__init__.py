"""Any provider's hash as the target takes it, or the reason why not. Pure."""

from collections.abc import Callable, Mapping

from cockpit.passwords import argon2, bcrypt, firebase_scrypt, pbkdf2, salted_sha, scrypt

_PROBLEMS: Mapping[str, Callable[[str], str | None]] = {
    "bcrypt": bcrypt.problem,
    "firebase-scrypt": firebase_scrypt.problem,
    "scrypt": scrypt.problem,
    "pbkdf2": pbkdf2.problem,
    "argon2": argon2.problem,
    "ssha": salted_sha.ssha_problem,
    "ssha256": salted_sha.ssha256_problem,
}


def validate(kind: str, encoded: str) -> str | None:
    """Why the target would refuse a hash of that type, None when it would not. Never quotes the hash."""
    check = _PROBLEMS.get(kind)
    return f"no rules known for hashes of type {kind}" if check is None else check(encoded)
