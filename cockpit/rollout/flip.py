"""A flip: one connection's way to WorkOS, from a person's word to logins that were seen. Pure."""

from collections.abc import Mapping
from typing import Literal, get_args

Stage = Literal["armed", "flipping", "verifying", "live", "failed", "rolled back", "cancelled"]
STAGES: tuple[Stage, ...] = get_args(Stage)

OPEN: tuple[Stage, ...] = ("armed", "flipping", "verifying")
"""Stages in which something is still to come."""

_NEXT: Mapping[Stage, frozenset[Stage]] = {
    "armed": frozenset(("flipping", "cancelled")),
    "flipping": frozenset(("verifying", "failed", "rolled back")),
    "verifying": frozenset(("live", "failed", "rolled back")),
    "live": frozenset(("failed", "rolled back")),
    "failed": frozenset(),
    "rolled back": frozenset(),
    "cancelled": frozenset(),
}
"""armed: a person said so, and it waits for its moment. flipping: the route is at WorkOS, proxies have yet
to confirm. verifying: waits for real sign-ins. live: they came. failed: a rule took it back. rolled back: a
person did. cancelled: taken back before anything moved."""


class FlipRefused(Exception):
    """A flip can't go that way; the message says why."""


def after(stage: Stage, to: Stage) -> Stage:
    """The stage that follows. Raises FlipRefused where it does not."""
    if to not in _NEXT[stage]:
        raise FlipRefused(f"a flip that is {stage} can't become {to}")
    return to


def taken_back(stage: Stage, *, by_person: bool) -> Stage:
    """What becomes of a flip whose connection goes back to legacy now; one that has ended stays."""
    to: Stage = "cancelled" if stage == "armed" else "rolled back" if by_person else "failed"
    return to if to in _NEXT[stage] else stage
