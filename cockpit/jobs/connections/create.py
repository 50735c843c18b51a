"""Create: connections made at WorkOS through its API, or written as its CSV where there is no such API."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cockpit.connections.handoff import request
from cockpit.connections.handoff.headers import Template
from cockpit.connections.plan import Obstacle, obstacle
from cockpit.jobs import gates, lock
from cockpit.jobs.connections import outgoing
from cockpit.jobs.connections.customers import Desk, Refused, desk, words
from cockpit.jobs.context import JobContext, Result
from cockpit.jobs.gates import Gate
from cockpit.state import connection_decisions, connections, handoff
from cockpit.state.connections import Whole
from cockpit.state.rollout import moved
from cockpit.workos.replies import Reply

_FETCH_FAILED = "idp_metadata_fetch_failed"


async def run(context: JobContext) -> Result:
    """Everything that moves transparently and is not there yet; one after another.

    `args`: "connections" (only these numbers), "override", "folder" and "template" (of the CSV that is
    written where the environment has no connections API). POST is idempotent on the external id, so whoever
    was killed sends again. Exit 3 when one was refused, or all went into the CSV.
    Raises SettingsError, BindingError, GateClosed, KeyRefused, LockHeld, Unreachable, Stopped.
    """
    with lock.held(context.state, "target-writes"):
        async with desk(context) as opened:
            await gates.passed(context, PLANNED)
            return await _Creation(context, opened).run()


_HINTS: Mapping[Obstacle, str] = {
    "unchecked": "cockpit connections check",
    "undecided": "choose with cockpit connections plan --choose",
    "portal": "cockpit connections invite, or cockpit connections plan --choose transparent",
}


async def _planned(context: JobContext) -> str | None:
    unchecked = await context.writer.run(connections.unchecked)
    made = await context.writer.run(connection_decisions.planned, context.settings.connections.proxy_from)
    found = obstacle(made, unchecked)
    return f"{found[1]}: {_HINTS[found[0]]}" if found is not None else None


PLANNED = Gate("connections", _planned)
"""Connections are created for a transparent move only where that is the plan."""


class _Creation:
    def __init__(self, context: JobContext, desk: Desk) -> None:
        self._context, self._desk = context, desk

    async def run(self) -> Result:
        context = self._context
        homes = await context.writer.run(connections.homes)
        waiting = await self._waiting()
        context.progress.total = len(waiting)
        for item in waiting:
            await context.steering.gate()
            try:
                organization = await self._desk.organization(
                    handoff.home(item, homes), item.connection.domains
                )
                reply = await self._create(item, organization)
            except Refused as error:
                await self._flag(item, str(error))
                continue
            if _switched_off(reply):
                return await self._by_file()
            if reply.verdict != "ok" or reply.data is None:
                await self._flag(item, words(reply))
            else:
                await self._keep(item, reply.data)
        return await self._finished()

    async def _waiting(self) -> list[Whole]:
        wanted = self._context.args.get("connections")
        found = await self._context.writer.run(connections.ids, verdict="transparent")
        chosen: Sequence[int] = [ident for ident in found if wanted is None or ident in wanted]
        whole = await self._context.writer.run(connections.whole, chosen)
        return [item for item in whole if item.handoff != "imported"]

    async def _create(self, item: Whole, organization: str) -> Reply:
        """POST, and again with single facts where WorkOS can't read the IdP's metadata."""
        reply = await self._post(request.body(item.connection, organization, self._context.now()))
        saml = item.connection.saml
        if reply.code == _FETCH_FAILED and saml is not None and saml.idp_sso_url and saml.certificates:
            by_hand = request.body(item.connection, organization, self._context.now(), by_hand=True)
            reply = await self._post(by_hand)
        return reply

    async def _post(self, body: dict[str, Any]) -> Reply:
        text = json.dumps(body)
        return await self._desk.ask(lambda: self._desk.target.create_connection(text))

    async def _keep(self, item: Whole, made: dict[str, Any]) -> None:
        def keep(connection: sqlite3.Connection) -> None:
            endpoint = made.get("callback_endpoint")
            connections.pair(connection, item.id, str(made["id"]), made.get("state"), endpoint)
            connections.hand_over(connection, item.id, "imported", self._context.now())

        await self._context.writer.run(keep)
        self._context.progress.done += 1

    async def _flag(self, item: Whole, why: str) -> None:
        await self._context.writer.run(
            connections.hand_over, item.id, "flagged", self._context.now(), why[:500]
        )
        self._context.progress.failed += 1

    async def _by_file(self) -> Result:
        """The environment has no connections API: the whole run goes into the CSV."""
        folder = Path(self._context.args.get("folder") or "handoff")
        template: Template = self._context.args.get("template") or "R3"
        saml, oidc = folder / "saml_connections.csv", folder / "oidc_connections.csv"
        columns = moved.read(self._context.state)
        await self._context.writer.run(outgoing.write, saml, oidc, template, self._context.now(), columns)
        text = "this environment has no connections API; the connections are described in CSV files instead"
        hint = f"send {folder} to WorkOS, then: cockpit connections mark ID sent"
        counted = await self._context.writer.run(connections.handoffs)
        return Result(3, text, hint, {"folder": str(folder), **_named(counted)})

    async def _finished(self) -> Result:
        counted = await self._context.writer.run(connections.handoffs)
        text = f"{counted['imported']} connections are at WorkOS, {counted['flagged']} were refused"
        if counted["flagged"]:
            return Result(3, text, "see: cockpit connections list --handoff flagged", _named(counted))
        return Result(0, text, None, _named(counted))


def _switched_off(reply: Reply) -> bool:
    """The 404 of an environment without the API: no organization or connection is what it misses."""
    return reply.status == 404 and ("capabilit" in reply.message.lower() or reply.code is None)


def _named(counted: Mapping[connections.Handoff, int]) -> dict[str, Any]:
    return {str(state): n for state, n in counted.items()}
