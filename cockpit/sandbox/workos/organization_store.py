"""Organizations and their domains in memory."""

from typing import Literal, NamedTuple

from cockpit.sandbox.clock import iso
from cockpit.sandbox.web import Json
from cockpit.sandbox.workos.event_log import EventLog
from cockpit.sandbox.workos.table import Table

DomainState = Literal["pending", "verified"]


class Domain(NamedTuple):
    """A domain of an organization; `token` is what a DNS record would prove it by, if anything has to."""

    id: str
    organization_id: str
    domain: str
    state: DomainState
    token: str | None
    created_at: int
    updated_at: int

    def as_json(self) -> Json:
        """The organization_domain object of the API."""
        return {
            "object": "organization_domain",
            "id": self.id,
            "organization_id": self.organization_id,
            "domain": self.domain,
            "state": self.state,
            "verification_strategy": "manual" if self.token is None else "dns",
            "verification_token": self.token,
            "verification_prefix": None,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


class Organization(NamedTuple):
    """An organization as WorkOS keeps it; times in milliseconds."""

    id: str
    name: str
    domains: tuple[Domain, ...]
    external_id: str | None
    metadata: dict[str, str]
    allow_profiles_outside_organization: bool
    stripe_customer_id: str | None
    created_at: int
    updated_at: int

    def as_json(self) -> Json:
        """The organization object of the API."""
        return {
            "object": "organization",
            "id": self.id,
            "name": self.name,
            "domains": [domain.as_json() for domain in self.domains],
            "external_id": self.external_id,
            "metadata": self.metadata,
            "allow_profiles_outside_organization": self.allow_profiles_outside_organization,
            "stripe_customer_id": self.stripe_customer_id,
            "created_at": iso(self.created_at),
            "updated_at": iso(self.updated_at),
        }


class OrganizationStore(Table[Organization]):
    """All organizations, found by id, by external id and by domain."""

    def __init__(self, events: EventLog) -> None:
        super().__init__()
        self._events = events
        self._by_external_id: dict[str, str] = {}
        self._by_domain: dict[str, str] = {}

    def by_external_id(self, external_id: str) -> Organization | None:
        """The organization of that external id; the first of them where several may share one."""
        ident = self._by_external_id.get(external_id)
        return None if ident is None else self[ident]

    def by_domain(self, domain: str) -> Organization | None:
        """The organization of that domain, which must be trimmed and in lower case."""
        ident = self._by_domain.get(domain)
        return None if ident is None else self[ident]

    def add(self, row: Organization) -> None:
        """Keep a new organization, whose id must be the newest."""
        super().add(row)
        self._index(row)
        self._events.append("organization.created", row.as_json)

    def replace(self, row: Organization) -> None:
        """Put the changed organization in place of the old one."""
        self._forget(self[row.id])
        super().replace(row)
        self._index(row)
        self._events.append("organization.updated", row.as_json)

    def add_domain(self, row: Organization, domain: Domain) -> None:
        """One more domain, which is an event of the domain alone."""
        super().replace(row._replace(domains=(*row.domains, domain), updated_at=domain.created_at))
        self._by_domain[domain.domain] = row.id
        self._events.append("organization_domain.created", domain.as_json)

    def remove(self, row: Organization) -> None:
        """Delete the organization; its external id and domains are free again."""
        self._forget(row)
        super().remove(row)
        self._events.append("organization.deleted", row.as_json)

    def _index(self, row: Organization) -> None:
        self._by_domain.update((domain.domain, row.id) for domain in row.domains)
        if row.external_id is not None:
            self._by_external_id.setdefault(row.external_id, row.id)

    def _forget(self, row: Organization) -> None:
        for domain in row.domains:
            del self._by_domain[domain.domain]
        if row.external_id is not None and self._by_external_id.get(row.external_id) == row.id:
            del self._by_external_id[row.external_id]
