"""A connection held against what WorkOS takes and what a transparent move needs. Pure."""

from collections.abc import Iterator

from cockpit.connections.checks import certificates, domains, observed, oidc, saml
from cockpit.connections.checks.surroundings import Surroundings, Unusable
from cockpit.connections.metadata import IdpMetadata, NotMetadata, parse
from cockpit.connections.model import Connection
from cockpit.connections.rules import finding
from cockpit.rules.lint import Finding, check_external_id
from cockpit.rules.mask import printable
from cockpit.words import ends


def check(connection: Connection, around: Surroundings) -> tuple[Connection, list[Finding]]:
    """The connection with what its metadata adds, and everything the rules say of it by itself."""
    found = list(_itself(connection, around))
    match connection.protocol:
        case "saml" if connection.saml is not None:
            known, told = _with_metadata(connection, around)
            whole = known.saml
            assert whole is not None
            found += told
            found += saml.check(whole, around)
            found += observed.check(whole, around.observed.get(connection.source_id, {}))
            found += certificates.check(whole, _metadata(connection, around), around)
            connection = known
        case "oidc" if connection.oidc is not None:
            found += oidc.check(connection.oidc, around)
            found += _discovered(connection, around)
        case _:
            found.append(finding("protocol_unsupported", "protocol", printable(connection.kind or "unknown")))
    return connection, found


def _itself(connection: Connection, around: Surroundings) -> Iterator[Finding]:
    for told in check_external_id(connection.source_id):
        yield finding(told.rule, told.field, told.detail)
    if not connection.enabled:
        yield finding("disabled", "enabled", "nobody can sign in by it there")
    yield from domains.check(connection.domains)
    if not connection.organizations and not connection.organization_target:
        yield finding("organization_missing", "organizations", "no organization uses it")
    if len(connection.organizations) > 1:
        named = ", ".join(printable(name) for name in connection.organizations[:3])
        yield finding("organizations_several", "organizations", f"{len(connection.organizations)}: {named}")
    if around.organizations is not None and not connection.organization_target:
        for name in connection.organizations:
            if name not in around.organizations:
                yield finding(
                    "organization_unknown", f"organizations {printable(name[:80])}", printable(name)
                )
    if connection.attributes.custom:
        yield finding(
            "custom_attributes", "attributes", ", ".join(map(printable, connection.attributes.custom))
        )
    for warning in connection.warnings:
        name, _, text = warning.partition(": ")
        yield finding("cut", printable(name) if text else "", printable(text or warning))


def _metadata(connection: Connection, around: Surroundings) -> IdpMetadata | None:
    """What the IdP says now; else what the source kept of it."""
    assert connection.saml is not None
    fetched = around.metadata.get(connection.saml.metadata_url or "")
    if isinstance(fetched, IdpMetadata):
        return fetched
    try:
        return parse(connection.saml.metadata_xml) if connection.saml.metadata_xml else None
    except NotMetadata:
        return None


def _with_metadata(connection: Connection, around: Surroundings) -> tuple[Connection, list[Finding]]:
    given = connection.saml
    assert given is not None
    found: list[Finding] = []
    if given.metadata_xml:
        try:
            parse(given.metadata_xml)
        except NotMetadata as error:
            found.append(finding("metadata_unusable", "metadata_xml", str(error)))
    if given.metadata_url:
        fetched = around.metadata.get(given.metadata_url)
        if isinstance(fetched, Unusable):
            found.append(finding("metadata_unusable", "metadata_url", printable(fetched.why)))
        elif fetched is None:
            found.append(finding("metadata_unread", "metadata_url", printable(given.metadata_url)))
    metadata = _metadata(connection, around)
    if metadata is None:
        return connection, found
    if given.idp_entity_id and metadata.entity_id and given.idp_entity_id != metadata.entity_id:
        detail = f"{printable(metadata.entity_id)}, the record has {printable(given.idp_entity_id)}"
        found.append(finding("metadata_entity_differs", "idp_entity_id", detail))
    if metadata.valid_until is not None and metadata.valid_until < around.now:
        found.append(finding("metadata_expired", "metadata_url", ends(metadata.valid_until, around.now)))
    return connection.model_copy(update={"saml": metadata.filling(given)}), found


def _discovered(connection: Connection, around: Surroundings) -> Iterator[Finding]:
    assert connection.oidc is not None
    address = oidc.discovery_address(connection.oidc)
    if address is None:
        return
    document = around.discovery.get(address)
    if isinstance(document, Unusable):
        yield finding("discovery_unusable", "discovery_endpoint", printable(document.why))
    elif document is None:
        yield finding("discovery_unread", "discovery_endpoint", printable(address))
    else:
        yield from oidc.check_discovery(connection.oidc, address, document)
