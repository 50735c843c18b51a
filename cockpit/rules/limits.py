"""The target's limits (WorkOS OpenAPI CreateUserlandUserDto, unless another source is named)."""

import re

EXTERNAL_ID_LENGTH = 128
EXTERNAL_ID_LENGTH_ONCE = 64
"""An older page of the documentation gives 64; beyond it a warning."""

METADATA_KEYS = 50
METADATA_KEYS_ONCE = 10
"""An older page of the documentation (user management, metadata) gives 10; beyond it a warning."""
METADATA_KEY_LENGTH = 40
METADATA_VALUE_LENGTH = 600

EMAIL_LENGTH = 254
"""RFC 5321, 4.5.3.1.3, less the angle brackets of a path."""
EMAIL_LOCAL_LENGTH = 64
"""RFC 5321, 4.5.3.1.1."""

_ATOM = r"[\w!#$%&'*+/=?^`{|}~-]+"
_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_EMAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")


def email_problem(email: str) -> str | None:
    """Why this is not an address, None when it is one.

    RFC 5321's dot-string and a domain of two labels at least; no quoted local part, no address literal.
    Letters beyond ASCII pass (RFC 6531). email-validator knows more, but takes 67 us an address here.
    """
    local, at, domain = email.rpartition("@")
    if not at:
        return "it has no @"
    if _EMAIL.fullmatch(email):
        return None
    if "@" in local:
        return "it has more than one @"
    if any(character.isspace() or ord(character) < 32 for character in email):
        return "it has a space or a control character"
    if not local or ".." in local or local[0] == "." or local[-1] == ".":
        return "the part before the @ is empty or has a dot out of place"
    if "." not in domain:
        return f"{domain!r} is no domain"
    return "it has a character that an address can't have, or a domain label that is none"
