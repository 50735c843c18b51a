"""Match: connections paired with what exists at WorkOS, from its list or its results file."""

import sqlite3
from collections import defaultdict
from pathlib import Path
from typing import Any

from cockpit.connections.handoff import results
from cockpit.jobs.connections.customers import Desk, desk
from cockpit.jobs.context import JobContext, Result
from cockpit.state import connections

Theirs = dict[str, Any]


async def run(context: JobContext) -> Result:
    """`args`: "results" (a file of WorkOS instead of its list).

    Raises SettingsError, BindingError, KeyRefused, NotResults, Unreachable, Stopped.
    """
    if (file := context.args.get("results")) is not None:
        told = results.read(Path(file).read_text(encoding="utf-8-sig"))
        paired, unknown = await context.writer.run(_from_results, told, context.now())
    else:
        paired, unknown = await context.writer.run(_from_list, await _listed(context), context.now())
    counted = await context.writer.run(connections.handoffs)
    text = f"{paired} connections paired, {unknown} at WorkOS that are none of these"
    numbers = {"paired": paired, "unknown": unknown, **{str(state): n for state, n in counted.items()}}
    return Result(0, text, None, numbers)


async def _listed(context: JobContext) -> list[Theirs]:
    found: list[Theirs] = []
    async with desk(context) as opened:
        page: Theirs = await _page(opened, None)
        while True:
            found += page.get("data", [])
            context.progress.done = len(found)
            after = (page.get("list_metadata") or {}).get("after")
            if after is None:
                return found
            await context.steering.gate()
            page = await _page(opened, after)


async def _page(opened: Desk, after: str | None) -> Theirs:
    return (await opened.ask(lambda: opened.target.list_connections(after))).data or {}


def _from_list(connection: sqlite3.Connection, listed: list[Theirs], now: int) -> tuple[int, int]:
    """By external id; else the only connection of its organization is the one that a customer set up anew."""
    homes = connections.homes(connection)
    by_external = {each["external_id"]: each for each in listed if each.get("external_id")}
    by_id = {each["id"]: each for each in listed}
    by_organization: dict[str, list[Theirs]] = defaultdict(list)
    for each in listed:
        by_organization[str(each.get("organization_id"))].append(each)
    used: set[str] = set()
    for item in connections.whole(connection, connections.ids(connection)):
        target = homes[item.organization].target_id if item.organization in homes else None
        alone = by_organization.get(target or item.connection.organization_target or "", [])
        theirs = by_external.get(item.connection.source_id) or by_id.get(item.target_id or "")
        if theirs is None and len(alone) == 1 and not alone[0].get("external_id"):
            theirs = alone[0]
        if theirs is None:
            continue
        used.add(theirs["id"])
        connections.pair(
            connection, item.id, theirs["id"], theirs.get("state"), theirs.get("callback_endpoint")
        )
        if item.handoff != "imported":
            connections.hand_over(connection, item.id, "imported", now)
    return len(used), len(listed) - len(used)


def _from_results(connection: sqlite3.Connection, told: list[results.Outcome], now: int) -> tuple[int, int]:
    paired = unknown = 0
    for outcome in told:
        ident = connections.find(connection, outcome.source_id)
        if ident is None:
            unknown += 1
            continue
        if outcome.target_id is not None:
            connections.pair(connection, ident, outcome.target_id, outcome.state, outcome.callback_endpoint)
            paired += 1
        if outcome.problem is None:
            connections.hand_over(connection, ident, "imported", now)
        else:
            connections.hand_over(connection, ident, "flagged", now, outcome.problem[:500])
    return paired, unknown
