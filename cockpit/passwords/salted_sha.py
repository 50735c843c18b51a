"""LDAP's salted SHA: {SSHA} and {SSHA256}, base64 of the digest and the salt behind it.

{SSHA} is documented (migrate/other-services). For ssha256 the OpenAPI description names only the type; its
string is written by analogy, UNVERIFIED.
"""

import base64
import binascii

SSHA, SSHA256 = "{SSHA}", "{SSHA256}"
_LENGTHS = {SSHA: 20, SSHA256: 32}


def encode(scheme: str, digest: bytes, salt: bytes) -> str:
    """The target's string; `scheme` is SSHA or SSHA256, the password was hashed before the salt."""
    return scheme + base64.b64encode(digest + salt).decode()


def ssha_problem(encoded: str) -> str | None:
    """Why the target would refuse this hash as ssha, None when it would not."""
    return _problem(SSHA, encoded)


def ssha256_problem(encoded: str) -> str | None:
    """The same for ssha256."""
    return _problem(SSHA256, encoded)


def _problem(scheme: str, encoded: str) -> str | None:
    if not encoded.startswith(scheme):
        return f"does not begin with {scheme}"
    try:
        raw = base64.b64decode(encoded.removeprefix(scheme), validate=True)
    except (binascii.Error, ValueError):
        return f"{scheme} and something that is not base64"
    return None if len(raw) > _LENGTHS[scheme] else f"{scheme} without a salt, or cut short"
