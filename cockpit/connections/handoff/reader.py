"""Connections out of a CSV file, by column name: those of a self-built system, or WorkOS's own files. Pure.

Facts: the four published headers (R0 to R3, see `headers`); `domains` come with ; or , between them.
"""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cockpit.connections.handoff.headers import OIDC, RENAMED, SAML
from cockpit.connections.model import Attributes, Certificate, Connection, KeyPair, Oidc, Saml
from cockpit.rules.formulas import unguarded
from cockpit.rules.mask import is_secret
from cockpit.terms import RawItem

PROVIDER = "csv"
_KNOWN = {*SAML["R3"], *OIDC["R3"], "nameIdFormat"}
_TRUE = {"true", "1", "yes", "y"}


class NotConnections(ValueError):
    """A file without usable rows; the message says why and what is expected."""


class Refused(NamedTuple):
    """A line that could not be taken, and why."""

    line: int
    why: str


def read(text: str) -> tuple[list[RawItem], list[Refused]]:
    """Every row as a raw record (its columns as JSON), and the lines that can't be. Raises NotConnections."""
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        columns = _columns(next(reader, []))
        if not {"externalId", "name", "organizationName"}.intersection(columns):
            raise NotConnections(
                "no column externalId, name or organizationName: no connections in this file"
            )
        return _items(columns, reader)
    except csv.Error as error:
        raise NotConnections(f"line {reader.line_num}: not CSV: {error}") from None


def _columns(header: Sequence[str]) -> list[str]:
    columns = [RENAMED.get(column.strip(), column.strip()) for column in header]
    full = columns.index("name") if "name" in columns else -1
    if "lastNameAttribute" in columns[:full] and "nameAttribute" not in columns:
        columns[full] = "nameAttribute"  # as an older page of the guide has it
    if len(set(columns)) < len(columns):
        raise NotConnections("a column comes twice")
    return columns


def _items(columns: Sequence[str], reader: Any) -> tuple[list[RawItem], list[Refused]]:
    items: dict[str, RawItem] = {}
    refused: list[Refused] = []
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(columns):
            refused.append(Refused(line, f"{len(cells)} cells under {len(columns)} columns"))
            continue
        named = zip(columns, map(str.strip, cells), strict=False)
        row = {name: unguarded(cell) for name, cell in named if cell}
        ident = row.get("externalId") or row.get("name") or row.get("organizationName") or ""
        if not ident:
            refused.append(Refused(line, "neither externalId nor a name"))
        elif ident in items:
            refused.append(Refused(line, f"the id {ident!r} came before"))
        else:
            items[ident] = RawItem(ident, json.dumps(row | {"externalId": ident}))
    return [*items.values()], refused


def connection(row: Mapping[str, Any]) -> Connection:
    """A raw record of such a file as a connection. Raises ValueError where it is none."""
    if not isinstance(row.get("externalId"), str):
        raise ValueError("no id")
    get = row.get
    oidc = get("clientId") or get("discoveryEndpoint")
    organization = get("organizationExternalId")
    target = get("organizationId")
    if target and not target.startswith("org_"):  # an identifier of the application's own
        organization, target = organization or target, None
    others = {name: value for name, value in row.items() if name not in _KNOWN}
    hidden = [name for name, value in others.items() if is_secret(name) or "PRIVATE KEY" in value]
    return Connection(
        provider=PROVIDER,
        source_id=row["externalId"],
        name=get("name") or get("organizationName") or row["externalId"],
        protocol="oidc" if oidc else "saml",
        kind=get("connectionType") or "",
        organizations=(organization,) if organization else (),
        organization_name=get("organizationName"),
        organization_target=target,
        domains=tuple(_domains(get("domains") or "")),
        saml=None if oidc else _saml(row),
        oidc=_oidc(row) if oidc else None,
        attributes=_attributes(row),
        facts={name: value for name, value in others.items() if name not in hidden},
        warnings=tuple(f"{name}: a column that may hold a secret" for name in hidden),
    )


def _domains(text: str) -> Iterator[str]:
    for part in text.replace(",", ";").split(";"):
        domain = part.strip().lower()
        if domain and not domain.startswith("*."):
            yield domain


def _saml(row: Mapping[str, str]) -> Saml:
    get = row.get
    started = get("idpInitiatedEnabled")
    decryption = _pair(get("assertionEncryptionKey"), get("assertionEncryptionCert"))
    return Saml(
        idp_entity_id=get("idpEntityId"),
        idp_sso_url=get("idpUrl"),
        certificates=(Certificate(pem=row["x509Cert"]),) if get("x509Cert") else (),
        metadata_url=get("idpMetadataUrl"),
        sp_entity_id=get("customEntityId"),
        acs_url=get("customAcsUrl"),
        name_id_format=get("nameIdFormat"),
        signs_requests=True if get("requestSigningKey") or get("requestSigningCert") else None,
        signing=_pair(get("requestSigningKey"), get("requestSigningCert")),
        decryption=(decryption,) if decryption else (),
        name_id_decryption_key=_secret(get("nameIdEncryptionKey")),
        idp_initiated=None if started is None else started.lower() in _TRUE,
    )


def _oidc(row: Mapping[str, str]) -> Oidc:
    get = row.get
    return Oidc(
        client_id=get("clientId"),
        client_secret=_secret(get("clientSecret")),
        discovery_endpoint=get("discoveryEndpoint"),
        redirect_uri=get("customRedirectUri"),
    )


def _attributes(row: Mapping[str, str]) -> Attributes:
    get = row.get
    return Attributes(
        idp_id=get("idpIdAttribute"),
        email=get("emailAttribute"),
        first_name=get("firstNameAttribute"),
        last_name=get("lastNameAttribute"),
        name=get("nameAttribute"),
    )


def _pair(key: str | None, certificate: str | None) -> KeyPair | None:
    return KeyPair(key=_secret(key), certificate=certificate) if key or certificate else None


def _secret(value: str | None) -> Any:
    return value or None
