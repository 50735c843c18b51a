"""The ID of an AuthnRequest in a redirect to an IdP (SAML 2.0 Bindings, 3.4.4.1: DEFLATE, Base64). Pure."""

import zlib
from xml.parsers import expat

from cockpit.rollout import form
from cockpit.rollout.saml_head import NoResponse, refuse_doctype

_MOST = 65_536


class _Found(Exception):
    pass


def ident(value: bytes) -> str:
    """The request's ID. Raises ValueError."""
    try:
        xml = zlib.decompressobj(-15).decompress(form.base64_of(value), _MOST)
    except zlib.error:
        raise NoResponse("not DEFLATE") from None
    found = ""

    def root(_: str, attributes: dict[str, str]) -> None:
        nonlocal found
        found = attributes.get("ID", "")
        raise _Found

    parser = expat.ParserCreate()
    parser.StartElementHandler = root
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(xml, True)
    except _Found:
        pass
    except (expat.ExpatError, UnicodeError, LookupError) as error:
        raise NoResponse(f"not XML: {error}") from None
    if not found:
        raise NoResponse("no ID")
    return found
