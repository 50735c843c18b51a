"""A fix rule put in force and carried through its group, chunk by chunk; it needs no source and no target."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from cockpit.clock import Clock, millis
from cockpit.rules.fixes import Rule
from cockpit.state import fix
from cockpit.state.database import open_state, transaction


class Applied(NamedTuple):
    """A rule that went through its group: its number, how many errors it looked at, how many it fixes."""

    rule: int
    looked: int
    fixed: int


def apply_rule(
    state: Path,
    rule: Rule,
    *,
    operator: str,
    batch_size: int,
    clock: Clock,
    told: Callable[[Applied], bool] = lambda done: True,
) -> Applied:
    """Put a rule in force and go through its group chunk by chunk, so that nobody waits long for a turn.

    `told` hears how far it is after each chunk; False ends it there. It may be interrupted anywhere: the same
    call, or the next lint, goes on from there. Raises StateError.
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
            if not told(Applied(number, looked, fixed)):
                return Applied(number, looked, fixed)


@contextmanager
def _open(state: Path) -> Iterator[sqlite3.Connection]:
    connection = open_state(state)
    try:
        yield connection
    finally:
        connection.close()
