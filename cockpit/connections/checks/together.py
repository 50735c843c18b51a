"""What only all connections together show: duplicates of domains, addresses and IdPs."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence

from cockpit.connections.checks.domains import normal
from cockpit.connections.model import Connection
from cockpit.connections.rules import finding
from cockpit.rules.lint import Finding
from cockpit.rules.mask import printable


def check(connections: Sequence[Connection]) -> Mapping[str, list[Finding]]:
    """Findings by source id. Connections that are disabled at the source take part in nothing."""
    found: dict[str, list[Finding]] = defaultdict(list)
    enabled = [connection for connection in connections if connection.enabled]
    _domains(enabled, found)
    _organizations(enabled, found)
    _routes(enabled, found)
    _issuers(enabled, found)
    return found


def _domains(connections: Sequence[Connection], found: dict[str, list[Finding]]) -> None:
    by_domain: dict[str, list[Connection]] = defaultdict(list)
    for connection in connections:
        for domain in {name for name in map(normal, connection.domains) if name is not None}:
            by_domain[domain].append(connection)
    for domain, users in sorted(by_domain.items()):
        if len({_owner(connection) for connection in users}) > 1:
            for connection in users:
                others = (other for other in users if _owner(other) != _owner(connection))
                detail = f"{domain}, as {_named(others)}"
                found[connection.source_id].append(finding("domain_duplicate", f"domains {domain}", detail))


def _organizations(connections: Sequence[Connection], found: dict[str, list[Finding]]) -> None:
    owned = [connection for connection in connections if connection.organizations]
    for connection, others in _sharing(owned, _owner):
        detail = f"also {_named(others)}"
        found[connection.source_id].append(finding("organization_has_another", "organizations", detail))


def _routes(connections: Sequence[Connection], found: dict[str, list[Finding]]) -> None:
    for connection, others in _sharing(connections, lambda each: each.saml and each.saml.acs_url):
        issuers = [other.saml.idp_entity_id for other in others if other.saml is not None]
        mine = connection.saml.idp_entity_id if connection.saml is not None else None
        rule = "route_ambiguous" if mine is not None and mine in issuers else "route_by_issuer"
        found[connection.source_id].append(finding(rule, "acs_url", f"as {_named(others)}"))
    for connection, others in _sharing(connections, lambda each: each.oidc and each.oidc.redirect_uri):
        detail = f"as {_named(others)}"
        found[connection.source_id].append(finding("route_by_state", "redirect_uri", detail))


def _issuers(connections: Sequence[Connection], found: dict[str, list[Finding]]) -> None:
    for connection, others in _sharing(connections, lambda each: each.saml and each.saml.idp_entity_id):
        detail = f"as {_named(others)}"
        found[connection.source_id].append(finding("idp_entity_id_shared", "idp_entity_id", detail))


def _sharing(
    connections: Sequence[Connection], key: Callable[[Connection], Hashable]
) -> Iterable[tuple[Connection, list[Connection]]]:
    """Each connection that has its key in common with others, and these."""
    groups: dict[Hashable, list[Connection]] = defaultdict(list)
    for connection in connections:
        if value := key(connection):
            groups[value].append(connection)
    for group in groups.values():
        if len(group) > 1:
            for connection in group:
                yield connection, [other for other in group if other is not connection]


def _owner(connection: Connection) -> Hashable:
    """The organization; a connection without one is an organization of its own."""
    return connection.organizations[0] if connection.organizations else ("", connection.source_id)


def _named(connections: Iterable[Connection]) -> str:
    names = [printable(connection.name[:60]) for connection in connections]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
