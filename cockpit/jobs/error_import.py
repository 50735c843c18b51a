"""An edited errors.jsonl taken over: changed requests become overlays, decisions are carried out."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from cockpit.clock import Clock, millis
from cockpit.jobs import errorfile
from cockpit.rules import fields
from cockpit.rules.fields import NotEditable
from cockpit.rules.mask import MASK
from cockpit.settings import SettingsError
from cockpit.state import errors, fix, resolve
from cockpit.state.database import open_state, transaction
from cockpit.state.errors import ErrorRecord
from cockpit.state.fix import Edit, NotFixable
from cockpit.terms import Kind, moved_kind

Choice = Literal["retry", "ignore", "adopt", "link", "skip", "reset"]
CHOICES: tuple[Choice, ...] = get_args(Choice)
"""What a line's `decision` may say: {"do": CHOICE}, with a "reason" for ignore."""


@dataclass
class Report:
    """What came of a file: how many lines were edits, decisions, neither; and which were refused, and why."""

    edited: int = 0
    decided: int = 0
    unchanged: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def take_over(file: Path, state: Path, *, operator: str, batch_size: int, clock: Clock) -> Report:
    """Go through the lines of a file, each in a transaction of its own; a refused line changes nothing.

    Raises SettingsError for a file that can't be read, StateError.
    """
    report = Report()
    try:
        lines = file.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from None
    with closing(open_state(state)) as connection:
        for number, text in enumerate(lines if lines != [""] else [], 1):
            try:
                with transaction(connection):
                    _take(connection, text, report, operator, batch_size, millis(clock.now()))
            except (NotFixable, NotEditable) as refusal:
                report.refused.append((number, str(refusal)))
    return report


def _take(
    connection: sqlite3.Connection, text: str, report: Report, operator: str, batch_size: int, now: int
) -> None:
    line, record = _line(connection, text)
    values = _edits(connection, line.get("request"), record)
    decision = _decision(line.get("decision"))
    if values:
        fix.edit(connection, record.id, Edit(values), operator=operator, now=now)
        report.edited += 1
    if decision is not None:
        _decide(connection, record.id, *decision, operator=operator, batch_size=batch_size, now=now)
        report.decided += 1
    report.unchanged += not values and decision is None


def _line(connection: sqlite3.Connection, text: str) -> tuple[Mapping[str, Any], ErrorRecord]:
    """A line and the open error it is about. Raises NotFixable."""
    try:
        line = json.loads(text)
        ident, kind = line["external_id"], line.get("kind", "user")
    except (ValueError, TypeError, KeyError, AttributeError):
        ident = kind = None
    if not isinstance(ident, str) or not isinstance(kind, str):
        raise NotFixable("no JSON object with an external_id")
    error = errors.open_error(connection, kind, ident)
    record = errors.show(connection, error) if error is not None else None
    if record is None:
        raise NotFixable(f"{kind} {ident} has no open error")
    return line, record


def _edits(connection: sqlite3.Connection, request: object, record: ErrorRecord) -> dict[str, Any]:
    """The fields of a request that are neither as the file was given them, nor as they are unmasked."""
    kind = moved_kind(record.kind)
    if request is None or kind is None:
        return {}
    if not isinstance(request, dict):
        raise NotFixable("its request is no JSON object")
    theirs = _flat(kind, request)
    given = _flat(kind, errorfile.line(record)["request"] or {})
    actual = _flat(kind, errorfile.revealed(connection, record)["request"] or {})
    return {
        name: theirs.get(name)
        for name in (*theirs, *(name for name in given if name not in theirs))
        if theirs.get(name) not in (given.get(name), actual.get(name), MASK)
    }


def _flat(kind: Kind, request: Mapping[str, Any]) -> dict[str, Any]:
    return fields.flat(fields.of_request(kind, request))


def _decision(value: object) -> tuple[Choice, str] | None:
    if value is None:
        return None
    if isinstance(value, dict):
        choice = next((name for name in CHOICES if name == value.get("do")), None)
        reason = value.get("reason", "")
        if choice is not None and isinstance(reason, str) and (choice != "ignore" or reason.strip()):
            return choice, reason
    raise NotFixable(f'its decision is not {{"do": {"|".join(CHOICES)}}}, ignore with a "reason"')


def _decide(
    connection: sqlite3.Connection,
    error: int,
    choice: Choice,
    reason: str,
    *,
    operator: str,
    batch_size: int,
    now: int,
) -> None:
    shared: Mapping[str, Any] = {"operator": operator, "batch_size": batch_size, "now": now}
    carry_out: Mapping[Choice, Callable[[], int]] = {
        "retry": lambda: resolve.retry(connection, [error], **shared),
        "ignore": lambda: resolve.ignore(connection, [error], reason=reason, **shared),
        "adopt": lambda: fix.merge(connection, [error], "adopt", **shared),
        "link": lambda: fix.merge(connection, [error], "link", **shared),
        "skip": lambda: fix.merge(connection, [error], "skip", **shared),
        "reset": lambda: fix.mark_for_reset(connection, [error], operator=operator, now=now),
    }
    carry_out[choice]()
