"""Fixes of reviewers carried through at once: rules over their whole group, then lint of what was edited."""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cockpit.clock import Clock, millis
from cockpit.jobs import lint, lock
from cockpit.jobs.context import JobContext
from cockpit.rules.fixes import Rule
from cockpit.settings import Settings
from cockpit.state import fix
from cockpit.state.database import open_state, transaction
from cockpit.state.writer import Writer


class Applied(NamedTuple):
    """A rule that went through its group: its number, how many errors it looked at, how many it fixes."""

    rule: int
    looked: int
    fixed: int


def apply_rule(state: Path, rule: Rule, *, operator: str, batch_size: int, clock: Clock) -> Applied:
    """Put a rule in force and go through its group chunk by chunk, so that nobody waits long for a turn.

    It may be interrupted anywhere: the same call, or the next lint, goes on from there. Raises StateError.
    """
    with _open(state) as connection:
        with transaction(connection):
            number = fix.add_rule(connection, rule, operator=operator, now=millis(clock.now()))
        looked = fixed = 0
        while True:
            with transaction(connection):
                now = millis(clock.now())
                done = fix.apply(connection, number, rule, operator=operator, batch_size=batch_size, now=now)
            if done is None:
                return Applied(number, looked, fixed)
            looked, fixed = looked + done[0], fixed + done[1]


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


@contextmanager
def _open(state: Path) -> Iterator[sqlite3.Connection]:
    connection = open_state(state)
    try:
        yield connection
    finally:
        connection.close()
