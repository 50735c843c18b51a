"""What may be shown: text without control characters, JSON without secrets."""

import re
from typing import Any

_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f"  # C0, DEL, C1: colours, cursor moves, window titles
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls (UAX 9)
    "\u2028\u2029\ufeff"  # line and paragraph separator, byte order mark
    "\ud800-\udfff]"  # lone surrogates can't be written to a terminal at all
)

MASK = "***"

_SECRET_KEYS = frozenset(
    {
        "salt",
        "secret",
        "hash",
        "password",
        "passwd",
        "passphrase",
        "token",
        "authorization",
        "cookie",
        "setcookie",
        "apikey",
        "signerkey",
        "privatekey",
        "secretkey",
        "sharedsecretkey",
        "managementkey",
        "signingkey",
        "decryptionkey",
        "encryptionkey",
        "encryptionprivatekeys",
        "backupcodes",
        "recoverycode",
        "recoverycodes",
    }
)
_SECRET_ENDINGS = (
    "passwordhash",
    "hashedpassword",
    "password",
    "passwordsalt",
    "passworddigest",
    "secret",
    "token",
    "privatekey",
    "apikey",
    "secretkey",
    "signingkey",
    "encryptionkey",
    "decryptionkey",
    "clientassertion",
)


def printable(text: str) -> str:
    r"""The text on one line, safe for a terminal: control characters as \x1b, bidi controls as \u202e."""
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def is_secret(key: str) -> bool:
    """Whether the value under a key of that name (any case, `_` or `-`) is never shown."""
    plain = key.lower().replace("_", "").replace("-", "")
    return plain in _SECRET_KEYS or plain.endswith(_SECRET_ENDINGS)


def mask(value: Any) -> Any:
    """A copy of a JSON value with what lies under secret keys, and every private key, replaced by `***`.

    None, booleans and empty values stay: whether there is a password is worth knowing and no secret.
    """
    if isinstance(value, dict):
        return {
            key: MASK if is_secret(str(key)) and _telling(inner) else mask(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask(inner) for inner in value]
    if isinstance(value, str) and "PRIVATE KEY" in value:
        return MASK
    return value


def _telling(value: Any) -> bool:
    return not isinstance(value, bool) and value not in (None, "", [], {})
