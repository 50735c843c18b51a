"""The rules of a user's own fields (OpenAPI: CreateUserlandUserDto and UpdateUserlandUserDto)."""

import re
from sys import intern

from cockpit.sandbox.web import Json, Refused
from cockpit.sandbox.workos import hashes
from cockpit.sandbox.workos.errors import not_created, refuse, unprocessable
from cockpit.sandbox.workos.store import Password

PASSWORD_LENGTH = 8
UNDELIVERABLE = ".invalid-mx.example"
TYPES: dict[str, type] = {
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

_EMAIL_LENGTH, _LOCAL_PART_LENGTH = 254, 64
_EMAIL = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])"
)


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


def _exclusive(code: str) -> Refused:
    return refuse(400, "Only one way of setting a password may be used.", code)
