"""What a sandbox is started with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

FaultLevel = Literal["none", "some", "many"]
Limits = Literal["published", "off"]
RateWindow = Literal["fixed", "sliding"]


@dataclass(frozen=True)
class SandboxConfig:
    """One sandbox: which source it plays, how many people live there and how badly it behaves."""

    port: int = 0
    source: str = "auth0"
    users: int = 1000
    organizations: int | None = None
    """None: as many as suit the number of users."""
    connections: int = 24
    """SSO connections at the source."""
    seed: int = 1
    faults: FaultLevel = "none"
    limits: Limits = "published"
    rate_window: RateWindow = "fixed"
    ready_file: Path | None = None
    exit_when_idle: float | None = None
    api_key: str = "sk_sandbox"
    client_id: str = "client_sandbox"
    auth0_client_id: str = "sandbox"
    auth0_client_secret: str = "sandbox-secret"
    auth0_write_token: str = "sandbox-write-token"
    """A token that may change streams, which that of the client may not."""
