"""Lint findings of organizations, roles, memberships and factors: one row a resource, rule and field."""

import sqlite3
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cockpit.rules.lint import Finding


def replace(connection: sqlite3.Connection, resource: int, found: "Iterable[Finding]") -> None:
    """Set the findings of a resource that was just checked."""
    connection.execute("delete from resource_findings where resource = ?", (resource,))
    connection.executemany(
        "insert or replace into resource_findings(resource, rule, severity, field, detail) "
        "values(?, ?, ?, ?, ?)",
        [(resource, finding.rule, finding.severity, finding.field, finding.detail) for finding in found],
    )
