"""The rules of a user's fields (OpenAPI: CreateUserlandUserDto and UpdateUserlandUserDto)."""

import re
from sys import intern
from typing import Any

from cockpit.sandbox.web import Json, Refused
from cockpit.sandbox.workos import hashes
from cockpit.sandbox.workos.errors import not_created, refuse, unprocessable
from cockpit.sandbox.workos.store import Password

METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 600
EXTERNAL_ID_LENGTH = 128
PASSWORD_LENGTH = 8
UNDELIVERABLE = ".invalid-mx.example"

_EMAIL_LENGTH, _LOCAL_PART_LENGTH = 254, 64
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
)
_TYPES: dict[str, type] = {
    "email": str,
    "first_name": str,
    "last_name": str,
    "name": str,
    "email_verified": bool,
    "metadata": dict,
    "external_id": str,
    "locale": str,
    "password": str,
    "password_hash": str,
    "password_hash_type": str,
    "password_salt_position": str,
    "ip_address": str,
    "user_agent": str,
    "signals_id": str,
}


def check_shape(body: Json | None) -> Json:
    """The body, when it is an object whose fields have the documented types; else 422."""
    if body is None:
        raise unprocessable(("body", "must be a JSON object"))
    faults = [
        (field, f"must be {_TYPES[field].__name__} or null")
        for field, value in body.items()
        if value is not None and field in _TYPES and not isinstance(value, _TYPES[field])
    ]
    external_id = body.get("external_id")
    if isinstance(external_id, str) and not _is_external_id(external_id):
        faults.append(("external_id", f"must be 1 to {EXTERNAL_ID_LENGTH} ASCII characters"))
    if faults:
        raise unprocessable(*faults)
    return body


def email_of(body: Json) -> str:
    """The e-mail trimmed and in lower case; refused when it is missing, malformed or undeliverable."""
    email = body.get("email")
    if email is None:
        raise unprocessable(("email", "must be a string"))
    email = str(email).strip().lower()
    local_part = email.partition("@")[0]
    if len(email) > _EMAIL_LENGTH or len(local_part) > _LOCAL_PART_LENGTH or _EMAIL.fullmatch(email) is None:
        raise not_created("invalid_email", "The email address is not valid.")
    if email.endswith(UNDELIVERABLE):
        raise refuse(400, "The email domain can not receive mail.", "email_domain_not_deliverable")
    return email


def check_metadata(metadata: dict[str, Any]) -> dict[str, str]:
    """The metadata; refused beyond its limits or outside ASCII."""
    if len(metadata) > METADATA_KEYS:
        raise _bad_metadata(f"more than {METADATA_KEYS} keys")
    for key, value in metadata.items():
        if not isinstance(value, str):
            raise _bad_metadata(f"the value of {key!r} is not a string")
        if len(key) > METADATA_KEY_LENGTH or len(value) > METADATA_VALUE_LENGTH:
            raise _bad_metadata(f"{key!r} or its value is too long")
        if not (key.isascii() and value.isascii()):
            raise _bad_metadata(f"{key!r} or its value is not ASCII")
    # Keys repeat in every user: one copy of each is enough.
    return {intern(key): value for key, value in metadata.items()}


def merged(old: dict[str, str], changes: dict[str, Any] | None) -> dict[str, str]:
    """Metadata after an update: keys are merged, null deletes one, an empty object or null all."""
    if not changes:
        return {}
    kept = {key: value for key, value in (old | changes).items() if value is not None}
    return check_metadata(kept)


def password_of(body: Json) -> Password | None:
    """The password or the hash; refused when both groups are there or the hash is not what it says."""
    plain, text = body.get("password"), body.get("password_hash")
    kind, position = body.get("password_hash_type"), body.get("password_salt_position")
    if plain is not None and text is not None:
        raise _exclusive("password_and_password_hash_provided")
    if plain is not None and kind is not None:
        raise _exclusive("password_and_password_hash_type_provided")
    if position is not None and text is None:
        raise _exclusive("password_salt_position_requires_password_hash")
    if plain is not None:
        return _plain(plain)
    if text is None and kind is None:
        return None
    if text is None:
        raise unprocessable(("password_hash", "is required with password_hash_type"))
    if kind not in hashes.TYPES:
        raise unprocessable(("password_hash_type", f"must be one of {', '.join(sorted(hashes.TYPES))}"))
    if position is not None and (kind != "ssha256" or position not in ("prefix", "suffix")):
        raise unprocessable(("password_salt_position", "must be prefix or suffix, and only for ssha256"))
    try:
        hashes.parse(kind, text)
    except hashes.BadHash as error:
        raise refuse(400, f"The password hash is invalid: {error}.", "invalid_password_hash") from error
    return Password(intern(kind), text, position or "suffix")


def _plain(password: str) -> Password:
    if len(password) < PASSWORD_LENGTH:
        fault = {"code": "password_too_short", "message": f"At least {PASSWORD_LENGTH} characters."}
        raise refuse(400, "Password does not meet strength requirements.", "password_strength_error", [fault])
    return Password("plain", password)


def _is_external_id(text: str) -> bool:
    return 0 < len(text) <= EXTERNAL_ID_LENGTH and text.isascii()


def _bad_metadata(why: str) -> Refused:
    return refuse(400, f"Invalid metadata: {why}.", "invalid_metadata")


def _exclusive(code: str) -> Refused:
    return refuse(400, "Only one way of setting a password may be used.", code)
