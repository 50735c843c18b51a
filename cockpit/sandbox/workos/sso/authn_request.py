"""AuthnRequest by redirect binding (SAML 2.0 bindings, section 3.4), unsigned."""

import base64
import zlib
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

from cockpit.sandbox.clock import iso

_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"


def location(sso_url: str, ident: str, issuer: str, acs_url: str, relay_state: str, now: float) -> str:
    """Where to send a browser that is to sign in there and to come back to `acs_url`; `now` in seconds."""
    request = (
        '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" '
        f'ID={quoteattr(ident)} Version="2.0" IssueInstant="{iso(int(now * 1000))}" '
        f"Destination={quoteattr(sso_url)} AssertionConsumerServiceURL={quoteattr(acs_url)} "
        f'ProtocolBinding="{_POST}">'
        f'<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">{escape(issuer)}</saml:Issuer>'
        "</samlp:AuthnRequest>"
    )
    deflate = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    deflated = deflate.compress(request.encode()) + deflate.flush()
    asked = urlencode({"SAMLRequest": base64.b64encode(deflated).decode(), "RelayState": relay_state})
    return f"{sso_url}{'&' if urlsplit(sso_url).query else '?'}{asked}"
