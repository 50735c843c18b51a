"""SSO connections in memory."""

from typing import Literal, NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.event_log import EventLog, EventName
from cockpit.sandbox.workos.organization_store import Organization
from cockpit.sandbox.workos.table import Index, Table

State = Literal["draft", "validating", "active", "inactive", "deleting"]
Protocol = Literal["saml", "oidc"]


class Connection(NamedTuple):
    """A connection as WorkOS keeps it; times in milliseconds. `options` are those of its protocol, as shown.

    `secret` is the OIDC client's, which is never shown. `domains` are those of its organization when it was
    last written.
    """

    id: str
    organization_id: str
    connection_type: str
    name: str
    state: State
    external_id: str | None
    external_key: str
    protocol: Protocol
    callback_endpoint: str
    attribute_maps: Json
    options: Json
    secret: str | None
    domains: tuple[tuple[str, str], ...]
    created_at: int
    updated_at: int
    idp_initiated: bool = False
    """Whether sign-ins may begin at the IdP, which no call of the API sets. UNVERIFIED: the default."""

    def brief(self) -> Json:
        """What events and every environment say of it."""
        return {
            "object": "connection",
            "id": self.id,
            "organization_id": self.organization_id,
            "connection_type": self.connection_type,
            "name": self.name,
            "state": self.state,
            "status": "linked" if self.state == "active" else "unlinked",
            "domains": [
                {"object": "connection_domain", "id": ident, "domain": domain}
                for ident, domain in self.domains
            ],
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }

    def as_json(self) -> Json:
        """The connection object of an environment whose connections API is on."""
        return self.brief() | {
            "external_id": self.external_id,
            "callback_endpoint": self.callback_endpoint,
            "attribute_maps": self.attribute_maps,
            f"{self.protocol}_options": self.options,
        }

    def as_event(self) -> Json:
        """The data of connection.activated and its like."""
        return self.brief() | {"external_key": self.external_key}


class ConnectionStore(Table[Connection]):
    """All connections, found by organization; what becomes of their states is an event."""

    def __init__(self, events: EventLog) -> None:
        super().__init__()
        self._events = events
        self.of_organization = Index()

    def by_external_id(self, organization_id: str, external_id: str) -> Connection | None:
        """The connection of that organization with that external id."""
        rows = (self[ident] for ident in self.of_organization.of(organization_id))
        return next((row for row in rows if row.external_id == external_id), None)

    def by_key(self, external_key: str) -> Connection | None:
        """The connection whose callback has that key."""
        return next((row for row in self if row.external_key == external_key), None)

    def add(self, row: Connection) -> None:
        """Keep a new connection, whose id must be the newest."""
        super().add(row)
        self.of_organization.add(row.organization_id, row.id)
        if row.state == "active":
            self._events.append("connection.activated", row.as_event)

    def replace(self, row: Connection) -> None:
        """Put the changed connection in place of the old one."""
        was = self[row.id].state
        super().replace(row)
        names: dict[str, EventName] = {
            "active": "connection.activated",
            "inactive": "connection.deactivated",
        }
        if row.state != was and row.state in names:
            self._events.append(names[row.state], row.as_event)

    def remove(self, row: Connection) -> None:
        """Delete the connection."""
        super().remove(row)
        self.of_organization.remove(row.organization_id, row.id)
        self._events.append("connection.deleted", row._replace(state="deleting").as_event)

    def remove_all(self, organization: Organization) -> None:
        """Delete those of an organization that is about to go."""
        for ident in [*self.of_organization.of(organization.id)]:
            self.remove(self[ident])


def domains_of(organization: Organization) -> tuple[tuple[str, str], ...]:
    """Ids and names of an organization's domains, as a connection shows them."""
    return tuple((domain.id, domain.domain) for domain in organization.domains)
