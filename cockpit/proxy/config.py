"""What the proxy is told at its start, ready for use on the request path."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cockpit.rollout.paths import Patterns
from cockpit.rollout.snapshot import Key

WORKOS_HOSTS = ("auth.workos.com", "api.workos.com")


@dataclass(frozen=True)
class Legacy:
    """The handler that logins went to before.

    `host`: what it expects as Host, None for what the browser said. Times are in seconds.
    `authority`: a file of certificates to trust, for an https origin of one's own CA.
    """

    origin: str
    host: str | None = None
    authority: Path | None = None
    connect_s: float = 5.0
    answer_s: float = 60.0
    keep_s: float = 4.0


@dataclass(frozen=True)
class Starts:
    """Where logins begin that the proxy sends on itself, and what WorkOS needs to know of them."""

    paths: Patterns
    client_id: str
    redirect_uri: str
    authorize_url: str


@dataclass(frozen=True)
class Config:
    """Everything about one proxy. `hosts` are lower case, without port; sizes are bytes, times seconds."""

    name: str
    hosts: frozenset[str]
    legacy: Legacy
    callbacks: Patterns
    cookie_keys: Sequence[bytes]
    starts: Starts | None = None
    query_names: Sequence[str] = ("connection",)
    workos_hosts: frozenset[str] = frozenset(WORKOS_HOSTS)
    replay_guard: bool = True
    observe: bool = True
    scheme: Literal["http", "https"] = "https"
    trusted: frozenset[str] = frozenset()
    """Peers (addresses) whose X-Forwarded-For is believed."""
    help_url: str | None = None
    max_body: int = 512 * 1024
    max_hops: int = 1
    reading_s: float = 10.0
    flow_s: int = 600
    seen_s: int = 3600
    max_connections: int = 2000
    places: dict[bytes, str] = field(default_factory=dict)
    """Host headers that were met, as routes write them."""
    copy: Path | None = None
    """Where the last good routes are kept."""
    copy_keys: Sequence[Key] = field(default=())
