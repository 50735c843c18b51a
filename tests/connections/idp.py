"""Metadata documents of made-up IdPs."""

from collections.abc import Sequence

from tests.connections.keys import bare, certificate

ENTITY, SSO = "https://idp.example/entity", "https://idp.example/sso"


def metadata(
    *,
    entity: str = ENTITY,
    keys: Sequence[tuple[str | None, str]] | None = None,
    wants: str | None = None,
    valid_until: str | None = None,
    head: str = "",
    inside: str = "",
) -> str:
    """The metadata of one IdP; `keys` are (use, PEM)."""
    if keys is None:
        keys = [("signing", certificate())]
    described = "".join(
        f"<md:KeyDescriptor{f' use={use!r}' if use else ''}><ds:KeyInfo><ds:X509Data><ds:X509Certificate>\n"
        f"  {bare(pem)}\n</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
        for use, pem in keys
    )
    until = f' validUntil="{valid_until}"' if valid_until else ""
    wanted = f' WantAuthnRequestsSigned="{wants}"' if wants else ""
    return f"""<?xml version="1.0"?>{head}
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
 entityID="{entity}"{until}>
 <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"{wanted}>
  {described}{inside}
  <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>
  <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{SSO}/post"/>
  <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{SSO}"/>
 </md:IDPSSODescriptor>
</md:EntityDescriptor>"""


LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
BILLION_LAUGHS = metadata(head=f'<!DOCTYPE x [<!ENTITY l0 "ha">{LAUGHS}]>', inside="&l9;")
EXTERNAL = metadata(head='<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', inside="&f;")
