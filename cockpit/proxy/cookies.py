"""The marker of a login under way: a signed cookie that says that one began, and on which side.

SameSite=None, because the IdP's page posts to us from another site, and browsers send a Lax cookie with no
cross-site POST.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from cockpit.rollout.route import Side

PREFIX = "__Host-cockpit-"
BYTES = PREFIX.encode()
_MAC = 16
"""Bytes of the HMAC that are kept."""
_IDENT = 6
"""Bytes of a flow's key that a marker repeats."""


class Mark(NamedTuple):
    """A marker that is ours: when it ends (s), and the login it was made for ("" where that is not known)."""

    end: int
    ident: str


def name(connection: str) -> str:
    """The cookie of a connection, but for its side: who looks at the browser does not learn which it is."""
    return PREFIX + hashlib.sha256(connection.encode()).hexdigest()[:12]


def base_of(cookie: str) -> str:
    """A marker's name without its side."""
    return cookie.rpartition("-")[0]


class Marker:
    """Writes and reads markers. The first key signs, all of them verify: put a new key first to rotate."""

    def __init__(self, keys: Sequence[bytes], life_s: int) -> None:
        self._keys = keys
        self._life_s = life_s

    def header(self, base: str, side: Side, now_s: float, flow: bytes | None = None) -> tuple[bytes, bytes]:
        """The Set-Cookie of a login that begins now; `flow`: the key that its answer will have."""
        cookie = f"{base}-{side[0]}"
        said = f"{int(now_s) + self._life_s}.{flow[:_IDENT].hex() if flow else ''}"
        mac = _mac(self._keys[0], cookie, said)
        value = f"{cookie}={said}.{mac}; Max-Age={self._life_s}; Path=/; Secure; HttpOnly; SameSite=None"
        return (b"set-cookie", value.encode())

    def side(
        self, base: str, sent: Mapping[str, str], flow: Sequence[bytes], now_s: float
    ) -> tuple[Side, int] | None:
        """The side on which this browser's login of a connection began, and when its marker ends (s).

        With a marker of each side, legacy's tells by which answer it is meant, where that was known.
        """
        legacy = self._read(f"{base}-l", sent, now_s)
        workos = self._read(f"{base}-w", sent, now_s)
        if legacy is None or workos is None:
            if legacy is not None:
                return "legacy", legacy.end
            return ("workos", workos.end) if workos is not None else None
        if legacy.ident:
            meant = any(one[:_IDENT].hex() == legacy.ident for one in flow)
        else:
            meant = legacy.end > workos.end
        return ("legacy", legacy.end) if meant else ("workos", workos.end)

    def _read(self, cookie: str, sent: Mapping[str, str], now_s: float) -> Mark | None:
        said, _, mac = sent.get(cookie, "").rpartition(".")
        end, _, ident = said.partition(".")
        if not (end.isdecimal() and end.isascii() and len(end) <= 12 and mac.isascii()):
            return None
        if int(end) <= now_s:
            return None
        if not any(hmac.compare_digest(_mac(key, cookie, said), mac) for key in self._keys):
            return None
        return Mark(int(end), ident)


def of_request(header: bytes) -> dict[str, str]:
    """The markers that a browser sent, unread."""
    found = {}
    for pair in header.decode("latin-1").split(";"):
        cookie, _, value = pair.strip().partition("=")
        if cookie.startswith(PREFIX):
            found[cookie] = value
    return found


def _mac(key: bytes, cookie: str, said: str) -> str:
    digest = hmac.digest(key, f"{cookie}={said}".encode("utf-8", "replace"), "sha256")[:_MAC]
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
