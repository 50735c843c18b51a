"""SAML messages as IdPs and services send them, unsigned: the proxy reads heads, others verify."""

import base64
import zlib
from urllib.parse import urlencode

NAMESPACES = (
    'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
)
EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"


def response(
    ident: str, in_response_to: str | None = None, issuer: str | None = "https://idp.test/1", inside: str = ""
) -> bytes:
    """A Response with one assertion; `inside` stands between the Issuer and the assertion."""
    asked = f' InResponseTo="{in_response_to}"' if in_response_to else ""
    by = f"<saml:Issuer>{issuer}</saml:Issuer>" if issuer else ""
    return (
        f'<samlp:Response {NAMESPACES} ID="{ident}" Version="2.0"{asked}>{by}{inside}'
        f'<saml:Assertion ID="_a{ident}"><saml:Subject><saml:NameID Format="{EMAIL}">ada@example.test'
        "</saml:NameID></saml:Subject></saml:Assertion></samlp:Response>"
    ).encode()


def request(ident: str) -> str:
    """A SAMLRequest as a redirect carries it."""
    xml = f'<samlp:AuthnRequest {NAMESPACES} ID="{ident}" Version="2.0"/>'.encode()
    packed = zlib.compressobj(wbits=-15)
    return base64.b64encode(packed.compress(xml) + packed.flush()).decode()


def posted(xml: bytes, relay_state: str | None = None) -> bytes:
    """The form that the IdP's page posts."""
    fields = {"SAMLResponse": base64.b64encode(xml).decode()}
    if relay_state is not None:
        fields["RelayState"] = relay_state
    return urlencode(fields).encode()
