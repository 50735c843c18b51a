"""What cockpit.toml says, as far as the screens need it: they never read it themselves."""

from dataclasses import dataclass, field

from cockpit.connections.plan import PROXY_FROM
from cockpit.rollout.rules import RolloutSettings
from cockpit.state.password_plan import Policy


@dataclass(frozen=True, slots=True)
class Given:
    """`source`: the provider named there. `without_hash`: what holds for groups that nobody decided.

    `mailer`: who sends reset e-mails, "workos" or the name of a command; None while nobody knows.
    `proxy_from`: so many connections that can move transparently are worth a proxy. `rollout`: when and by
    what proof logins move.
    """

    source: str | None = None
    batch_size: int = 100
    without_hash: Policy = "ask"
    mailer: str | None = None
    resets_per_min: int = 60
    proxy_from: int = PROXY_FROM
    rollout: RolloutSettings = field(default_factory=RolloutSettings)


DEFAULTS = Given()
"""As in a file that says nothing."""
