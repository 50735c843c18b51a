"""Any provider's hash as the target takes it, or the reason why not. Pure."""

from collections.abc import Callable, Mapping

from cockpit.passwords import bcrypt, firebase_scrypt

_PROBLEMS: Mapping[str, Callable[[str], str | None]] = {
    "bcrypt": bcrypt.problem,
    "firebase-scrypt": firebase_scrypt.problem,
}


def validate(kind: str, encoded: str) -> str | None:
    """Why the target would refuse a hash of that type, None when it would not. Never quotes the hash."""
    check = _PROBLEMS.get(kind)
    return f"no rules known for hashes of type {kind}" if check is None else check(encoded)
