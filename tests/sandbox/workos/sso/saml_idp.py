"""A SAML IdP that signs what a test tells it to say."""

import base64
import zlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from lxml import etree
from signxml.algorithms import SignatureConstructionMethod
from signxml.signer import XMLSigner

from cockpit.sandbox import certificates
from cockpit.sandbox.certificates import Pair

KEY = certificates.pair("idp", "rsa", "idp", certificates.moment(2022), certificates.moment(2040))
STRANGER = certificates.pair("stranger", "weak", "idp", certificates.moment(2022), certificates.moment(2040))
ENTITY, SSO_URL = "https://idp.example/entity", "https://idp.example/sso"
ACS, AUDIENCE = "https://app.example/sso/acme/acs", "https://app.example/sso/acme"
_ASSERTION, _PROTOCOL = "urn:oasis:names:tc:SAML:2.0:assertion", "urn:oasis:names:tc:SAML:2.0:protocol"
_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


@dataclass(frozen=True)
class Response:
    """What the IdP says, all good unless a test says otherwise; `now` in seconds since the epoch."""

    now: float
    in_response_to: str | None
    email: str = "ana@acme.example"
    acs: str = ACS
    recipient: str = ACS
    audience: str = AUDIENCE
    issuer: str = ENTITY
    ident: str = "_assertion1"
    lifetime: float = 300.0
    status: str = "urn:oasis:names:tc:SAML:2.0:status:Success"
    key: Pair = KEY
    signed: tuple[str, ...] = ("Assertion",)
    attributes: dict[str, str] = field(default_factory=lambda: {"firstName": "Ana"})

    def but(self, **changes: object) -> "Response":
        """The same with changes."""
        return replace(self, **changes)  # type: ignore[arg-type]

    def xml(self) -> bytes:
        """The document, signed."""
        root = etree.fromstring(self._text().encode())
        if "Assertion" in self.signed:
            assertion = root.find(f"{{{_ASSERTION}}}Assertion")
            root.replace(assertion, self._signature_in(assertion))
        if "Response" in self.signed:
            root = self._signature_in(root)
        return bytes(etree.tostring(root))

    def encoded(self) -> str:
        """The value of SAMLResponse."""
        return base64.b64encode(self.xml()).decode()

    def _signature_in(self, element: etree._Element) -> etree._Element:
        signer = XMLSigner(
            method=SignatureConstructionMethod.enveloped,
            c14n_algorithm="http://www.w3.org/2001/10/xml-exc-c14n#",
        )
        return signer.sign(element, key=self.key.key, cert=self.key.cert, reference_uri=element.get("ID"))

    def _text(self) -> str:
        answers = f' InResponseTo="{self.in_response_to}"' if self.in_response_to else ""
        begun, until = _iso(self.now), _iso(self.now + self.lifetime)
        attributes = "".join(
            f'<a:Attribute Name="{name}"><a:AttributeValue>{value}</a:AttributeValue></a:Attribute>'
            for name, value in self.attributes.items()
        )
        return (
            f'<p:Response xmlns:p="{_PROTOCOL}" ID="_response1" Version="2.0" IssueInstant="{begun}" '
            f'Destination="{self.acs}"{answers}><p:Status><p:StatusCode Value="{self.status}"/></p:Status>'
            f'<a:Assertion xmlns:a="{_ASSERTION}" ID="{self.ident}" Version="2.0" IssueInstant="{begun}">'
            f"<a:Issuer>{self.issuer}</a:Issuer>"
            f'<a:Subject><a:NameID Format="{_EMAIL}">{self.email}</a:NameID>'
            '<a:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
            f'<a:SubjectConfirmationData Recipient="{self.recipient}" NotOnOrAfter="{until}"{answers}/>'
            "</a:SubjectConfirmation></a:Subject>"
            f'<a:Conditions NotBefore="{begun}" NotOnOrAfter="{until}"><a:AudienceRestriction>'
            f"<a:Audience>{self.audience}</a:Audience></a:AudienceRestriction></a:Conditions>"
            f"<a:AttributeStatement>{attributes}</a:AttributeStatement></a:Assertion></p:Response>"
        )


def asked(location: str) -> dict[str, str]:
    """The attributes of the AuthnRequest in an address that a browser is sent to, and its RelayState."""
    query = parse_qs(urlsplit(location).query)
    inflated = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -zlib.MAX_WBITS)
    request = etree.fromstring(inflated)
    issuer = request.findtext(f"{{{_ASSERTION}}}Issuer")
    return dict(request.attrib) | {"Issuer": issuer, "RelayState": query["RelayState"][0]}


def _iso(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
