"""The published headers of WorkOS's connection CSV files, column for column. Pure.

Facts: R1 is WorkOS's guide of May 2026, R2 its migration tool 2.5, R3 the same 2.6. Whoever reads goes by
names: R2 renamed importedId to externalId, and in an older page `name` is the attribute of the full name.
"""

from collections.abc import Mapping
from typing import Literal, get_args

Template = Literal["R1", "R2", "R3"]
TEMPLATES: tuple[Template, ...] = get_args(Template)

_ORGANIZATION = "organizationName,organizationId,organizationExternalId,domains"
_IDP = "idpEntityId,idpUrl,x509Cert,idpMetadataUrl,customEntityId,customAcsUrl"
_ATTRIBUTES = "idpIdAttribute,emailAttribute,firstNameAttribute,lastNameAttribute,nameAttribute"
_KEYS = "requestSigningKey,assertionEncryptionKey,nameIdEncryptionKey"
_PAIRS = (
    "requestSigningKey,requestSigningCert,assertionEncryptionKey,assertionEncryptionCert,nameIdEncryptionKey"
)
_CLIENT = "clientId,clientSecret,discoveryEndpoint,customRedirectUri"
_SAML = f"{_ORGANIZATION},{_IDP},{_ATTRIBUTES},idpInitiatedEnabled"


def _columns(header: str) -> tuple[str, ...]:
    return tuple(header.split(","))


SAML: Mapping[Template, tuple[str, ...]] = {
    "R1": _columns(f"{_SAML},{_KEYS},importedId"),
    "R2": _columns(f"name,{_SAML},{_KEYS},externalId"),
    "R3": _columns(f"name,{_SAML},{_PAIRS},externalId,connectionType"),
}
OIDC: Mapping[Template, tuple[str, ...]] = {
    "R1": _columns(f"{_ORGANIZATION},{_CLIENT},importedId"),
    "R2": _columns(f"name,{_ORGANIZATION},{_CLIENT},externalId"),
    "R3": _columns(f"name,{_ORGANIZATION},{_CLIENT},externalId,connectionType"),
}
ROUTES = _columns(
    "externalId,organizationExternalId,provider,protocol,sourceAcsUrl,sourceEntityId,sourceRedirectUri,"
    "customAcsUrl,customEntityId,customRedirectUri,workosConnectionId,workosAcsUrl,cutoverState,notes"
)
CUSTOM_ATTRIBUTES = _columns("externalId,organizationExternalId,providerType,userPoolAttribute,idpClaim")

RENAMED: Mapping[str, str] = {"importedId": "externalId"}
SECRETS = ("clientSecret", "requestSigningKey", "assertionEncryptionKey", "nameIdEncryptionKey")
"""Columns that stay empty: their values go into a file of their own, when asked for."""
