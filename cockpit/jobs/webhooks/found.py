"""What a step found out, and how it is kept."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cockpit.jobs.context import JobContext
from cockpit.state import webhook_steps
from cockpit.webhooks.sequence import Evidence, Standing, Step, What


@dataclass(frozen=True, slots=True)
class Found:
    """What was observed: a proof, the beginning of an observation, the opposite, or only what is to be done.

    `todo`: lines for a person, after a proof too; `detail`: the facts, kept beside the words.
    """

    what: Literal["proven", "watching", "refuted"] | None
    says: str
    todo: tuple[str, ...] = ()
    detail: Mapping[str, Any] = field(default_factory=dict)


async def keep(context: JobContext, step: Step, what: What, says: str, detail: Mapping[str, Any]) -> Evidence:
    """Record evidence; returns it. Raises sequence.Refused."""
    life = context.settings.webhooks.life_ms(step)

    def record(connection: sqlite3.Connection) -> Evidence:
        return webhook_steps.record(
            connection, step, what, context.operator, context.now(), says, life_ms=life, detail=detail
        )

    return await context.writer.run(record)


async def standing(context: JobContext, step: Step) -> Standing:
    """How a step stands now."""
    return (await context.writer.run(webhook_steps.standing, context.now()))[step]


async def said(context: JobContext, step: Step) -> Evidence | None:
    """What a person said of it, where that counts still."""
    return await context.writer.run(webhook_steps.said, step, context.now())


async def watched(context: JobContext, step: Step) -> Evidence | None:
    """The observation that has begun, where it counts still."""
    at = await standing(context, step)
    return at.evidence if at.state == "watching" else None


def settling(context: JobContext, since: Evidence) -> float:
    """How much longer nothing may come, in ms."""
    return since.at + context.settings.webhooks.settle_min * 60_000 - context.now()
