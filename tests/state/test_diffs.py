"""Diffs as stored: what was found, counted, and when it counts as clean."""

import sqlite3

import pytest

from cockpit.state import diffs
from cockpit.state.diffs import FINDING_KINDS, Finding, FindingKind


def found(kind: FindingKind, number: int = 1, **fields: list[str]) -> Finding:
    return Finding(kind, number, f"id_{number}", f"user{number}@example.com", None, dict(fields))


def finished(connection: sqlite3.Connection, *kinds: FindingKind) -> diffs.Diff:
    diff = diffs.begin(connection, 1)
    diffs.add(connection, diff, [found(kind, number) for number, kind in enumerate(kinds)])
    return diffs.finish(connection, diff, 10, 20, 2)


@pytest.mark.parametrize("kind", FINDING_KINDS)
def test_a_diff_is_clean_when_nothing_is_missing_drifted_changed_or_deleted(
    connection: sqlite3.Connection, kind: FindingKind
) -> None:
    diff = finished(connection, kind, kind)
    assert getattr(diff, kind) == 2
    assert diff.clean == (kind in ("extra", "accepted"))


def test_a_diff_that_was_cut_short_is_none(connection: sqlite3.Connection) -> None:
    assert diffs.latest(connection) is None
    whole = finished(connection, "missing")
    diffs.begin(connection, 3)
    assert diffs.latest(connection) == whole


def test_findings_are_kept_as_they_were_told(connection: sqlite3.Connection) -> None:
    diff = diffs.begin(connection, 1)
    diffs.add(connection, diff, [found("drifted", 7, name=["Ana", "Anna"])._replace(confirmed=True)])
    (row,) = diffs.rows(connection, diffs.ids(connection, diff))
    assert (row.kind, row.subject, row.fields) == ("drifted", 7, {"name": ["Ana", "Anna"]})
    assert row.confirmed is True


def test_findings_are_found_by_kind_and_by_the_text_itself(connection: sqlite3.Connection) -> None:
    diff = diffs.begin(connection, 1)
    diffs.add(
        connection,
        diff,
        [found("missing", 1), found("extra", 2), found("missing", 3)._replace(email="100%@example.com")],
    )
    one, two, three = diffs.ids(connection, diff, "extra") + diffs.ids(connection, diff, "missing")
    assert (one, two, three) == (2, 1, 3)
    assert diffs.ids(connection, diff, search="user1@") == [1]
    assert diffs.ids(connection, diff, search="%") == [3]
    assert diffs.ids(connection, diff, search="id_2") == [2]
    assert diffs.ids(connection, diff + 1) == []


def test_findings_of_older_diffs_go_when_a_new_one_begins(connection: sqlite3.Connection) -> None:
    numbers = [finished(connection, "missing").id for _ in range(4)]
    diffs.begin(connection, 9)
    kept = [number for number in numbers if diffs.ids(connection, number)]
    assert kept == numbers[-2:]
