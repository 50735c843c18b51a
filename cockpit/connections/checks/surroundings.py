"""What the check of a connection may know besides it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.connections.checks.observed import Seen
from cockpit.connections.discovery import Discovery
from cockpit.connections.metadata import IdpMetadata
from cockpit.connections.model import Saml


@dataclass(frozen=True)
class Unusable:
    """A document that could not be had, or is not what it should be; `why` in words."""

    why: str


@dataclass(frozen=True)
class Surroundings:
    """What a check may know besides the connection.

    `now` in ms. `metadata` and `discovery`: what was fetched, by address; what is in neither was not asked
    for. `organizations`: the source ids of those exported, None where none were. `hosts`: those that the
    proxy serves, () where the settings name none. `allow_private`: IdPs may be on private networks and
    on this machine, there by http too. `observed`: what the proxy saw, by the connection's source id.
    """

    now: int
    metadata: Mapping[str, IdpMetadata | Unusable] = field(default_factory=dict)
    discovery: Mapping[str, Discovery | Unusable] = field(default_factory=dict)
    organizations: frozenset[str] | None = None
    hosts: tuple[str, ...] = ()
    allow_private: bool = False
    observed: Mapping[str, Seen] = field(default_factory=dict)

    def may_know_more(self, saml: Saml) -> bool:
        """Whether there is metadata that was not asked for, which may have what the record lacks."""
        return saml.metadata_url is not None and saml.metadata_url not in self.metadata
