"""How connections are named on a command line, and told of."""

import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from cockpit.cli.exits import Failed
from cockpit.cli.follow import CLOCK
from cockpit.clock import millis
from cockpit.connections.rules import RULES
from cockpit.rules.lint import Finding
from cockpit.state import connections
from cockpit.state.connections import ConnectionRow

DAY_MS = 86_400_000
FILE = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)


def finding_facts(found: Finding) -> dict[str, str]:
    """A finding with what its rule says and what to do."""
    rule = RULES[found.rule]
    return {**found._asdict(), "what": rule.title, "todo": rule.todo}


def row_facts(row: ConnectionRow) -> dict[str, Any]:
    """A line of the list, with the days that its certificate is good for."""
    return asdict(row) | {"certificate_days": days_left(row.certificate_until)}


def days_left(until: int | None) -> int | None:
    """Whole days until a time (ms); negative when it has passed."""
    return None if until is None else (until - millis(CLOCK.now())) // DAY_MS


def number_of(connection: sqlite3.Connection, key: str) -> int:
    """The connection that a person means by an id or a name. Raises Failed."""
    found = connections.find(connection, key)
    if found is None:
        raise Failed(f"no connection {key!r}, or several of that name; see: cockpit connections list")
    return found
