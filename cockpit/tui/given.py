"""What cockpit.toml says, as far as the screens need it: they never read it themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.connections.plan import PROXY_FROM
from cockpit.rollout.rules import RolloutSettings
from cockpit.state.password_plan import Policy
from cockpit.webhooks.sequence import Step

HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Proofs:
    """How the sequence of webhooks is proven, as [webhooks] says. `life_ms`: how long evidence of a step
    holds; that of others holds for good."""

    tank_url: str = ""
    write_token: str = "AUTH0_WRITE_TOKEN"
    settle_min: float = 30.0
    quiet_min: float = 10.0
    bake_days: float = 7.0
    life_ms: Mapping[Step, int] = field(
        default_factory=lambda: {
            "legacy_off": 24 * HOUR_MS,
            "workos_off": 24 * HOUR_MS,
            "quiet": 4 * HOUR_MS,
        }
    )


@dataclass(frozen=True, slots=True)
class Given:
    """`source`: the provider named there. `without_hash`: what holds for groups that nobody decided.

    `mailer`: who sends reset e-mails, "workos" or the name of a command; None while nobody knows.
    `proxy_from`: so many connections that can move transparently are worth a proxy. `rollout`: when and by
    what proof logins move. `proofs`: of the sequence of webhooks.
    """

    source: str | None = None
    batch_size: int = 100
    without_hash: Policy = "ask"
    mailer: str | None = None
    resets_per_min: int = 60
    proxy_from: int = PROXY_FROM
    proofs: Proofs = field(default_factory=Proofs)
    rollout: RolloutSettings = field(default_factory=RolloutSettings)


DEFAULTS = Given()
"""As in a file that says nothing."""
