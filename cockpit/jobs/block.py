"""Blocking: what breaks a rule of the target becomes `failed` before anything is sent."""

import sqlite3

from cockpit.rules.lint import RULES, Finding
from cockpit.state import errors, journal
from cockpit.state.errors import Failure

PREFIX = "lint:"
"""Fingerprints of failures that lint found begin so."""
UNMAPPABLE = "unmappable"


def block(
    connection: sqlite3.Connection,
    kind: str,
    operation: int,
    subject: int,
    finding: Finding,
    batch_size: int,
    now: int,
) -> None:
    """Make what is not at the target `failed` for this finding; what is there is left as it is."""
    moved = journal.move(connection, kind, [(operation, subject, "ready")], "failed", batch_size, now)
    state = connection.execute("select state from operations where id = ?", (operation,)).fetchone()[0]
    if moved or state == "failed":
        rule = RULES[finding.rule]
        failure = Failure(
            klass=rule.klass,
            fingerprint=PREFIX + finding.rule,
            title=rule.title,
            message=finding.detail,
            code=finding.rule,
        )
        errors.record(connection, operation, kind, subject, failure, now)
