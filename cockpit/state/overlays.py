"""Overlays: fields that reviewers set, and rules that they chose, kept beside raw records that never change.

Both are applied wherever a record is mapped, rules first, so they outlive every new export of it.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cockpit.rules import fields as editable
from cockpit.rules import fixes
from cockpit.rules.fixes import Rule
from cockpit.state import resources
from cockpit.terms import Kind, moved_kind


@dataclass(slots=True)
class Patch:
    """What is laid over one record: the rules marked for it, in order, then the fields that were set."""

    rules: list[Rule] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)

    def over(self, kind: Kind, found: editable.Fields, source: Any) -> dict[str, Any]:
        """The fields of the record with this over them. `source`: the record as the provider sent it."""
        return editable.overlaid(fixes.apply_all(self.rules, kind, found, source), self.values)


class Laid(NamedTuple):
    """One field that a reviewer set; None leaves it out."""

    field: str
    value: Any
    operator: str
    at: int


class Subject(NamedTuple):
    """A record that failed, as it may be edited: its fields as they would be sent now, and its source.

    `values`: those of the fields that were set on it by itself; None where one is left out.
    `closed`: why it can't be mapped again, and so not be edited.
    """

    kind: Kind
    id: int
    fields: dict[str, Any]
    values: dict[str, Any]
    source: Any
    closed: str | None


def of_range(connection: sqlite3.Connection, kind: Kind, first: int, last: int) -> dict[int, Patch]:
    """What is laid over the records of a range of ids."""
    return _patches(connection, "kind = ? and subject between ? and ?", (kind, first, last))


def of_these(connection: sqlite3.Connection, kind: Kind, subjects: Iterable[int]) -> dict[int, Patch]:
    """What is laid over these records."""
    listed = json.dumps(list(subjects))
    where = "kind = ? and subject in (select value from json_each(?))"
    return _patches(connection, where, (kind, listed))


def _patches(connection: sqlite3.Connection, where: str, parameters: Sequence[Any]) -> dict[int, Patch]:
    found: dict[int, Patch] = {}
    for subject, *rule in connection.execute(
        "select f.subject, r.cause, r.action, r.field, r.value, r.match from fixes f "
        f"join rules r on r.id = f.rule where {where} order by f.subject, r.id",
        parameters,
    ).fetchall():
        found.setdefault(subject, Patch()).rules.append(Rule(*rule))
    for subject, name, value in connection.execute(
        f"select subject, field, value from overlays where {where}", parameters
    ).fetchall():
        found.setdefault(subject, Patch()).values[name] = json.loads(value)
    return found


def of(connection: sqlite3.Connection, kind: Kind, subject: int) -> Patch | None:
    """What is laid over one record."""
    return of_range(connection, kind, subject, subject).get(subject)


def by_source_id(connection: sqlite3.Connection, kind: Kind, source_id: str) -> Patch | None:
    """What is laid over one resource by its id at the source."""
    row = connection.execute(
        "select id from resources where kind = ? and source_id = ?", (kind, source_id)
    ).fetchone()
    return of(connection, kind, row[0]) if row else None


def listed(connection: sqlite3.Connection, kind: Kind, subject: int) -> list[Laid]:
    """The fields that were set on a record, and by whom."""
    rows = connection.execute(
        "select field, value, operator, at from overlays where kind = ? and subject = ? order by field",
        (kind, subject),
    ).fetchall()
    return [Laid(name, json.loads(value), operator, at) for name, value, operator, at in rows]


def lay(
    connection: sqlite3.Connection, kind: Kind, subject: int, name: str, value: Any, operator: str, now: int
) -> str | None:
    """Set a field of a record (None: leave it out); returns what was laid there before, as JSON.

    The record is mapped again by the next lint.
    """
    before = _laid(connection, kind, subject, name)
    connection.execute(
        "insert or replace into overlays values(?, ?, ?, ?, ?, ?)",
        (kind, subject, name, json.dumps(value), operator, now),
    )
    map_again(connection, kind, [subject])
    return before


def lift(connection: sqlite3.Connection, kind: Kind, subject: int, name: str) -> str | None:
    """The field is the source's again; returns what was laid there, as JSON with who and when."""
    before = _laid(connection, kind, subject, name)
    restore(connection, kind, subject, name, None)
    map_again(connection, kind, [subject])
    return before


