"""Time-based one-time passwords: SHA-1, 6 digits, 30 seconds (RFC 4226, RFC 6238)."""

import base64
import hashlib
import hmac
import re

PERIOD, DIGITS = 30, 6
_BASE32 = re.compile(r"[A-Z2-7]+=*")
_WHOLE_BYTES = {0, 2, 4, 5, 7}
"""What a number of Base32 characters may leave when divided by 8 (RFC 4648, section 6)."""


def key(secret: str) -> bytes:
    """The bytes of a Base32 secret in capitals, with or without its padding. Raises ValueError."""
    digits = secret.rstrip("=")
    padded = digits + "=" * (-len(digits) % 8)
    if _BASE32.fullmatch(secret) is None or len(digits) % 8 not in _WHOLE_BYTES:
        raise ValueError("not Base32")
    if secret not in (digits, padded):
        raise ValueError("its padding is incomplete")
    return base64.b32decode(padded)


def code(secret: bytes, step: int) -> str:
    """The code of one period, counted from the epoch."""
    digest = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    place = digest[-1] & 15
    number = int.from_bytes(digest[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def is_right(secret: bytes, given: str, now: float) -> bool:
    """Whether the code is that of now, or of the period before or after."""
    step = int(now // PERIOD)
    return given in {code(secret, near) for near in range(max(step - 1, 0), step + 2)}
