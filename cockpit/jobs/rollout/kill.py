"""The kill switch: logins back to legacy on the next request. It needs rollout.db and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.rollout.waves import AT_WORK
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, beside, flips, routes, waves
from cockpit.state.rollout.audit import Actor
from cockpit.words import counted

UNDER_WAY_MS = 600_000
"""So long a login may take: what was killed within it may have some at WorkOS still."""


@dataclass(frozen=True, slots=True)
class Killed:
    """What a kill did: connections whose logins came back, flips that were disarmed, waves that stopped.

    `version` is that of the routes which proxies have to apply.
    """

    back: tuple[str, ...]
    disarmed: int
    halted: tuple[str, ...]
    version: int

    def words(self, asked: Sequence[str], *, hard: bool) -> str:
        """What it did, of those that were `asked` for; of all where none was named."""
        who = asked[0] if len(asked) == 1 else counted(len(asked or self.back), "connection")
        parts = [f"{who} back to legacy from the next request on"]
        if asked and not self.back:
            parts = [f"{who}: no logins at WorkOS to take back; no wave takes it along"]
        if hard:
            parts.append("logins under way end there too")
        if self.disarmed:
            parts.append(f"{counted(self.disarmed, 'flip')} disarmed")
        if self.halted:
            parts.append(f"wave {', '.join(self.halted)} halted")
        return "; ".join(parts)


def kill(
    state: Path,
    keys: Sequence[str],
    *,
    operator: str,
    clock: Clock,
    why: str | None = None,
    hard: bool = False,
) -> Killed:
    """Take connections back, by id or name. Raises NotThere before anything moves; StateError."""
    rollout = open_state(beside(state), kind=ROLLOUT)
    try:
        with transaction(rollout):
            idents = [routes.named(rollout, key) for key in keys]
            now = millis(clock.now())
            back = flips.take_back(rollout, idents, Actor(operator), now, why or "kill", hard=hard)
            return Killed(tuple(back), 0, (), routes.version(rollout))
    finally:
        rollout.close()


def kill_all(
    state: Path, *, operator: str, clock: Clock, why: str | None = None, hard: bool = False
) -> Killed:
    """Take every connection back, disarm every flip, halt every wave. Raises StateError."""
    rollout = open_state(beside(state), kind=ROLLOUT)
    try:
        with transaction(rollout):
            now, actor, reason = millis(clock.now()), Actor(operator), why or "kill --all"
            idents = routes.at_workos(rollout)
            if hard:
                idents = sorted({*idents, *routes.killed_since(rollout, now - UNDER_WAY_MS)})
            back = flips.take_back(rollout, idents, actor, now, reason, hard=hard)
            disarmed = flips.cancel_armed(rollout, now, reason)
            halted = [wave.name for wave in waves.listed(rollout) if wave.state in AT_WORK - {"halted"}]
            for name in halted:
                waves.act(rollout, name, "halt", actor, now, reason)
            return Killed(tuple(back), disarmed, tuple(halted), routes.version(rollout))
    finally:
        rollout.close()
