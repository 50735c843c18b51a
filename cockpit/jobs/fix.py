"""Lint of what reviewers edited, at once."""

import asyncio
from pathlib import Path

from cockpit.clock import Clock
from cockpit.jobs import lint, lock
from cockpit.jobs.context import JobContext
from cockpit.settings import Settings
from cockpit.state.writer import Writer


def lint_now(state: Path, settings: Settings, *, operator: str, clock: Clock) -> bool:
    """Map and lint what was edited; False when a lint is at work, which comes to it by itself.

    Raises StateError, SettingsError.
    """
    try:
        with lock.held(state, "lint"):
            asyncio.run(_lint(state, settings, operator, clock))
    except lock.LockHeld:
        return False
    return True


async def _lint(state: Path, settings: Settings, operator: str, clock: Clock) -> None:
    writer = Writer(state)
    await writer.open()
    try:
        await lint.lint_new(JobContext(0, {}, operator, state, settings, clock, writer))
    finally:
        await writer.close()
