"""Everything one sandbox knows: its switches, its users, its source with its companies, and its counters."""

import secrets
from collections import Counter
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

from cockpit.sandbox import standins
from cockpit.sandbox.auth0.stream_store import Streams
from cockpit.sandbox.bad import Reason
from cockpit.sandbox.clock import Clock
from cockpit.sandbox.companies import Companies
from cockpit.sandbox.config import SandboxConfig
from cockpit.sandbox.factors import Factors
from cockpit.sandbox.faults import Faults, bad_share
from cockpit.sandbox.ids import Ids
from cockpit.sandbox.limits import Budgets
from cockpit.sandbox.population import Population
from cockpit.sandbox.sso import Connections
from cockpit.sandbox.workos.connection_store import ConnectionStore
from cockpit.sandbox.workos.contact_store import ContactStore
from cockpit.sandbox.workos.event_log import EventLog
from cockpit.sandbox.workos.factor_store import FactorStore
from cockpit.sandbox.workos.membership_store import MembershipStore
from cockpit.sandbox.workos.organization_store import OrganizationStore
from cockpit.sandbox.workos.role_store import PermissionStore, RoleStore
from cockpit.sandbox.workos.session_store import SessionStore
from cockpit.sandbox.workos.sso.flows import Flows
from cockpit.sandbox.workos.store import User, UserStore
from cockpit.sandbox.workos.webhook_endpoint_store import WebhookEndpointStore

Encoding = Literal["gzip", "content-encoding", "plain"]


@dataclass
class Switches:
    """What POST /_sandbox/config changes while the sandbox runs."""

    redacted: bool = False
    """Firebase answers hashes as to someone who may not see them."""
    job_scope: bool = True
    """Auth0's token may start export jobs."""
    denied_scope: str = ""
    """Auth0's tokens lack this scope."""
    job_seconds: float = 1.0
    """How long an export job takes."""
    location_ttl: float = 60.0
    """How long the address of an export's file is valid."""
    encoding: Encoding = "gzip"
    """How an export's file is sent: gzip bytes, gzip as Content-Encoding, or plain."""
    token_ttl: float = 86_400.0
    """How long a new token of the source lives."""
    latency_ms: float = 0.0
    """Added to every answer of WorkOS and of the source."""
    down: bool = False
    """Every answer of WorkOS is 503."""
    html_error: int = 0
    """That many next answers of WorkOS are a page of HTML."""
    tied: int = 0
    """Clerk, Descope, Supabase: so many share each moment of creation, as after a bulk import."""
    tenant_attribute: bool = False
    """Cognito, Supabase: users carry their company in custom:tenant or app_metadata.organization_id."""
    cursor_paging: bool = False
    """Supabase: ?limit= and ?cursor= are understood, which GoTrue has as an experiment."""
    unique_external_ids: bool = True
    """WorkOS refuses an organization whose external id another has; its emulators accept it."""
    multiple_roles: bool = True
    """A membership at WorkOS may have several roles, which an environment must be set to."""
    connections_api: bool = True
    """Connections can be created at WorkOS, which an environment must be enabled for."""
    multiple_connections: bool = False
    """An organization at WorkOS may have several connections, which has to be enabled too."""
    custom_attributes: str = ""
    """The custom attributes that are defined at WorkOS, with blanks between them."""
    redirect_uris: str = ""
    """The redirect URIs of the applications at WorkOS, with blanks between them, the default one first; none:
    every https or loopback one may be used, and there is no default."""
    local_idps: bool = False
    """What customers' IdPs publish is at the sandbox, and the source says so; else it is nowhere."""
    lose_reply: int = 0
    """That many next writes to WorkOS are done, but their replies are lost."""
    linger_ms: float = 0.0
    """So long after its reply was lost, a request to WorkOS is still under way, and done only then."""
    refuse: int = 0
    """The source answers everything with this status, after it has answered `refuse_after` more requests."""
    refuse_after: int = 0
    skew_s: float = 0.0
    """The sandbox's clock, by its Date header and its check of signatures, is so many seconds ahead."""
    bad_page: int = 0
    """That many next answers of the source are 200 with something that is not JSON."""


class Tokens:
    """Bearer tokens that a source has given out, each with its end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._ends: dict[str, float] = {}

    def mint(self, prefix: str, ttl: float) -> str:
        """A new token."""
        token = prefix + secrets.token_urlsafe(24)
        self._ends[token] = self._clock.now() + ttl
        return token

    def keep(self, token: str) -> None:
        """Take a token that never ends."""
        self._ends[token] = float("inf")

    def is_valid(self, token: str) -> bool:
        """Whether it was given out here and has not expired."""
        return self._ends.get(token, 0.0) > self._clock.now()


@dataclass
class World:
    """The state of one sandbox."""

    config: SandboxConfig
    clock: Clock

    def __post_init__(self) -> None:
        self.last_request = self.clock.monotonic()
        self.reset()

    def reset(self) -> None:
        """Everything as at the start."""
        config = self.config
        self.switches = Switches()
        self.requests: Counter[str] = Counter()
        self.keys = {config.api_key}
        self.tokens = Tokens(self.clock)
        self.tokens.keep(config.auth0_write_token)
        self.budgets = Budgets(config.limits, config.rate_window)
        self.faults = Faults(config.seed, config.faults)
        nobody = config.source == standins.NONE
        stand_in = standins.find("auth0" if nobody else config.source)
        users = 0 if nobody else config.users
        organizations = config.organizations
        if organizations is None:
            organizations = 0 if nobody else stand_in.organizations(users)
        self.population = Population.make(
            stand_in.shape(config.seed, organizations), users, config.seed, bad_share(config.faults)
        )
        self.ids = Ids(self.clock)
        self.events = EventLog(self.ids)
        self.users = UserStore(self.events)
        self.organizations = OrganizationStore(self.events)
        self.permissions = PermissionStore(self.events)
        self.roles = RoleStore(self.ids, self.events)
        self.memberships = MembershipStore(self.events)
        self.factors = FactorStore()
        self.connections = ConnectionStore(self.events)
        self.contacts = ContactStore()
        self.sessions = SessionStore()
        self.flows = Flows()
        self.portal_links = Tokens(self.clock)
        self.webhook_endpoints = WebhookEndpointStore()
        self.invitations: list[str] = []
        """The addresses that invitations were sent to."""
        self.companies = Companies(
            self.population, config.seed, organizations, stand_in.companies, stand_in.memberships
        )
        self.idps = Connections(
            self.companies, config.seed, 0 if nobody else config.connections, self.clock.now()
        )
        self.apps = Factors(self.population, config.seed)
        self.refused_once = set(self.population.emails_of(Reason.REFUSED_ONCE))
        self.refused: Counter[str] = Counter()
        self.resets: Counter[str] = Counter()
        self.streams = Streams(self.ids)
        if config.source == "auth0":
            self.streams.settle()
        self._settle_the_earlier_users()

    def origin(self, request: web.Request) -> str:
        """Where browsers reach WorkOS: as they are told to, or where this request came in."""
        return (self.config.public_url or str(request.url.origin())).rstrip("/")

    def _settle_the_earlier_users(self) -> None:
        """Users whom WorkOS has had since before the migration, under ids of their own."""
        for number, email in enumerate(self.population.emails_of(Reason.ALREADY_AT_TARGET)):
            now = self.ids.now_ms()
            self.users.add(
                User(
                    id=self.ids.next("user"),
                    email=email,
                    email_verified=True,
                    external_id=f"legacy-{number}",
                    metadata={},
                    created_at=now,
                    updated_at=now,
                )
            )
