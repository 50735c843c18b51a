"""Lint findings of organizations, roles, memberships and factors: one row a resource, rule and field."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cockpit.state import by_id
from cockpit.terms import Kind

if TYPE_CHECKING:
    from cockpit.rules.lint import Finding


class KindCount(NamedTuple):
    """How many records of a kind a rule has something to say about."""

    kind: Kind
    rule: str
    severity: str
    records: int


def replace(connection: sqlite3.Connection, resource: int, found: "Iterable[Finding]") -> None:
    """Set the findings of a resource that was just checked."""
    connection.execute("delete from resource_findings where resource = ?", (resource,))
    connection.executemany(
        "insert or replace into resource_findings(resource, rule, severity, field, detail) "
        "values(?, ?, ?, ?, ?)",
        [(resource, finding.rule, finding.severity, finding.field, finding.detail) for finding in found],
    )


def counts(connection: sqlite3.Connection) -> list[KindCount]:
    """Rules with findings by kind, errors first, then by number of resources."""
    rows = connection.execute(
        "select r.kind, f.rule, f.severity, count(distinct f.resource) from resource_findings f "
        "join resources r on r.id = f.resource group by 1, 2, 3 "
        "order by instr('error warning info', f.severity), 4 desc, 2, 1"
    ).fetchall()
    return [KindCount._make(row) for row in rows]


def details(connection: sqlite3.Connection, rule: str, wanted: Sequence[int]) -> dict[int, str]:
    """What a rule says of each of these resources; of several fields of one, all of it."""
    found: dict[int, str] = {}
    for part in by_id.parts(wanted):
        found |= connection.execute(
            "select resource, group_concat(detail, '; ') from resource_findings "
            f"where rule = ? and resource in ({by_id.marks(part)}) group by resource",
            (rule, *part),
        ).fetchall()
    return found
