"""A connection as rows of WorkOS's CSV files, and what is left over for notes. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cockpit.connections import secrets, x509
from cockpit.connections.checks.certificates import in_force
from cockpit.connections.checks.oidc import discovery_address
from cockpit.connections.handoff.types import connection_type
from cockpit.connections.model import Connection
from cockpit.connections.rules import Verdict
from cockpit.connections.x509 import NotACertificate
from cockpit.rules.formulas import is_formula

Cutover = str
"""What proxy_routes.csv knows: legacy, workos, manual."""


@dataclass(frozen=True)
class Outgoing:
    """A connection with what only the state knows: its organization, and how it stands at WorkOS.

    `organization` is the organization's external id, `organization_target` its id at WorkOS. `now` in ms.
    """

    connection: Connection
    verdict: Verdict
    now: int
    organization: str = ""
    organization_name: str = ""
    organization_target: str = ""
    target_id: str = ""
    callback_endpoint: str = ""
    cutover: Cutover = "manual"


_PATHS: Mapping[str, str] = {
    "externalId": "source_id",
    "importedId": "source_id",
    "name": "name",
    "idpEntityId": "saml.idp_entity_id",
    "idpUrl": "saml.idp_sso_url",
    "idpMetadataUrl": "saml.metadata_url",
    "customEntityId": "saml.sp_entity_id",
    "customAcsUrl": "saml.acs_url",
    "idpIdAttribute": "attributes.idp_id",
    "emailAttribute": "attributes.email",
    "firstNameAttribute": "attributes.first_name",
    "lastNameAttribute": "attributes.last_name",
    "nameAttribute": "attributes.name",
    "idpInitiatedEnabled": "saml.idp_initiated",
    "clientId": "oidc.client_id",
    "customRedirectUri": "oidc.redirect_uri",
}
"""Columns whose value stands in the record as it is."""

_CERTIFICATES: Mapping[str, str] = {
    "requestSigningCert": "saml.signing.certificate",
    "assertionEncryptionCert": "saml.decryption.0.certificate",
}
"""Columns of certificates, which are written as bare Base64: PEM begins with a dash, which is a formula."""

_SECRETS: Mapping[str, str] = {
    "oidc.client_secret": "clientSecret",
    "saml.signing.key": "requestSigningKey",
    "saml.decryption.0.key": "assertionEncryptionKey",
    "saml.name_id_decryption_key": "nameIdEncryptionKey",
}
_ELSEWHERE = ("provider", "protocol", "enabled", "organization_name", "organization_target")
"""Fields that proxy_routes.csv, or the organization's columns, tell of; not being `enabled` is added."""


def row(out: Outgoing, columns: tuple[str, ...]) -> dict[str, str]:
    """The connection under these columns; secrets are left out."""
    flat = dict(_flat(secrets.split(out.connection)[0], ""))
    present = ((column, path) for column, path in _PATHS.items() if column in columns and path in flat)
    made = {column: _cell(flat[path]) for column, path in present}
    computed = {
        "organizationName": out.organization_name,
        # The guide calls it "your existing organization identifier", and its template requires one.
        "organizationId": out.organization_target or out.organization,
        "organizationExternalId": out.organization,
        "domains": ";".join(out.connection.domains),
        "connectionType": connection_type(out.connection),
        "x509Cert": _certificate(out),
        "discoveryEndpoint": (discovery_address(out.connection.oidc) if out.connection.oidc else None) or "",
    }
    for column, path in _CERTIFICATES.items():
        computed[column] = _bare(flat.get(path, ""))
    return made | {column: value for column, value in computed.items() if column in columns and value}


def route(out: Outgoing) -> dict[str, str]:
    """Its row of proxy_routes.csv: what the IdP knows today, and where WorkOS waits."""
    saml, oidc = out.connection.saml, out.connection.oidc
    acs, entity = (saml.acs_url or "", saml.sp_entity_id or "") if saml else ("", "")
    redirect = (oidc.redirect_uri or "") if oidc else ""
    return {
        "externalId": out.connection.source_id,
        "organizationExternalId": out.organization,
        "provider": out.connection.provider,
        "protocol": out.connection.protocol,
        "sourceAcsUrl": acs,
        "sourceEntityId": entity,
        "sourceRedirectUri": redirect,
        "customAcsUrl": acs,
        "customEntityId": entity,
        "customRedirectUri": redirect,
        "workosConnectionId": out.target_id,
        "workosAcsUrl": out.callback_endpoint,
        "cutoverState": out.cutover,
    }


def custom_attributes(out: Outgoing) -> Iterator[dict[str, str]]:
    """Its rows of custom_attribute_mappings.csv."""
    for name, claim in out.connection.attributes.custom.items():
        yield {
            "externalId": out.connection.source_id,
            "organizationExternalId": out.organization,
            "providerType": out.connection.protocol.upper(),
            "userPoolAttribute": name,
            "idpClaim": claim,
        }


def secrets_of(out: Outgoing) -> dict[str, str]:
    """Its secrets by the columns that are made for them, else by their place in the record."""
    return {_SECRETS.get(path, path): value for path, value in secrets.split(out.connection)[1].items()}


def left_over(out: Outgoing, columns: tuple[str, ...]) -> dict[str, str]:
    """Every fact of the record that no column carries, by its place; secrets by name only."""
    public, hidden = secrets.split(out.connection)
    paths = {**_PATHS, **_CERTIFICATES}
    made = row(out, columns)
    carried = {paths[column] for column in made if column in paths} | {*_ELSEWHERE}
    found: dict[str, str] = {}
    for path, value in _flat(public, ""):
        told = path in carried or path.startswith("attributes.custom.")
        told |= path.startswith("domains.") and "domains" in columns
        told |= path == "oidc.discovery_endpoint" and value == made.get("discoveryEndpoint")
        told |= path == "organizations.0" and value == out.organization
        told |= path.startswith("saml.certificates.") and _same_certificate(str(value), made.get("x509Cert"))
        if value != "" and not told:
            found[path] = _cell(value)
    if not out.connection.enabled:
        found["enabled"] = "FALSE"
    for path in hidden:
        found[path] = "a secret; it goes into the file of secrets only"
    for column, value in made.items():
        if is_formula(value):
            found[f"column {column}"] = "written with a ' in front, so that no spreadsheet computes it"
    return found


def _certificate(out: Outgoing) -> str:
    """The one that lasts longest."""
    best = in_force(out.connection.saml, out.now) if out.connection.saml else []
    return best[0].base64 if best else ""


def _bare(text: str) -> str:
    try:
        return x509.read(text).base64 if text else ""
    except NotACertificate:
        return ""


def _same_certificate(text: str, written: str | None) -> bool:
    try:
        return written is not None and x509.read(text).base64 == written
    except NotACertificate:
        return False


def _flat(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    match value:
        case dict():
            for name, inner in value.items():
                yield from _flat(inner, f"{path}.{name}" if path else name)
        case list():
            for number, inner in enumerate(value):
                yield from _flat(inner, f"{path}.{number}")
        case _:
            yield path, value


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value)
