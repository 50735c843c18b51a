"""What a rule would do to a group, before it does."""

import sqlite3
from collections import Counter
from dataclasses import dataclass
from typing import Any, NamedTuple

from cockpit.rules import check, fields
from cockpit.rules.fixes import Rule
from cockpit.state import by_id, fixrules


class Example(NamedTuple):
    """One record that a rule would change: field -> (before, after)."""

    error: int
    changed: dict[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would come to: of `total` open errors it changes `changed`, of whom `well` break no rule
    of lint any more and `left` tells what the others break. `closed` can't be mapped again."""

    total: int
    changed: int
    well: int
    left: dict[str, int]
    closed: int
    examples: list[Example]


def preview(connection: sqlite3.Connection, rule: Rule, examples: int = 5) -> Preview:
    """What a rule would do to every open error of its cause; changes nothing."""
    rows = connection.execute(
        "select id from errors where fingerprint = ? and resolution = 'open' order by id", (rule.cause,)
    )
    errors = [row[0] for row in rows.fetchall()]
    if rule.action == "skip":
        shown = [Example(error, {}) for error in errors[:examples]]
        return Preview(len(errors), len(errors), 0, {}, 0, shown)
    changed = well = closed = 0
    left: Counter[str] = Counter()
    found: list[Example] = []
    for part in by_id.parts(errors):
        for error, subject in fixrules.subjects(connection, part):
            closed += subject.closed is not None
            now = fixrules.fixed(rule, subject) if subject.closed is None else None
            if now is None:
                continue
            changed += 1
            broken = {finding.rule for finding in check.errors(subject.kind, now)}
            well += not broken
            left.update(broken)
            if len(found) < examples:
                found.append(Example(error, fields.differences(subject.fields, now)))
    return Preview(len(errors), changed, well, dict(left), closed, found)
