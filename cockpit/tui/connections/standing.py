"""How the connections stand as a whole: the plan, and how far their hand-over is."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cockpit.connections.plan import Plan, plan
from cockpit.connections.rules import VERDICTS, Verdict
from cockpit.state import connection_decisions, connections
from cockpit.state.connections import Handoff


@dataclass(frozen=True, slots=True)
class Standing:
    """`verdicts`: in force, of those that were checked. `users`: how many each connection has, by its source
    id."""

    plan: Plan
    verdicts: Mapping[Verdict, int]
    unchecked: int
    handoffs: Mapping[Handoff, int]
    users: Mapping[str, int]

    @property
    def total(self) -> int:
        """All connections."""
        return self.plan.total + self.unchecked

    def after(self, before: Sequence[Verdict | None], verdict: Verdict) -> Plan:
        """The plan once connections that had these verdicts have this one."""
        counts = {one: n - sum(each == one for each in before) for one, n in self.verdicts.items()}
        counts[verdict] += len(before)
        return plan(counts, self.plan.proxy_from, self.plan.chosen)


def read(connection: sqlite3.Connection, proxy_from: int) -> Standing:
    """As the state has it. Counting users takes one scan of them."""
    return Standing(
        connection_decisions.planned(connection, proxy_from),
        connections.verdicts(connection),
        connections.unchecked(connection),
        connections.handoffs(connection),
        connections.users_of(connection) if connections.total(connection) else {},
    )


NOTHING = Standing(plan({}), dict.fromkeys(VERDICTS, 0), 0, {}, {})
"""No connections."""
