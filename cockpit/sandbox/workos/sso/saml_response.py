"""A SAML response, verified: only what a trusted certificate signed is believed.

Rules: SAML 2.0 profiles, section 4.1.4; the assertion itself has to be signed (documentation: SAML).
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from cryptography import x509
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from cockpit.sandbox.workos.sso.attempts import Rejected

SKEW_S = 60.0
"""How far the clocks of an IdP and of WorkOS may be apart."""
_PROTOCOL = "{urn:oasis:names:tc:SAML:2.0:protocol}"
_ASSERTION = "{urn:oasis:names:tc:SAML:2.0:assertion}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


class Expected(NamedTuple):
    """What a connection knows of its IdP and of itself. `now` is seconds since the epoch."""

    certificates: Sequence[str]
    issuer: str | None
    acs_url: str
    audience: str
    now: float


class Assertion(NamedTuple):
    """Who signed in, by the signed part of a response. `until`: its end, in seconds since the epoch."""

    id: str
    in_response_to: str | None
    subject: str
    attributes: dict[str, list[str]]
    until: float


def parsed(document: bytes) -> etree._Element:
    """The response, in which nothing is resolved; Rejected when it is no SAML response or has a DTD."""
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        raise Rejected("saml_response_malformed", "The SAML response is not XML.") from None
    if root.getroottree().docinfo.doctype or root.tag != f"{_PROTOCOL}Response":
        raise Rejected("saml_response_malformed", "What came is not a SAML response.")
    return root


def verified(document: bytes, root: etree._Element, expected: Expected) -> Assertion:
    """The assertion of the document, of which `root` was parsed; Rejected when it may not be believed."""
    _check_envelope(root, expected)
    if root.find(f"{_ASSERTION}EncryptedAssertion") is not None:
        raise Rejected("saml_assertion_encrypted", "The assertion is encrypted, and no key is kept here.")
    if len(root.findall(f"{_ASSERTION}Assertion")) != 1:
        raise Rejected("saml_response_malformed", "There is not exactly one assertion in the response.")
    if root.find(_SIGNATURE) is not None:
        _signed(document, "./", expected)
    assertion = _signed(document, f"./{_ASSERTION}Assertion/", expected)
    if assertion.tag != f"{_ASSERTION}Assertion":
        raise Rejected("saml_signature_invalid", "The signature is not one of the assertion.")
    issuer = assertion.findtext(f"{_ASSERTION}Issuer")
    if expected.issuer is not None and issuer != expected.issuer:
        raise Rejected("saml_issuer_mismatch", "The assertion is another identity provider's.")
    _check_conditions(assertion, expected)
    confirmation = _bearer(assertion, expected)
    in_response_to = confirmation.get("InResponseTo")
    if root.get("InResponseTo") != in_response_to:
        raise Rejected("saml_in_response_to_mismatch", "The response and its assertion answer two requests.")
    name_id = assertion.find(f"{_ASSERTION}Subject/{_ASSERTION}NameID")
    if name_id is None or not name_id.text:
        raise Rejected("saml_name_id_missing", "The assertion has no NameID.")
    attributes = dict(_attributes(assertion))
    if name_id.get("Format") == _EMAIL:
        attributes.setdefault("email", [name_id.text])
    until = _instant(confirmation, "NotOnOrAfter")
    return Assertion(assertion.get("ID", ""), in_response_to, name_id.text, attributes, until)


def _check_envelope(root: etree._Element, expected: Expected) -> None:
    status = root.find(f"{_PROTOCOL}Status/{_PROTOCOL}StatusCode")
    if status is None or status.get("Value") != _SUCCESS:
        raise Rejected("access_denied", "The identity provider denied the user's access.")
    if root.get("Destination", expected.acs_url) != expected.acs_url:
        raise Rejected("saml_destination_mismatch", "The response is for another assertion consumer service.")


def _signed(document: bytes, location: str, expected: Expected) -> etree._Element:
    """The element that one of the certificates signed, by the signature at that place."""
    moment = datetime.fromtimestamp(expected.now, UTC)
    config = SignatureConfiguration(location=location, verification_time=moment)
    for pem in expected.certificates:
        certificate = x509.load_pem_x509_certificate(pem.encode())
        try:
            found = XMLVerifier().verify(document, x509_cert=certificate, expect_config=config)
        except (SignXMLException, etree.LxmlError, ValueError):
            continue
        if not isinstance(found, list) and found.signed_xml is not None:
            return found.signed_xml
    raise Rejected(
        "saml_signature_invalid", "No certificate of the connection has signed this, or it changed."
    )


def _check_conditions(assertion: etree._Element, expected: Expected) -> None:
    conditions = assertion.find(f"{_ASSERTION}Conditions")
    if conditions is None:
        raise Rejected("saml_conditions_missing", "The assertion says not for whom and for when it is.")
    _check_time(conditions, expected.now)
    audiences = conditions.iterfind(f"{_ASSERTION}AudienceRestriction/{_ASSERTION}Audience")
    if expected.audience not in {(one.text or "").strip() for one in audiences}:
        raise Rejected("saml_audience_mismatch", "The assertion is for another service provider.")


def _bearer(assertion: etree._Element, expected: Expected) -> etree._Element:
    """The data of the bearer confirmation that is for this ACS and now."""
    confirmations = [
        data
        for one in assertion.iterfind(f"{_ASSERTION}Subject/{_ASSERTION}SubjectConfirmation")
        if one.get("Method") == _BEARER
        and (data := one.find(f"{_ASSERTION}SubjectConfirmationData")) is not None
    ]
    for data in confirmations:
        if data.get("Recipient") == expected.acs_url and data.get("NotOnOrAfter"):
            _check_time(data, expected.now)
            return data
    raise Rejected("saml_recipient_mismatch", "The assertion was not given for this ACS URL.")


def _check_time(element: etree._Element, now: float) -> None:
    if element.get("NotBefore") and now + SKEW_S < _instant(element, "NotBefore"):
        raise Rejected("saml_assertion_early", "The assertion is not valid yet.")
    if element.get("NotOnOrAfter") and now - SKEW_S >= _instant(element, "NotOnOrAfter"):
        raise Rejected("saml_assertion_expired", "The assertion has expired.")


def _instant(element: etree._Element, name: str) -> float:
    try:
        return datetime.fromisoformat(element.get(name, "")).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Rejected("saml_response_malformed", f"{name} is no instant.") from None


def _attributes(assertion: etree._Element) -> Iterator[tuple[str, list[str]]]:
    for one in assertion.iterfind(f"{_ASSERTION}AttributeStatement/{_ASSERTION}Attribute"):
        values = one.iterfind(f"{_ASSERTION}AttributeValue")
        yield one.get("Name", ""), [value.text or "" for value in values]
