"""What people decide about SSO connections: verdicts, organizations, the strategy, how far a hand-over is.

All audited.
"""

import sqlite3

from cockpit.connections.plan import STRATEGIES, Plan, Strategy, plan
from cockpit.connections.rules import Verdict
from cockpit.state import audit, connections, meta
from cockpit.state.connections import Handoff

_STRATEGY = "connections.strategy"
"""The fact under which the lead's choice is kept."""


def planned(connection: sqlite3.Connection, proxy_from: int) -> Plan:
    """The plan for the connections there are, with the lead's choice where one was made."""
    told = meta.get(connection, _STRATEGY)
    chosen = next((strategy for strategy in STRATEGIES if strategy == told), None)
    return plan(connections.verdicts(connection), proxy_from, chosen)


def choose(
    connection: sqlite3.Connection, strategy: Strategy, proxy_from: int, why: str, operator: str, now: int
) -> None:
    """The lead's choice of the strategy."""
    before = planned(connection, proxy_from)
    meta.put(connection, _STRATEGY, strategy)
    audit.record(
        connection,
        operator,
        "connections.plan",
        f"{before.capable} of {before.total} capable",
        now,
        before=before.strategy,
        after=strategy,
        why=why,
    )


def override(
    connection: sqlite3.Connection,
    ident: int,
    verdict: Verdict | None,
    organization: str | None,
    why: str,
    operator: str,
    now: int,
) -> None:
    """A person's verdict, or choice of the organization, against the check's. None leaves it."""
    before = connection.execute(
        "select source_id, coalesce(override, verdict), override_organization from connections where id = ?",
        (ident,),
    ).fetchone()
    connection.execute(
        "update connections set override = coalesce(?, override), override_why = ?, "
        "override_organization = coalesce(?, override_organization) where id = ?",
        (verdict, why, organization, ident),
    )
    audit.record(
        connection,
        operator,
        "connections.override",
        before[0],
        now,
        before=before[1] if verdict else before[2],
        after=" ".join(filter(None, (verdict, organization and f"for {organization}"))),
        why=why,
    )


def withdraw(connection: sqlite3.Connection, ident: int, why: str, operator: str, now: int) -> None:
    """Take an override back."""
    source_id, before = connection.execute(
        "select source_id, override from connections where id = ?", (ident,)
    ).fetchone()
    connection.execute(
        "update connections set override = null, override_why = null, override_organization = null "
        "where id = ?",
        (ident,),
    )
    audit.record(
        connection, operator, "connections.override", source_id, now, before=before, after=None, why=why
    )


def mark(
    connection: sqlite3.Connection,
    ident: int,
    reached: Handoff,
    why: str | None,
    operator: str,
    now: int,
    *,
    target: tuple[str, str | None] | None = None,
) -> None:
    """How far its hand-over is, noted by hand. `target`: its id and callback endpoint at WorkOS."""
    before = connections.rows(connection, [ident])[0]
    connections.hand_over(connection, ident, reached, now, why)
    if target is not None:
        connections.pair(connection, ident, target[0], None, target[1])
    audit.record(
        connection,
        operator,
        "connections.mark",
        before.source_id,
        now,
        before=before.handoff,
        after=reached,
        why=why,
    )
