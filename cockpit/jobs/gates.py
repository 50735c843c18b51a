"""Gates: what must be decided or proven before the target is written to."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from cockpit.jobs import canary
from cockpit.jobs.context import JobContext
from cockpit.settings import WebhookSettings
from cockpit.state import audit, exports, password_plan, users, webhook_steps
from cockpit.state.journal import USER
from cockpit.webhooks import gates as webhooks
from cockpit.webhooks.sequence import Refused
from cockpit.words import counted


class GateClosed(Exception):
    """Something must be decided first; the message says what, with counts, and how."""


def on_loopback(base_url: str) -> bool:
    """Whether a target is on this machine, where gates of import are warnings."""
    host = urlsplit(base_url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Gate:
    """What must hold before a kind of work. `closed` tells why it does not and what to do, else None."""

    name: str
    closed: Callable[[JobContext], Awaitable[str | None]]


async def passed(context: JobContext, *gates: Gate) -> None:
    """Go through gates in order. Raises GateClosed at the first that is closed.

    With the target on this machine a closed gate is a warning. The job's argument "override" (why) passes
    over every gate; each passing is audited.
    """
    override = context.args.get("override")
    for gate in gates:
        why = await gate.closed(context)
        if why is None:
            continue
        if on_loopback(context.settings.target.base_url):
            await context.notice(f"{why}; only a warning, the target is on loopback", "warn")
        elif override:
            await context.writer.run(
                audit.record,
                context.operator,
                "gate.override",
                gate.name,
                context.now(),
                before=why,
                why=override,
            )
            await context.notice(f"passed over the gate {gate.name}: {override}", "warn")
        else:
            raise GateClosed(f'{why}; or pass over it: --override "why"')


async def _webhooks_off(context: JobContext) -> str | None:
    if context.args.get("users"):
        return None  # one canary floods nobody
    return webhooks.webhooks_off(await context.writer.run(webhook_steps.standing, context.now()))


async def _source_quiet(context: JobContext) -> str | None:
    if context.args.get("users"):
        return None
    found = await context.writer.run(webhook_steps.standing, context.now())
    why = webhooks.source_quiet(found)
    if why is None or not context.args.get("live_source"):
        return why
    if found["quiet"].state != "waived":
        await context.writer.run(_waive, context.operator, context.now(), context.settings.webhooks)
    return None


def _waive(connection: sqlite3.Connection, operator: str, now: int, settings: WebhookSettings) -> None:
    """Keep that the source goes on changing; where its turn has not come yet, in the audit trail only."""
    says, life = "it goes on changing: --live-source", settings.life_ms("quiet")
    try:
        webhook_steps.record(connection, "quiet", "waived", operator, now, says, life_ms=life)
    except Refused as error:
        audit.record(connection, operator, "webhooks.waived", "quiet", now, before=str(error), why=says)


async def _source_settled(context: JobContext) -> str | None:
    """Of the users: whether the export found everybody whom the provider counts, and the count rests."""
    export = await context.writer.run(exports.latest)
    if export is None or export.outcome == "complete":
        return None
    if context.args.get("live_source"):
        await context.writer.run(
            audit.record,
            context.operator,
            "source.live",
            f"export {export.id}",
            context.now(),
            before=export.standing,
            why="--live-source",
        )
        return None
    return (
        f"the export is {export.standing}: export again until it is complete, or say that users go on "
        f"signing up there: --live-source"
    )


async def _passwords_decided(context: JobContext) -> str | None:
    """A group that nobody decided closes it; lint has held back the users of one that is to wait."""
    groups = await context.writer.run(password_plan.groups, context.settings.passwords.without_hash)
    undecided = {group.reason for group in groups if group.choice == "ask"}
    waiting = [
        (reason, n) for reason, n in await context.writer.run(users.without_hash) if reason in undecided
    ]
    if not waiting:
        return None
    total = sum(n for _, n in waiting)
    reasons = "; ".join(f"{n}: {reason}" for reason, n in waiting)
    return (
        f"{counted(total, 'user')} had a password whose hash could not be had ({reasons}): load their "
        f"hashes with cockpit passwords load FILE, or decide group by group with cockpit passwords plan, or "
        f'for all with [passwords] without_hash = "silent", "email" or "hold" in cockpit.toml'
    )


async def _canary_sang(context: JobContext) -> str | None:
    if context.args.get("users"):
        return None  # this is the canary
    kind = await context.writer.run(canary.unproven, context.settings)
    if kind is None:
        return None
    return (
        f"no user has yet shown that a password of type {kind} outlives the move: "
        "cockpit users canary --user ID"
    )


WEBHOOKS_OFF = Gate("webhooks", _webhooks_off)
"""Neither the old provider nor WorkOS tells an application of what is imported."""

SOURCE_QUIET = Gate("quiet", _source_quiet)
"""The source rests, or somebody said that it does not."""

SOURCE_SETTLED = Gate("source", _source_settled)
"""The export found everybody whom the provider counts, and the count rests."""

PASSWORDS_DECIDED = Gate("passwords", _passwords_decided)
"""Users who had a password whose hash could not be had go along only by a decision."""

CANARY_SANG = Gate("canary", _canary_sang)
"""Hashes in a form that is not settled in public go along once one user has signed in with theirs."""


def of_import(kinds: Sequence[str]) -> list[Gate]:
    """The gates before an import of these kinds."""
    of_users = [SOURCE_SETTLED, PASSWORDS_DECIDED, CANARY_SANG] if USER in kinds else []
    return [WEBHOOKS_OFF, SOURCE_QUIET, *of_users]
