"""The list of connections, and one of them opened."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cockpit.clock import Clock, millis
from cockpit.connections.rules import RULES
from cockpit.rules.lint import Finding
from cockpit.state import browse, connections
from cockpit.state.browse import Listing
from cockpit.state.connections import ConnectionRecord, ConnectionRow
from cockpit.tui import marks, text
from cockpit.tui.marks import Mark, Tone
from cockpit.tui.records import Record, Side, parsed
from cockpit.tui.widgets.cells import Column, Row
from cockpit.tui.widgets.lines import Part

DAY_MS = 86_400_000
SOON = 90
"""So many days before its end the check warns of a certificate."""


@dataclass(frozen=True, slots=True)
class ConnectionsFeed:
    """All connections. `users`: how many came by each, by what their records call it."""

    clock: Clock
    users: Mapping[str, int]
    title: str = "Connections"
    columns: Sequence[Column] = (
        Column("organization", 13, grow=3),
        Column("connection", 14, grow=3, least=110),
        Column("type", 5),
        Column("IdP", 8, grow=1),
        Column("users", 6, right=True),
        Column("domains", 14, grow=2, least=110),
        Column("days", 5, right=True),
        Column("verdict", 13),
        Column("state", 12),
    )

    @property
    def listing(self) -> Listing:
        """Every connection."""
        return browse.connections()

    def rows(self, connection: sqlite3.Connection, wanted: Sequence[int]) -> Mapping[int, Row]:
        now = millis(self.clock.now())
        return {row.id: self._row(row, now) for row in connections.rows(connection, wanted)}

    def _row(self, row: ConnectionRow, now: int) -> Row:
        verdict, state = verdict_mark(row), state_mark(row)
        name = row.name or row.source_id
        return Row(
            (
                (text.line(row.organization or name), "plain"),
                (text.line(name), "dim"),
                (row.protocol or "-", "dim"),
                (text.line(row.idp or row.kind or "-"), "plain"),
                _users(self.users, row),
                (text.line(row.domains.replace(";", " ")) or "-", "dim"),
                _days(row.certificate_until, now),
                (str(verdict), verdict.tone),
                (str(state), state.tone),
            ),
            name,
        )

    def record(self, connection: sqlite3.Connection, id_: int) -> Record | None:
        found = connections.show(connection, id_)
        return of_connection(found, self.users, millis(self.clock.now())) if found is not None else None


def verdict_mark(row: ConnectionRow) -> Mark:
    """The verdict in force; one that a person set has a pencil for its glyph."""
    mark = marks.of(marks.VERDICTS, row.verdict or "unchecked")
    return mark._replace(glyph="✎") if row.overridden else mark


def state_mark(row: ConnectionRow) -> Mark:
    """How far it is: as WorkOS has it, else what was handed over, else whether its customer was invited."""
    if row.target_state and row.handoff == "imported":
        return marks.of(marks.AT_WORKOS, row.target_state)
    return marks.of(marks.HANDOFFS, row.handoff or ("invited" if row.invited_at else ""))


def _users(users: Mapping[str, int], row: ConnectionRow) -> Part:
    n = users.get(row.source_id, 0)
    return (text.number(n) if n else "-", "plain" if n else "dim")


def _days(until: int | None, now: int) -> Part:
    if until is None:
        return "-", "dim"
    days = (until - now) // DAY_MS
    tone: Tone = "bad" if days < 0 else "warn" if days <= SOON else "plain"
    return text.number(days), tone


def of_connection(found: ConnectionRecord, users: Mapping[str, int], now: int) -> Record:
    """How it stands, the record without secrets, and the source's payload."""
    row = found.row
    return Record(
        row.source_id,
        (
            (text.line(row.name or row.source_id, 80), "strong"),
            (f"   {text.line(row.organization or 'no organization', 60)}", "plain"),
            (f"   {text.line(row.source_id, 60)}", "dim"),
        ),
        tuple(_notes(found)),
        (
            Side("standing", _standing(found, users, now)),
            Side("record", parsed(found.record), "not mapped yet: c checks, which maps"),
            Side("source payload", parsed(found.source)),
        ),
        frozenset(told.field.rpartition(".")[2] for told in found.findings) - {""},
        findings=tuple(map(_told, found.findings)),
    )


def _notes(found: ConnectionRecord) -> Iterator[Part]:
    verdict, state = verdict_mark(found.row), state_mark(found.row)
    yield (str(verdict), verdict.tone)
    if found.row.overridden:
        yield (f" against the check: {text.line(found.override_why or '', 120)}", "dim")
    if state.word:
        yield (f"   {state}", state.tone)
    if found.row.handoff_why:
        yield (f": {text.line(found.row.handoff_why, 160)}", "warn")


def _told(told: Finding) -> tuple[Part, ...]:
    mark, rule = marks.of(marks.SEVERITIES, told.severity), RULES[told.rule]
    detail = f" ({text.line(told.detail, 80)})" if told.detail else ""
    return (
        (f"{mark!s:<9} ", mark.tone),
        (rule.title, "strong"),
        (detail, "dim"),
        (f" → {rule.todo}", "plain"),
    )


def _standing(found: ConnectionRecord, users: Mapping[str, int], now: int) -> dict[str, Any]:
    row = found.row
    until = row.certificate_until
    standing = {
        "verdict": row.verdict or "unchecked",
        "because": row.reasons or None,
        "override": found.override_why,
        "organization": row.organization,
        "organizations": row.organizations if row.organizations > 1 else None,
        "override_organization": found.override_organization,
        "protocol": row.protocol,
        "kind": row.kind,
        "idp": row.idp,
        "domains": row.domains.split(";") if row.domains else None,
        "users": users.get(row.source_id, 0),
        "certificate_until": text.day(until) if until is not None else None,
        "certificate_days": (until - now) // DAY_MS if until is not None else None,
        "hand_over": row.handoff,
        "hand_over_why": row.handoff_why,
        "workos_id": row.target_id,
        "workos_state": row.target_state,
        "workos_callback": row.callback_endpoint,
        "invited": found.invited_to,
        "invited_at": text.day(row.invited_at) if row.invited_at is not None else None,
        "findings": [
            {**told._asdict(), "what": RULES[told.rule].title, "todo": RULES[told.rule].todo}
            for told in found.findings
        ],
    }
    return {key: value for key, value in standing.items() if value is not None}


def organizations(record: str | None) -> list[str]:
    """The source ids of all organizations that share a connection, of its record."""
    return list(json.loads(record).get("organizations", [])) if record else []
