"""The marker of a login under way: a signed cookie that says on which side it began.

SameSite=None, because the IdP's page posts to us from another site, and browsers send a Lax cookie with no
cross-site POST.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence

from cockpit.rollout.route import Side

PREFIX = "__Host-cockpit-"
BYTES = PREFIX.encode()
_SIDES: dict[str, Side] = {"l": "legacy", "w": "workos"}
_MAC = 16
"""Bytes of the HMAC that are kept."""


def name(connection: str) -> str:
    """The cookie of a connection: it does not tell which one to who looks at the browser."""
    return PREFIX + hashlib.sha256(connection.encode()).hexdigest()[:12]


class Marker:
    """Writes and reads markers. The first key signs, all of them verify: put a new key first to rotate."""

    def __init__(self, keys: Sequence[bytes], life_s: int) -> None:
        self._keys = keys
        self._life_s = life_s

    def header(self, cookie: str, side: Side, now_s: float) -> tuple[bytes, bytes]:
        """The Set-Cookie of a login that begins now."""
        said = f"{side[0]}.{int(now_s) + self._life_s}"
        mac = _mac(self._keys[0], cookie, said)
        value = f"{cookie}={said}.{mac}; Max-Age={self._life_s}; Path=/; Secure; HttpOnly; SameSite=None"
        return (b"set-cookie", value.encode())

    def read(self, cookie: str, value: str, now_s: float) -> tuple[Side, int] | None:
        """The side of a marker and when it ends (s); None for one that is over, or not ours."""
        said, _, mac = value.rpartition(".")
        letter, _, end = said.partition(".")
        if letter not in _SIDES or not end.isdecimal() or not end.isascii() or len(end) > 12:
            return None
        if int(end) <= now_s or not mac.isascii():
            return None
        if not any(hmac.compare_digest(_mac(key, cookie, said), mac) for key in self._keys):
            return None
        return _SIDES[letter], int(end)


def of_request(header: bytes) -> dict[str, str]:
    """The markers that a browser sent, unread."""
    found = {}
    for pair in header.decode("latin-1").split(";"):
        cookie, _, value = pair.strip().partition("=")
        if cookie.startswith(PREFIX):
            found[cookie] = value
    return found


def _mac(key: bytes, cookie: str, said: str) -> str:
    digest = hmac.digest(key, f"{cookie}={said}".encode(), "sha256")[:_MAC]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
