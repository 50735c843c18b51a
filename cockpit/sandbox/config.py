"""What a sandbox is started with."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

FaultLevel = Literal["none", "some", "many"]
Limits = Literal["published", "off"]
RateWindow = Literal["fixed", "sliding"]


def address(text: str) -> tuple[str, int]:
    """IP:PORT in its parts. Raises ValueError."""
    host, _, port = text.rpartition(":")
    return str(ip_address(host)), int(port)


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
    public_url: str | None = None
    """Where browsers reach WorkOS, when something stands in front of the sandbox: https://auth.example."""
    idp_address: tuple[str, int] | None = None
    """Where all customers' IdPs are reached, whatever their names."""
    api_key: str = "sk_sandbox"
    client_id: str = "client_sandbox"
    auth0_client_id: str = "sandbox"
    auth0_client_secret: str = "sandbox-secret"
    auth0_write_token: str = "sandbox-write-token"
    """A token that may change streams, which that of the client may not."""
