"""SAML metadata of an IdP, read by expat: no DTD, no entities, no more than a megabyte. Pure.

Facts: Metadata for the OASIS Security Assertion Markup Language 2.0 (entityID, KeyDescriptor/@use,
WantAuthnRequestsSigned, validUntil).
"""

from datetime import UTC, datetime
from typing import Any
from xml.parsers import expat

from cockpit.connections.model import Certificate, CertificateUse, Saml
from cockpit.records import Record

MOST_BYTES = 1_000_000
MOST_DEPTH = 64

_MD = "urn:oasis:names:tc:SAML:2.0:metadata "
_DS = "http://www.w3.org/2000/09/xmldsig# "
BINDINGS = "urn:oasis:names:tc:SAML:2.0:bindings:"
_USES: dict[str | None, CertificateUse] = {"signing": "signing", "encryption": "encryption"}


class NotMetadata(ValueError):
    """A document that is not read as an IdP's metadata; the message says why, in a few words."""


class IdpMetadata(Record):
    """What an IdP says of itself. `sso_url` is that of HTTP-Redirect, else of POST; `valid_until` in ms."""

    entity_id: str
    sso_url: str | None
    certificates: tuple[Certificate, ...]
    wants_signed_requests: bool | None
    name_id_formats: tuple[str, ...]
    valid_until: int | None

    def filling(self, saml: Saml) -> Saml:
        """The connection's SAML side with what it leaves open taken from here."""
        found: dict[str, object] = {
            "idp_entity_id": saml.idp_entity_id or self.entity_id,
            "idp_sso_url": saml.idp_sso_url or self.sso_url,
            "certificates": saml.certificates or self.certificates,
        }
        if saml.wants_signed_requests is None:
            found["wants_signed_requests"] = self.wants_signed_requests
        return saml.model_copy(update=found)


def parse(document: bytes | str) -> IdpMetadata:
    """Read a document. Raises NotMetadata for anything but the metadata of one IdP, at once."""
    text = isinstance(document, str)
    content = document.encode() if isinstance(document, str) else document
    if len(content) > MOST_BYTES:
        raise NotMetadata(f"more than {MOST_BYTES // 1_000_000} MB")
    begin = content.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    if not begin:
        raise NotMetadata("empty")
    if begin.startswith((b"<!doctype html", b"<html")):
        raise NotMetadata("an HTML page, no metadata")
    reader = _Reader()
    parser = expat.ParserCreate("utf-8" if text else None, namespace_separator=" ")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse_dtd
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise NotMetadata(f"not well-formed XML (line {error.lineno})") from None
    except (LookupError, UnicodeError):
        raise NotMetadata("in an encoding that is not known") from None
    return reader.found()


def _refuse_dtd(*_: Any) -> None:
    raise NotMetadata("it has a DTD, which metadata never needs")


class _Reader:
    """Collects what lies in the one IDPSSODescriptor."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._text: list[str] = []
        self._entity: dict[str, str] = {}
        self._idps = 0
        self._inside = False
        self._of_idp: dict[str, str] = {}
        self._idp: dict[str, str] = {}
        self._use: CertificateUse | None = None
        self._sso: dict[str, str] = {}
        self._certificates: list[Certificate] = []
        self._formats: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if len(self._path) > MOST_DEPTH:
            raise NotMetadata(f"nested deeper than {MOST_DEPTH} elements")
        self._text = []
        match name.removeprefix(_MD) if name.startswith(_MD) else name:
            case "EntityDescriptor":
                self._entity = attributes
            case "IDPSSODescriptor":
                self._idps += 1
                self._inside = True
                self._of_idp, self._idp = attributes, self._entity
            case "KeyDescriptor" if self._inside:
                self._use = _USES.get(attributes.get("use"))
            case "SingleSignOnService" if self._inside:
                binding = attributes.get("Binding", "").removeprefix(BINDINGS)
                self._sso.setdefault(binding, attributes.get("Location", ""))

    def text(self, data: str) -> None:
        self._text.append(data)

    def end(self, name: str) -> None:
        self._path.pop()
        text = "".join(self._text).strip()
        self._text = []
        if name == f"{_MD}IDPSSODescriptor":
            self._inside = False
        elif self._inside and name == f"{_DS}X509Certificate":
            self._certificates.append(Certificate(pem="".join(text.split()), use=self._use))
        elif self._inside and name == f"{_MD}NameIDFormat":
            self._formats.append(text)

    def found(self) -> IdpMetadata:
        if self._idps != 1:
            what = (
                "no IdP in it"
                if not self._idps
                else f"{self._idps} IdPs in it; cut out the one that is meant"
            )
            raise NotMetadata(f"well-formed XML with {what}")
        wants = self._of_idp.get("WantAuthnRequestsSigned")
        return IdpMetadata(
            entity_id=self._idp.get("entityID", ""),
            sso_url=self._sso.get("HTTP-Redirect") or self._sso.get("HTTP-POST"),
            certificates=tuple(dict.fromkeys(self._certificates)),
            wants_signed_requests=None if wants is None else wants in ("true", "1"),
            name_id_formats=tuple(self._formats),
            valid_until=_earliest(self._idp.get("validUntil"), self._of_idp.get("validUntil")),
        )


def _earliest(*moments: str | None) -> int | None:
    found = []
    for moment in moments:
        try:
            at = datetime.fromisoformat(moment or "")
        except ValueError:
            continue
        found.append(round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000))
    return min(found, default=None)
