"""Codes of an authenticator app (RFC 6238), written for the tests alone."""

import base64
import hmac
import struct
import time


def code(secret: str, at: float | None = None) -> str:
    """The 6 digits that an app with this Base32 secret shows: SHA-1, 30 s."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    step = int((time.time() if at is None else at) // 30)
    digest = hmac.new(key, struct.pack(">Q", step), "sha1").digest()
    start = digest[-1] & 15
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"
