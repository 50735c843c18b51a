"""Asking WorkOS how connections stand there: state, callback endpoint, and which domains are verified."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from cockpit.clock import Clock, millis
from cockpit.connections.checks import domains
from cockpit.rollout.gates import Target
from cockpit.settings import Settings
from cockpit.state.database import open_state, transaction
from cockpit.state.rollout import ROLLOUT, beside, routes, targets
from cockpit.state.rollout.routes import Described
from cockpit.transport import Lost, Unsent
from cockpit.workos import client, limiter
from cockpit.workos.client import WorkOS
from cockpit.workos.replies import Reply

Call = Callable[[Callable[[], Awaitable[Reply]]], Awaitable[Reply]]
"""How a question is put: once, or until there is an answer."""


class Silent(Exception):
    """WorkOS gave no usable answer; one line."""


async def once(question: Callable[[], Awaitable[Reply]]) -> Reply:
    """Ask once. Raises Silent, KeyRefused."""
    try:
        reply = await question()
    except (Lost, Unsent) as error:
        raise Silent(f"WorkOS does not answer: {error}") from None
    if reply.verdict not in ("ok", "absent"):
        raise Silent(f"WorkOS does not tell: HTTP {reply.status}, {reply.message}")
    return reply


async def ask(target: WorkOS, line: Described, now: int, call: Call = once) -> Target:
    """How one connection stands. Raises what `call` does."""
    ident = line.route.target_id
    if ident is None:
        return Target(None, None, (), now)
    reply = await call(lambda: target.connection(ident))
    if reply.verdict != "ok" or reply.data is None:
        return Target(None, None, (), now)
    told = reply.data
    wanted = [name for name in line.domains.split(";") if name and not domains.shared(name)]
    verified: set[str] = set()
    if wanted and (organization := told.get("organization_id")):
        reply = await call(lambda: target.organization(str(organization)))
        found = (reply.data or {}).get("domains") or []
        verified = {str(each.get("domain")) for each in found if each.get("state") == "verified"}
    missing = tuple(name for name in wanted if name not in verified)
    return Target(told.get("state"), told.get("callback_endpoint"), missing, now)


def keep(state: Path, settings: Settings, idents: Sequence[str], clock: Clock) -> None:
    """Ask about these connections and keep the answers.

    Raises Silent, SettingsError without a key, KeyRefused, StateError, KeyError for an unknown one.
    """
    rollout = open_state(beside(state), create=True, kind=ROLLOUT)
    try:
        lines = [routes.one(rollout, ident).described for ident in idents]
        for line, answer in asyncio.run(_all(settings, lines, clock)):
            with transaction(rollout):
                targets.put(rollout, line.route.connection, answer)
    finally:
        rollout.close()


async def _all(
    settings: Settings, lines: Sequence[Described], clock: Clock
) -> list[tuple[Described, Target]]:
    target = client.connect(settings.target, limiter.published(clock, settings.target), clock)
    try:
        return [(line, await ask(target, line, millis(clock.now()))) for line in lines]
    finally:
        await target.close()
