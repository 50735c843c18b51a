"""The commands about webhooks: what a person attests, discards, sends again.

As with Commands: called in a worker thread, audited, each says in a sentence what it did, or is Refused.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from cockpit.state import webhook_steps
from cockpit.state.database import open_state, transaction
from cockpit.state.tank import TANK, beside, decisions
from cockpit.tui.commands import Commands, Refused
from cockpit.tui.webhooks.seen import Class
from cockpit.webhooks import sequence
from cockpit.webhooks.sequence import Step
from cockpit.words import counted


@dataclass(frozen=True, slots=True)
class Decisions:
    """Decisions of one operator about webhooks."""

    commands: Commands

    def attest(self, step: Step, reason: str) -> str:
        """Say what no API shows."""
        life = self.commands.given.proofs.life_ms.get(step)
        with self.commands.opened() as connection, transaction(connection):
            try:
                webhook_steps.record(
                    *(connection, step, "attested", self.commands.operator, self.commands.now, reason),
                    life_ms=life,
                    why=reason,
                )
            except sequence.Refused as error:
                raise Refused(str(error)) from None
        return f"{step} is attested; it needs its observation still: Enter"

    def discard(self, chosen: Mapping[Class, int], reason: str) -> str:
        """Held events of these classes are not sent."""
        by_source: dict[str, list[str]] = {}
        for source, type_ in chosen:
            by_source.setdefault(source, []).append(type_)
        gone = 0
        with self._tank() as (tank, state):
            for source, types in by_source.items():
                gone += decisions.discard(
                    *(tank, state, [source], types),
                    operator=self.commands.operator,
                    reason=reason,
                    now=self.commands.now,
                )
        return f"{counted(gone, 'event')} discarded: {reason}"

    def redrive(self, ids: Sequence[int] | None) -> str:
        """Dead letters, all or these, are held again."""
        with self._tank() as (tank, state):
            moved = decisions.redrive(
                tank, state, ids, operator=self.commands.operator, now=self.commands.now
            )
        return f"{counted(moved, 'dead letter')} held again; s drains"

    @contextmanager
    def _tank(self) -> Iterator[tuple[sqlite3.Connection, sqlite3.Connection]]:
        """The tank, and the state for the audit trail."""
        with self.commands.opened() as state:
            tank = open_state(beside(self.commands.state), kind=TANK)
            try:
                yield tank, state
            finally:
                tank.close()
