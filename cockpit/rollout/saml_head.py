"""The head of a SAML response, read without trust and never as far as an assertion; a DTD is refused. Pure.

The schema has the Issuer, if any, as first child, so nothing behind the first child matters. What is read
here only chooses which validator sees the message; both check signatures themselves.
"""

from typing import NamedTuple
from xml.parsers import expat

from cockpit.rollout import form

PROTOCOL = "urn:oasis:names:tc:SAML:2.0:protocol"
ASSERTION = "urn:oasis:names:tc:SAML:2.0:assertion"
_RESPONSE = f"{PROTOCOL} Response"
_ISSUER = f"{ASSERTION} Issuer"
_FIRST = 1024
"""Characters of Base64 that hold a head nearly always."""


class NoResponse(ValueError):
    """Not a SAML response that can be read."""


class Head(NamedTuple):
    """What a response says of itself; `in_response_to` is None where the IdP began by itself."""

    id: str
    in_response_to: str | None
    issuer: str | None


class _Enough(Exception):
    pass


def of_field(value: bytes) -> Head:
    """The head of a SAMLResponse field as it was posted. Raises NoResponse."""
    try:
        found = _read(form.base64_of(value, _FIRST), final=len(value) <= _FIRST)
        if found is None:
            found = _read(form.base64_of(value), final=True)
    except form.NoForm as error:
        raise NoResponse(str(error)) from None
    assert found is not None
    return found


def refuse_doctype(*_: object) -> None:
    """An expat handler for StartDoctypeDecl: nothing in a login needs one. Raises NoResponse."""
    raise NoResponse("a document type declaration")


def _read(xml: bytes, *, final: bool) -> Head | None:
    """None where the head may go on after these bytes."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    root: dict[str, str] | None = None
    issuer: str | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal root, issuer
        if root is None:
            if name != _RESPONSE:
                raise NoResponse("another root element")
            root = attributes
        elif name == _ISSUER and issuer is None:
            issuer = ""
            parser.CharacterDataHandler = text
        else:
            raise _Enough

    def end(_: str) -> None:
        raise _Enough

    def text(found: str) -> None:
        nonlocal issuer
        issuer = (issuer or "") + found

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(xml, final)
        if not final:
            return None
    except _Enough:
        pass
    except (expat.ExpatError, UnicodeError, LookupError) as error:
        raise NoResponse(f"not XML: {error}") from None
    if root is None or not root.get("ID"):
        raise NoResponse("no ID")
    return Head(root["ID"], root.get("InResponseTo"), issuer.strip() if issuer else None)
