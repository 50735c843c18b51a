"""Waves: connections by name in an explicit order, since a share by hash is not exact for dozens. Pure.

A wave is planned, started by a person, and done when every connection of it is at WorkOS and has shown it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, get_args

from cockpit.connections.board import Column
from cockpit.rollout.flip import Stage

WaveState = Literal["planned", "running", "holding", "halted", "done", "aborted"]
WAVE_STATES: tuple[WaveState, ...] = get_args(WaveState)
Act = Literal["start", "hold", "resume", "halt", "finish", "abort"]
ACTS: tuple[Act, ...] = get_args(Act)

_AFTER: Mapping[tuple[WaveState, Act], WaveState] = {
    ("planned", "start"): "running",
    ("running", "hold"): "holding",
    ("running", "halt"): "halted",
    ("holding", "halt"): "halted",
    ("holding", "resume"): "running",
    ("halted", "resume"): "running",
    ("running", "finish"): "done",
    ("running", "abort"): "aborted",
    ("holding", "abort"): "aborted",
    ("halted", "abort"): "aborted",
    ("done", "abort"): "aborted",
}
"""holding: a person let no more go. halted: a rule did, and a person looks. Both keep what went already."""
BY_RULE: frozenset[Act] = frozenset(("halt", "finish"))
"""What no person has to say; everything else only a person says."""

AT_WORK: frozenset[WaveState] = frozenset(("running", "holding", "halted"))


class WaveRefused(Exception):
    """A wave can't do that now; the message says why."""


class Share(NamedTuple):
    """A wave before it has connections: up to so many percent of all, or just the first one."""

    name: str
    percent: int | None


SHARES = (Share("canary", None), Share("5%", 5), Share("25%", 25), Share("100%", 100))


def size(percent: int | None, eligible: int) -> int:
    """How many connections are in the waves up to this one: ceil(share x eligible), in whole numbers.

    Floating point would make 4 of 5 % of 60.
    """
    if percent is None:
        return min(1, eligible)
    return min(eligible, max(1, -(-percent * eligible // 100))) if eligible else 0


def split(
    ranked: Sequence[str], shares: Sequence[Share] = SHARES, kept: Mapping[str, Sequence[str]] | None = None
) -> dict[str, list[str]]:
    """Connections in their order, by wave; a wave whose share the ones before it fill is empty.

    `kept`: waves that are done, with their connections, which `ranked` has not.
    """
    kept = kept or {}
    total, taken = len(ranked) + sum(map(len, kept.values())), 0
    left, waves = [*ranked], dict[str, list[str]]()
    for share in shares:
        if share.name in kept:
            waves[share.name] = [*kept[share.name]]
        else:
            own = max(0, size(share.percent, total) - taken)
            waves[share.name], left = left[:own], left[own:]
        taken += len(waves[share.name])
    return waves


def after(state: WaveState, act: Act) -> WaveState:
    """The state that follows. Raises WaveRefused where none does."""
    found = _AFTER.get((state, act))
    if found is None:
        raise WaveRefused(f"a wave that is {state} can't {act}")
    return found


@dataclass(frozen=True, slots=True)
class Member:
    """A connection of a wave: where it stands, the stage of its newest flip, when it was flipped (ms)."""

    connection: str
    column: Column
    stage: Stage | None = None
    flipped_at: int | None = None

    @property
    def out(self) -> bool:
        """It was taken back or never can go; the wave does not wait for it."""
        return self.column in ("held", "manual")

    @property
    def arrived(self) -> bool:
        """It is at WorkOS and has shown it."""
        return self.column == "workos" and self.stage in (None, "live")


NONE_LEFT = "none of it is at WorkOS any more"


def pending(members: Sequence[Member], baked_at: int, now: int) -> str | None:
    """What a running wave still waits for, None when it is done: judged by where its connections are.

    `baked_at` (ms): the moment until which it must be watched.
    """
    waiting = [member for member in members if not (member.arrived or member.out)]
    if waiting:
        unproven = sum(member.stage == "verifying" for member in waiting)
        parts = [(unproven, "unproven"), (len(waiting) - unproven, "to flip")]
        return ", ".join(f"{n} {what}" for n, what in parts if n)
    if members and not any(member.arrived for member in members):
        return NONE_LEFT
    return f"bakes for {-(-(baked_at - now) // 60_000)} min more" if baked_at > now else None


def baked_at(members: Sequence[Member], started_at: int, bake_s: int, held_s: int) -> int:
    """Until when (ms) a wave bakes: from its last flip on, the time that it was held not counted."""
    last = max((member.flipped_at for member in members if member.flipped_at is not None), default=started_at)
    return last + (bake_s + held_s) * 1000 if members else started_at
