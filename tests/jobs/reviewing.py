"""Failures as a reviewer meets them: records of Auth0 in a state, linted, and what is decided about them."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from cockpit.clock import SystemClock
from cockpit.jobs import rule as rules
from cockpit.rules.fixes import Rule
from cockpit.state import check, decisions, errors, exports, fix, meta
from cockpit.state.database import open_state, transaction
from cockpit.state.decisions import Undone
from cockpit.state.error_filter import Filter
from cockpit.state.fix import Edit
from cockpit.terms import Page, RawItem
from tests.jobs.world import World

METADATA = '[mapping]\nmetadata = ["bio", "plan"]\n'


def record(number: int, **more: Any) -> dict[str, Any]:
    """A user as Auth0 has them; `bio` goes along."""
    return {
        "user_id": f"auth0|{number}",
        "email": f"user{number}@example.com",
        "email_verified": True,
        **more,
    }


def export(world: World, records: Sequence[dict[str, Any]]) -> None:
    """Export these records of Auth0, in place of what the state had of them."""
    connection = open_state(world.state, create=True)
    with transaction(connection):
        meta.bind_source(connection, "auth0:acme.example")
        number = exports.begin(connection, 1).id
        items = [RawItem(raw["user_id"], json.dumps(raw)) for raw in records]
        exports.commit_page(connection, number, Page("", "0", None, items), 100, 2)
        exports.complete(connection, number, "complete", 0, 3)
    connection.close()


@contextmanager
def writing(world: World) -> Iterator[sqlite3.Connection]:
    """One transaction; the sums hold after it."""
    connection = open_state(world.state)
    try:
        with transaction(connection):
            yield connection
        assert check.check(connection) == []
    finally:
        connection.close()


def still_open(world: World, **chosen: Any) -> list[int]:
    """Ids of open errors."""
    connection = world.read()
    try:
        return errors.ids(connection, Filter(**chosen))
    finally:
        connection.close()


def edit(world: World, error: int, operator: str = "ana", **values: Any) -> None:
    """Edit a record and lint it. `metadata__bio` stands for metadata.bio."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    with writing(world) as connection:
        fix.edit(connection, error, Edit(named), operator=operator, now=50)
    world.run_here("lint")


def by_rule(world: World, rule: Rule) -> int:
    """Put a rule in force for its group and lint what it marked; returns its number."""
    applied = rules.apply_rule(world.state, rule, operator="ana", batch_size=100, clock=SystemClock())
    world.run_here("lint")
    return applied.rule


def undo(world: World, decision: int | None = None) -> Undone:
    """Take a decision back, else the last one, and lint."""
    with writing(world) as connection:
        number = decision if decision is not None else decisions.listed(connection)[0].id
        undone = decisions.undo(connection, number, operator="bo", batch_size=100, now=60)
    world.run_here("lint")
    return undone


def requests(world: World) -> dict[str, dict[str, Any]]:
    """What is sent of each user, by the end of their id."""
    rows = world.ask("select external_id, request from users order by id")
    return {ident.removeprefix("auth0|"): json.loads(request) for ident, request in rows}


def raws(world: World) -> list[str]:
    """The raw records, byte for byte."""
    return world.ask("select body from raw order by id")
