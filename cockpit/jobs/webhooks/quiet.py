"""A quiet source: two looks at it, some time apart, that show the same."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from cockpit.jobs import memo
from cockpit.jobs.context import JobContext
from cockpit.jobs.memo import Detached
from cockpit.jobs.reading import opened
from cockpit.jobs.webhooks import remote
from cockpit.jobs.webhooks.found import Found, said, watched
from cockpit.jobs.webhooks.legacy import AGAIN
from cockpit.sources import base
from cockpit.sources.base import Look
from cockpit.words import span

LIVE = "cockpit users import --live-source says that it goes on changing"


async def looked(context: JobContext) -> Found:
    """Look once, and compare with the look before."""
    provider = await remote.provider(context)
    if provider is None:
        return Found(None, "no source yet", ("cockpit users export --source NAME",))
    if provider.path_setting is not None:
        return await _files(context)
    known = Detached(await context.writer.run(memo.facts))
    async with opened(context, provider.open, known) as source:
        look = await base.look(source)
    if look == Look():
        return Found(
            None, f"{provider.title} tells neither how many users it has nor the last change", (LIVE,)
        )
    before = await watched(context, "quiet")
    if before is None or (old := _look(before.detail)) != look:
        changed = "" if before is None else f"it changed: {words(old)} before, "
        wait = span(context.settings.webhooks.quiet_min * 60_000)
        says = f"{changed}{words(look)}{' now' if changed else ''}; look again in {wait}"
        return Found("watching", says, (AGAIN, LIVE), asdict(look))
    apart = context.now() - before.at
    if (left_ms := context.settings.webhooks.quiet_min * 60_000 - apart) > 0:
        return Found(None, f"{words(look)}, as {span(apart)} ago; look again in {span(left_ms)}", (AGAIN,))
    last_write = before.at if look.changed_at is None else look.changed_at
    detail = {**asdict(look), "first_look": before.at, "last_write": last_write}
    return Found("proven", f"{words(look)}, the same in two looks {span(apart)} apart", detail=detail)


async def _files(context: JobContext) -> Found:
    """Files rest; whether what they were made from does is for a person to say."""
    told = await said(context, "quiet")
    if told is None:
        say = 'say so: cockpit webhooks attest quiet --reason "what was frozen, and when"'
        return Found(None, "files do not change, but what they were made from may", (say, LIVE))
    detail = {"users": None, "changed_at": None, "last_write": told.at}
    return Found("proven", f"files do not change; {told.by}: {told.says}", detail=detail)


def words(look: Look) -> str:
    """What a look shows."""
    parts = [] if look.users is None else [f"{look.users:,} users"]
    if look.changed_at is None:
        parts.append("the provider tells no time of the last change")
    else:
        at = datetime.fromtimestamp(look.changed_at / 1000, UTC)
        parts.append(f"the last change at {at:%Y-%m-%d %H:%M:%S} UTC")
    return ", ".join(parts)


def _look(detail: Mapping[str, Any]) -> Look:
    return Look(detail["users"], detail["changed_at"])
