"""What a SAML response is like, without what it says: how signed, how encrypted, which NameID. Pure."""

from typing import NamedTuple
from xml.parsers import expat

from cockpit.rollout.saml_head import ASSERTION, PROTOCOL, NoResponse, refuse_doctype

_RESPONSE = f"{PROTOCOL} Response"
_ASSERTION, _ENCRYPTED = f"{ASSERTION} Assertion", f"{ASSERTION} EncryptedAssertion"
_NAME_ID, _ENCRYPTED_ID = f"{ASSERTION} NameID", f"{ASSERTION} EncryptedID"
_ENCRYPTED_ATTRIBUTE = f"{ASSERTION} EncryptedAttribute"
_SUBJECT = f"{ASSERTION} Subject"
_SIGNATURE = "http://www.w3.org/2000/09/xmldsig# Signature"


class Traits(NamedTuple):
    """What is signed and encrypted. `name_id_format`: the URN's last word, None where none was seen."""

    encrypted: bool = False
    response_signed: bool = False
    assertion_signed: bool = False
    name_id_format: str | None = None
    encrypted_name_id: bool = False
    encrypted_attribute: bool = False

    @property
    def signed(self) -> str:
        """response, assertion, both or none; of an encrypted assertion only the envelope shows."""
        if self.response_signed:
            return "both" if self.assertion_signed else "response"
        return "assertion" if self.assertion_signed else "hidden" if self.encrypted else "none"


def of(xml: bytes) -> Traits:
    """The traits of a whole response. Raises NoResponse."""
    path: list[str] = []
    found: dict[str, bool | str] = {}

    def start(name: str, attributes: dict[str, str]) -> None:
        match path:
            case []:
                if name != _RESPONSE:
                    raise NoResponse("another root element")
            case [_]:
                if name == _ENCRYPTED:
                    found["encrypted"] = True
                elif name == _SIGNATURE:
                    found["response_signed"] = True
            case [_, parent] if parent == _ASSERTION and name == _SIGNATURE:
                found["assertion_signed"] = True
            case [_, grand, parent] if grand == _ASSERTION and parent == _SUBJECT:
                if name == _NAME_ID:
                    found["name_id_format"] = _last(attributes.get("Format", "unspecified"))
                elif name == _ENCRYPTED_ID:
                    found["encrypted_name_id"] = True
            case _:
                pass
        if name == _ENCRYPTED_ATTRIBUTE:
            found["encrypted_attribute"] = True
        path.append(name)

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: path.pop()
    parser.StartDoctypeDeclHandler = refuse_doctype
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, UnicodeError, LookupError) as error:
        raise NoResponse(f"not XML: {error}") from None
    return Traits(**found)  # type: ignore[arg-type]


def _last(urn: str) -> str:
    """A word of our own choosing: what an IdP writes there is not kept as it is."""
    word = urn.rpartition(":")[2]
    return word if word.isalnum() and word.isascii() and len(word) <= 40 else "other"
