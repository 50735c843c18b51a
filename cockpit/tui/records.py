"""One record opened: what it is, and the JSON of its sides, masked unless a person asked to see more."""

import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cockpit.rules.lint import RULES
from cockpit.rules.mask import mask
from cockpit.state import diffs, errors, overlays, resources, users
from cockpit.state.diffs import FindingRow
from cockpit.state.errors import ErrorRecord
from cockpit.state.resources import ResourceRecord
from cockpit.state.users import Told, UserRecord
from cockpit.terms import moved_kind
from cockpit.tui import kinds, marks, text
from cockpit.tui.widgets.lines import Part


@dataclass(frozen=True, slots=True)
class Side:
    """One JSON value of a record, or why there is none."""

    title: str
    value: Any
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it is shown. `hot` are the fields that the failure or the findings name.

    `findings`: a line for each, below the notes.
    """

    subject: str
    heading: tuple[Part, ...]
    notes: tuple[Part, ...]
    sides: tuple[Side, ...]
    hot: frozenset[str] = frozenset()
    open: bool = False
    findings: tuple[tuple[Part, ...], ...] = ()

    def document(self, *, revealed: bool = False) -> dict[str, Any]:
        """The whole record as JSON."""
        return {side.title: side.value if revealed else mask(side.value) for side in self.sides}


def parsed(body: str | None) -> Any:
    """Stored JSON as a value; what is no JSON as the text it is."""
    if body is None:
        return None
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body


def of_error(connection: sqlite3.Connection, error: int) -> Record | None:
    """Source payload, mapped request and response of an error."""
    found = errors.show(connection, error)
    if found is None:
        return None
    request = parsed(found.request)
    answer = {
        "status": found.status,
        "code": found.code,
        "message": found.message,
        "request_id": found.request_id,
        "attempts": found.attempts or None,
        "at": text.full(found.at) if found.attempts else None,
        "body": parsed(found.body),
    }
    response = {key: value for key, value in answer.items() if value is not None}
    sent = found.attempts > 0 or found.status is not None
    return Record(
        found.external_id,
        tuple(_who(kinds.named(found.kind, found.email or found.name or "(no e-mail)"), found.external_id)),
        tuple(_about(found)),
        (
            Side("source payload", parsed(found.source)),
            Side("mapped request" if sent else "request (not sent)", request, "not mapped"),
            Side("response" if sent else "finding (before sending)", response),
        ),
        offending(request, found.code, found.message, response.get("body")),
        found.resolution == "open",
        _laid(connection, found),
    )


def _laid(connection: sqlite3.Connection, found: ErrorRecord) -> tuple[tuple[Part, ...], ...]:
    """A line for what reviewers set on this record."""
    moved = moved_kind(found.kind)
    laid = overlays.listed(connection, moved, found.subject) if moved is not None else []
    return tuple(
        (
            ("✎ ", "busy"),
            (f"{text.line(one.field, 40)} ", "strong"),
            (f"{_short(mask({one.field: one.value})[one.field])} ", "plain"),
            (f"set by {text.line(one.operator, 40)} at {text.moment(one.at)}", "dim"),
        )
        for one in laid
    )


def of_user(connection: sqlite3.Connection, user: int) -> Record | None:
    """Source payload, mapped request and standing of a user."""
    found = users.show(connection, user)
    if found is None:
        return None
    row = found.row
    state = marks.of(marks.USER_STATES, row.state)
    return Record(
        row.external_id,
        tuple(_who(row.email or "(no e-mail)", row.external_id)),
        ((str(state), state.tone), (f"   held back: {row.held}" if row.held else "", "warn")),
        (
            Side("source payload", parsed(found.source)),
            Side("mapped request", parsed(found.request), "not mapped yet: l runs lint, which maps"),
            Side("standing", _standing(found)),
        ),
        frozenset(told.field.partition(".")[0] for told in found.findings) - {""},
        findings=tuple(map(_told, found.findings)),
    )


def of_resource(connection: sqlite3.Connection, resource: int) -> Record | None:
    """Source payload, mapped request and standing of an organization, role, membership or factor."""
    found = resources.show(connection, resource)
    if found is None:
        return None
    row = found.row
    state = marks.of(marks.USER_STATES, row.state)
    tied = [
        f"   {what}: {text.line(value, 80)}"
        for what, value in (("user", row.user), ("organization", row.organization))
        if value
    ]
    return Record(
        row.source_id,
        tuple(_who(kinds.named(row.kind, row.name or "(no name)"), row.source_id)),
        ((str(state), state.tone), *((part, "plain") for part in tied)),
        (
            Side("source payload", parsed(found.source)),
            Side("mapped request", parsed(found.request), "not mapped yet: l runs lint, which maps"),
            Side("standing", _resource_standing(found)),
        ),
        frozenset(told.field.partition(".")[0] for told in found.findings) - {""},
        findings=tuple(map(_told, found.findings)),
    )


def _told(told: Told) -> tuple[Part, ...]:
    mark = marks.of(marks.SEVERITIES, told.severity)
    title = RULES[told.rule].title if told.rule in RULES else text.line(told.rule)
    return (
        (f"{mark!s:<9}", mark.tone),
        (f"   {title}", "strong"),
        (f"   {text.line(told.detail, 120)}" if told.detail != title else "", "dim"),
    )


def of_finding(connection: sqlite3.Connection, finding: int) -> Record | None:
    """Both sides of a difference."""
    rows = diffs.rows(connection, [finding])
    if not rows:
        return None
    row = rows[0]
    known: UserRecord | ResourceRecord | None = None
    if row.subject is not None:
        show = users.show if row.thing == "user" else resources.show
        known = show(connection, row.subject)
    ours = parsed(known.request) if known is not None else None
    mark = marks.of(marks.FINDINGS, row.kind)
    subject = row.external_id or row.target_id or "?"
    return Record(
        subject,
        tuple(_who(kinds.named(row.thing, row.email or "(no e-mail)"), subject)),
        ((str(mark), mark.tone), (f"   {text.line(why(row))}", "dim")),
        tuple(_both_sides(row, ours)),
        frozenset(pairs(row)),
    )


def pairs(row: FindingRow) -> dict[str, tuple[Any, Any]]:
    """The fields that differ: (ours, theirs)."""
    return {
        field: (value[0], value[1])
        for field, value in row.fields.items()
        if isinstance(value, list) and len(value) == 2
    }


def why(row: FindingRow) -> str:
    """A difference in a line: the fields that differ, or what is the matter with the whole user."""
    if said := row.fields.get("why"):
        return str(said)
    return ", ".join(
        f"{field}: {_short(ours)} ≠ {_short(theirs)}" for field, (ours, theirs) in pairs(row).items()
    )


def offending(request: Any, code: str | None, message: str, body: Any) -> frozenset[str]:
    """The fields and metadata keys that the answer names, in its code, its message or its list of errors."""
    if not isinstance(request, dict):
        return frozenset()
    said = " ".join((code or "", message, *_named(body))).lower()
    words = set(re.findall(r"[a-z_]+", said)) | set(re.findall(r"[a-z]+", said))
    inner = request.get("metadata")
    named = [*request, *(inner if isinstance(inner, dict) else ())]
    return frozenset(field for field in named if field.lower() in words)


def _named(body: Any) -> Iterator[str]:
    if isinstance(body, dict):
        for key in ("field", "param", "code", "message", "path"):
            if isinstance(body.get(key), str):
                yield body[key]
        for key in ("errors", "error"):
            yield from _named(body.get(key))
    elif isinstance(body, list):
        for part in body[:20]:
            yield from _named(part)
    elif isinstance(body, str):
        yield body[:500]


def _who(label: str, subject: str) -> Iterator[Part]:
    yield (text.line(label, 80), "strong")
    yield (f"   {text.line(subject, 80)}", "dim")


def _about(found: ErrorRecord) -> Iterator[Part]:
    klass = marks.of(marks.CLASSES, found.klass)
    resolution = marks.of(marks.RESOLUTIONS, found.resolution)
    yield (str(klass), klass.tone)
    yield ("   ", "plain")
    yield (text.line(found.title, 120), "strong")
    tries = "1 attempt" if found.attempts == 1 else f"{found.attempts} attempts"
    yield (f"   {tries if found.attempts else 'never sent'}   {text.moment(found.at)}   ", "dim")
    yield (str(resolution), resolution.tone)
    if found.resolved_by:
        yield (f" by {text.line(found.resolved_by, 40)}", "dim")
    if found.reason:
        yield (f": {text.line(found.reason, 120)}", "dim")


def _standing(found: UserRecord) -> dict[str, Any]:
    row = found.row
    standing = {
        "state": row.state,
        "target_id": row.target_id,
        "attempts": found.attempts,
        "connection": row.connection,
        "password_kept": row.password,
        "hash_type": row.password_type,
        "why_not_kept": found.password_reason,
        "held_back_for": row.held,
        "findings": [told._asdict() for told in found.findings],
    }
    return {key: value for key, value in standing.items() if value is not None}


def _resource_standing(found: ResourceRecord) -> dict[str, Any]:
    row = found.row
    standing = {
        "state": row.state,
        "target_id": row.target_id,
        "attempts": found.attempts,
        "user": row.user,
        "organization": row.organization,
        "findings": [told._asdict() for told in found.findings],
    }
    return {key: value for key, value in standing.items() if value is not None}


def _both_sides(row: FindingRow, ours: Any) -> Iterator[Side]:
    here, there = ("sent to the target", "at the target")
    if row.kind == "changed":
        here, there = "as exported", "at the source now"
    differing = pairs(row)
    left = (
        {**ours, **{field: pair[0] for field, pair in differing.items()}} if isinstance(ours, dict) else ours
    )
    yield Side(here, left, "not in this migration")
    if differing and isinstance(left, dict):
        yield Side(there, {**left, **{field: pair[1] for field, pair in differing.items()}})
        return
    absent = row.kind in ("missing", "accepted", "deleted")
    gone = {
        "deleted": "no longer at the source",
        "missing": "not at the target",
        "accepted": "left out on purpose",
    }
    if absent:
        yield Side("at the source" if row.kind == "deleted" else there, None, gone[row.kind])
    else:
        label = "email" if row.thing == "user" else "label"
        theirs = {"id": row.target_id, "external_id": row.external_id, label: row.email}
        yield Side(there, {key: value for key, value in theirs.items() if value is not None})


def _short(value: Any) -> str:
    shown = json.dumps(mask(value), ensure_ascii=False)
    return shown if len(shown) <= 40 else f"{shown[:39]}…"
