"""The base64 of PHC strings: the standard alphabet, without padding (WorkOS, migrate/other-services)."""

import base64
import binascii
import re

TEXT = r"([A-Za-z0-9+/]+)"
"""A salt or a hash in a PHC string, as a group of a pattern."""

NUMBER = r"([0-9]{1,9})"
"""A number in a stored hash, likewise: ASCII digits, and no more of them than any parameter needs."""

_TEXT = re.compile(TEXT)


def written(raw: bytes) -> str:
    """Bytes as a PHC string has them."""
    return base64.b64encode(raw).decode().rstrip("=")


def read(text: str) -> bytes | None:
    """The bytes; None for what is no base64 of that kind."""
    if not _TEXT.fullmatch(text):
        return None
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None


def of_hex(text: str) -> bytes | None:
    """The bytes behind hexadecimal digits; None for anything else."""
    try:
        return bytes.fromhex(text) if text.isascii() and not text.isspace() else None
    except ValueError:
        return None
