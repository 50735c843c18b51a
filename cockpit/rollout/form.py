"""What a browser posts for a login: an urlencoded form of few fields. Pure."""

import binascii
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

MAX_FIELDS = 8
_BLANKS = b" \t\r\n"


class NoForm(ValueError):
    """Not a form that a login posts."""


def fields(body: bytes) -> dict[bytes, bytes]:
    """The fields, their values still encoded.

    Raises NoForm for more than eight, for one that comes twice, for a value without a name.
    """
    pairs = body.split(b"&", MAX_FIELDS)
    if len(pairs) > MAX_FIELDS:
        raise NoForm(f"more than {MAX_FIELDS} fields")
    found: dict[bytes, bytes] = {}
    for pair in pairs:
        name, equals, value = pair.partition(b"=")
        if b"%" in name or b"+" in name:
            name = decoded(name)
        if not equals or name in found:
            raise NoForm("a field without a value, or twice")
        found[name] = value
    return found


def decoded(value: bytes) -> bytes:
    """A name or value as the browser had it."""
    return unquote_to_bytes(value.replace(b"+", b" "))


def texts(encoded: Mapping[bytes, bytes]) -> dict[str, str]:
    """All fields decoded. Raises NoForm where one is not UTF-8."""
    try:
        return {name.decode(): decoded(value).decode() for name, value in encoded.items()}
    except UnicodeDecodeError:
        raise NoForm("not UTF-8") from None


def base64_of(value: bytes, limit: int | None = None) -> bytes:
    """What an encoded Base64 value holds (at least the first `limit` bytes of the encoded text).

    A plus that was not escaped is taken for itself, and blanks between lines are skipped, as SAML
    libraries do. Raises NoForm.
    """
    if limit is not None and len(value) > limit:
        value = value[:limit]
        cut = value.rfind(b"%", -2)
        value = value if cut < 0 else value[:cut]
    for escaped, plain in ((b"%2B", b"+"), (b"%2F", b"/"), (b"%3D", b"="), (b"%0D%0A", b"")):
        value = value.replace(escaped, plain)
    if b"%" in value:
        value = unquote_to_bytes(value)
    text = value.translate(None, _BLANKS)
    if limit is not None:
        text = text[: len(text) & ~3]
    try:
        return binascii.a2b_base64(text)
    except binascii.Error:
        raise NoForm("not Base64") from None
