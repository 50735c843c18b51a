"""Diffs: listings of both sides in temporary tables, findings that stay."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from cockpit.state import by_id, like
from cockpit.terms import Kind

FindingKind = Literal["missing", "drifted", "changed", "deleted", "extra", "accepted"]
FINDING_KINDS: tuple[FindingKind, ...] = ("missing", "drifted", "changed", "deleted", "extra", "accepted")


@dataclass(frozen=True, slots=True)
class Diff:
    """One comparison of source, journal and target. Counts are None until it finished."""

    id: int
    started_at: int
    finished_at: int | None
    source_listed: int | None
    target_listed: int | None
    missing: int | None
    drifted: int | None
    changed: int | None
    deleted: int | None
    extra: int | None
    accepted: int | None

    @property
    def clean(self) -> bool:
        """Nothing missing, drifted, changed or deleted; extra users at the target don't count."""
        return self.finished_at is not None and not (
            self.missing or self.drifted or self.changed or self.deleted
        )


class Finding(NamedTuple):
    """One difference. `fields` maps a field to [ours, theirs]; for a whole record it says why.

    `thing` is the kind of what differs; `email` its label where it is no user.
    """

    kind: FindingKind
    subject: int | None
    external_id: str | None
    email: str | None
    target_id: str | None
    fields: dict[str, Any]
    confirmed: bool = False
    thing: Kind = "user"


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A stored finding."""

    id: int
    kind: FindingKind
    subject: int | None
    external_id: str | None
    email: str | None
    target_id: str | None
    fields: dict[str, Any]
    confirmed: bool
    thing: Kind


_COLUMNS = (
    "id, started_at, finished_at, source_listed, target_listed, missing, drifted, changed, deleted, extra, "
    "accepted"
)


def begin(connection: sqlite3.Connection, now: int) -> int:
    """Start a diff; findings of earlier ones that nobody will look at again are dropped."""
    cursor = connection.execute("insert into diffs(started_at) values(?)", (now,))
    diff = cursor.lastrowid or 0
    connection.execute(
        "delete from diff_findings where diff < ? and diff not in "
        "(select id from diffs where finished_at is not null order by id desc limit 2)",
        (diff,),
    )
    return diff


def finish(
    connection: sqlite3.Connection, diff: int, source_listed: int, target_listed: int, now: int
) -> Diff:
    """Count the findings and close the diff."""
    rows = connection.execute(
        "select kind, count(*) from diff_findings where diff = ? group by kind", (diff,)
    ).fetchall()
    found = dict(rows)
    connection.execute(
        "update diffs set finished_at = ?, source_listed = ?, target_listed = ?, missing = ?, drifted = ?, "
        "changed = ?, deleted = ?, extra = ?, accepted = ? where id = ?",
        (now, source_listed, target_listed, *(found.get(kind, 0) for kind in FINDING_KINDS), diff),
    )
    finished = latest(connection)
    assert finished is not None
    return finished


def latest(connection: sqlite3.Connection) -> Diff | None:
    """The newest diff that finished."""
    row = connection.execute(
        f"select {_COLUMNS} from diffs where finished_at is not null order by id desc limit 1"
    ).fetchone()
    return Diff(*row) if row else None


def add(connection: sqlite3.Connection, diff: int, findings: Iterable[Finding]) -> None:
    """Store findings."""
    connection.executemany(
        "insert into diff_findings(diff, kind, subject, external_id, email, target_id, fields, confirmed, "
        "thing) values(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                diff,
                finding.kind,
                finding.subject,
                finding.external_id,
                finding.email,
                finding.target_id,
                json.dumps(finding.fields),
                finding.confirmed,
                finding.thing,
            )
            for finding in findings
        ],
    )


def by_thing(connection: sqlite3.Connection, diff: int) -> list[tuple[Kind, int]]:
    """(kind of thing, differences) of those that keep a diff from being clean, the most first."""
    return connection.execute(
        "select thing, count(*) from diff_findings where diff = ? "
        "and kind in ('missing', 'drifted', 'changed', 'deleted') group by thing order by 2 desc, 1",
        (diff,),
    ).fetchall()


def ids(
    connection: sqlite3.Connection, diff: int, kind: FindingKind | None = None, search: str = ""
) -> list[int]:
    """Finding ids in order, by kind and a text in e-mail or id."""
    clauses = ["diff = ?"]
    values: list[int | str] = [diff]
    if kind is not None:
        clauses.append("kind = ?")
        values.append(kind)
    if search:
        clause, texts = like.anywhere(("email", "external_id"), search)
        clauses.append(clause)
        values += texts
    rows = connection.execute(
        f"select id from diff_findings where {' and '.join(clauses)} order by kind, id", values
    ).fetchall()
    return [row[0] for row in rows]


def _row(row: tuple[Any, ...]) -> FindingRow:
    *head, fields, confirmed, thing = row
    return FindingRow(*(*head, json.loads(fields), bool(confirmed), thing))


def rows(connection: sqlite3.Connection, wanted: Sequence[int]) -> list[FindingRow]:
    """Findings by id, in the order asked for."""
    query = (
        "select id, kind, subject, external_id, email, target_id, fields, confirmed, thing from diff_findings"
    )
    return by_id.fetch(connection, query, "id", wanted, _row)
