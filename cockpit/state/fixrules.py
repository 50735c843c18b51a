"""Rules that fix every record of a cause: those in force, and the chunks by which they are applied.

A rule marks the records that it changes; the mark is what mapping goes by. Rules stand: who fails for the
same cause later is marked by the next lint. `seen` is the last error that a rule looked at, so that
applying it goes on wherever it was interrupted.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cockpit.rules import fields, fixes
from cockpit.rules.fixes import Rule
from cockpit.state import by_id, overlays
from cockpit.state.overlays import Subject

CHUNK = 500
"""Errors looked at in one transaction."""
SETTINGS = "cockpit.toml"
"""The operator of rules that settings name."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A rule in force. `marked`: how many records it changes."""

    id: int
    rule: Rule
    operator: str
    at: int
    marked: int


_RULE = "r.id, r.cause, r.action, r.field, r.value, r.match, r.operator, r.at"


def standing(connection: sqlite3.Connection) -> list[Standing]:
    """The rules in force, in the order they are applied."""
    rows = connection.execute(
        f"select {_RULE}, (select count(*) from fixes f where f.rule = r.id) from rules r "
        "where r.removed_at is null order by r.id"
    ).fetchall()
    return [Standing(id_, Rule(*rule), operator, at, n) for id_, *rule, operator, at, n in rows]


def marked(connection: sqlite3.Connection) -> int:
    """How many records rules change, each counted for each of its rules."""
    return int(connection.execute("select count(*) from fixes").fetchone()[0])


def find(connection: sqlite3.Connection, number: int) -> Standing | None:
    """A rule in force by its number."""
    return next((rule for rule in standing(connection) if rule.id == number), None)


def add(connection: sqlite3.Connection, rule: Rule, operator: str, now: int) -> tuple[int, bool]:
    """Put a rule in force; returns its number, and whether it is new."""
    row = connection.execute(
        "select id from rules where cause = ? and action = ? and field = ? and value = ? and match = ? "
        "and removed_at is null",
        rule,
    ).fetchone()
    if row is not None:
        return int(row[0]), False
    cursor = connection.execute(
        "insert into rules(cause, action, field, value, match, operator, at) values(?, ?, ?, ?, ?, ?, ?)",
        (*rule, operator, now),
    )
    return cursor.lastrowid or 0, True


def remove(connection: sqlite3.Connection, number: int, now: int) -> None:
    """A rule is in force no more; records that were not sent are mapped without it, others stay as sent."""
    connection.execute("update rules set removed_at = ? where id = ? and removed_at is null", (now, number))
    rows = connection.execute(
        "delete from fixes where rule = ? and exists (select 1 from operations o where o.kind = fixes.kind "
        "and o.subject = fixes.subject and o.state in ('ready', 'failed', 'skipped')) "
        "returning kind, subject",
        (number,),
    ).fetchall()
    for kind, subject in rows:
        overlays.map_again(connection, kind, [subject])


def take_over(connection: sqlite3.Connection, rules: Sequence[Rule], now: int) -> None:
    """The rules of cockpit.toml are in force, and those that it names no more are not."""
    named = {add(connection, rule, SETTINGS, now)[0] for rule in rules}
    rows = connection.execute(
        "select id from rules where operator = ? and removed_at is null", (SETTINGS,)
    ).fetchall()
    for (number,) in rows:
        if number not in named:
            remove(connection, number, now)


def start_over(connection: sqlite3.Connection) -> None:
    """For an empty journal: every rule looks at every error again."""
    connection.execute("update rules set seen = 0")


def pending(connection: sqlite3.Connection, number: int, cause: str) -> list[int]:
    """The next open errors of a rule's cause that it has not looked at, a chunk of them."""
    rows = connection.execute(
        "select id from errors where fingerprint = ? and resolution = 'open' and id > "
        "(select seen from rules where id = ?) order by id limit ?",
        (cause, number, CHUNK),
    ).fetchall()
    return [row[0] for row in rows]


def looked_at(connection: sqlite3.Connection, number: int, error: int) -> None:
    """Remember the last error that a rule looked at."""
    connection.execute("update rules set seen = max(seen, ?) where id = ?", (error, number))


def mark(connection: sqlite3.Connection, number: int, rule: Rule, errors: Sequence[int]) -> list[int]:
    """Mark the records of these errors that the rule changes, and have them mapped again.

    Returns the errors of those that were not marked before.
    """
    new: list[int] = []
    for error, subject in subjects(connection, errors):
        if subject.closed is None and fixed(rule, subject) is not None:
            inserted = connection.execute(
                "insert or ignore into fixes(kind, subject, rule) values(?, ?, ?)",
                (subject.kind, subject.id, number),
            )
            if inserted.rowcount:
                overlays.map_again(connection, subject.kind, [subject.id])
                new.append(error)
    return new


def fixed(rule: Rule, subject: Subject) -> dict[str, Any] | None:
    """The fields with a rule applied, under what was set on this record by itself; None: as they were."""
    now = fixes.apply(rule, subject.kind, subject.fields, subject.source)
    if now == subject.fields:
        return None
    now = fields.overlaid(now, subject.values)
    return None if now == subject.fields else now


def subjects(connection: sqlite3.Connection, errors: Sequence[int]) -> list[tuple[int, Subject]]:
    """(error, record) of these errors, as far as they are about a record that can be edited."""
    return overlays.subjects(connection, f"e.id in ({by_id.marks(errors)}) order by e.id", errors)