def restore(connection: sqlite3.Connection, kind: Kind, subject: int, name: str, before: str | None) -> None:
    """Put back what `lay` or `lift` found."""
    if before is None:
        connection.execute(
            "delete from overlays where kind = ? and subject = ? and field = ?", (kind, subject, name)
        )
        return
    value, operator, at = json.loads(before)
    connection.execute(
        "insert or replace into overlays values(?, ?, ?, ?, ?, ?)",
        (kind, subject, name, json.dumps(value), operator, at),
    )


def map_again(connection: sqlite3.Connection, kind: Kind, subjects: Iterable[int]) -> None:
    """Have these records mapped and held against the rules again; until then they are not sent.

    Not those whose raw records were purged: they stay as they were mapped last.
    """
    if kind == "user":
        connection.executemany(
            "update users set page = 0 where id = ? "
            "and exists (select 1 from raw r where r.id = users.id and r.body <> '{}')",
            [(subject,) for subject in subjects],
        )
    else:
        resources.map_again(connection, subjects)


_SUBJECT = """
    select e.id, e.kind, e.subject, coalesce(u.request, t.request), p.user is not null,
    coalesce(r.body, b.body, '{}'), t.inside is 0, e.fingerprint = 'lint:unmappable' from errors e
    left join raw r on e.kind in ('user', 'user update', 'reset') and r.id = e.subject
    left join users u on u.id = r.id
    left join passwords p on p.user = u.id and u.password_state = 'carried'
    left join resources t on r.id is null and t.id = e.subject
    left join resource_bodies b on b.id = t.id"""


def subjects(
    connection: sqlite3.Connection, where: str, parameters: Sequence[Any]
) -> list[tuple[int, Subject]]:
    """(error, record it is about) of the errors `e` that meet a condition, as far as there is one."""
    rows = [
        (moved, *row)
        for row in connection.execute(f"{_SUBJECT} where {where}", parameters).fetchall()
        if (moved := moved_kind(row[1])) is not None and row[3] is not None
    ]
    laid = {
        kind: of_these(connection, kind, (row[3] for row in rows if row[0] == kind))
        for kind in {row[0] for row in rows}
    }
    found = []
    for moved, error, _, subject, request, has_hash, body, implied, shapeless in rows:
        fields = editable.of_request(moved, json.loads(request))
        if moved == "user":
            fields = editable.with_hash(fields, bool(has_hash))
        patch, source = laid[moved].get(subject), json.loads(body)
        if patch is not None:
            fields = patch.over(moved, fields, source)
        values = patch.values if patch is not None else {}
        closed = _closed(body, implied, shapeless)
        found.append((error, Subject(moved, subject, fields, values, source, closed)))
    return found


def subject(connection: sqlite3.Connection, error: int) -> Subject | None:
    """The record that an error is about, as it may be edited; None where it can't be."""
    found = subjects(connection, "e.id = ?", (error,))
    return found[0][1] if found else None


def _closed(body: str, implied: bool, shapeless: bool) -> str | None:
    if shapeless:
        return "its record has no usable shape: correct it at the source, or ignore it with a reason"
    if implied:
        return "it has no record of its own, others only name it: define it at the source"
    return "its raw record was purged" if body == "{}" else None


def _laid(connection: sqlite3.Connection, kind: Kind, subject: int, name: str) -> str | None:
    row = connection.execute(
        "select value, operator, at from overlays where kind = ? and subject = ? and field = ?",
        (kind, subject, name),
    ).fetchone()
    return json.dumps([json.loads(row[0]), row[1], row[2]]) if row else None
