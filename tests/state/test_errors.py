"""Errors and their groups, and what people decide about them."""

import sqlite3
from collections import Counter

import pytest

from cockpit.state import audit, check, errors, journal, resolve
from cockpit.state.error_filter import Filter, Resolution
from cockpit.state.errors import Failure
from cockpit.state.journal import USER
from tests.jobs.world import person
from tests.state import people
from tests.state.people import BATCH

BAD_EMAIL = Failure("fixable", "422:email", "bad e-mail", "bad e-mail 'x'", '{"a":1}', 422, "email", "{}")
DOWN = Failure("transient", "503:-", "no answer", "HTTP 503 100%", status=503)


@pytest.fixture
def failed(connection: sqlite3.Connection) -> list[int]:
    """Three users that failed for a bad e-mail and two for silence; the error ids."""
    people.have(connection, *(person(number) for number in range(1, 6)))
    claimed = people.claim(connection)
    people.settle(connection, claimed[:3], "failed", failure=BAD_EMAIL)
    people.settle(connection, claimed[3:], "failed", failure=DOWN)
    return groups_checked(connection)


def groups_checked(connection: sqlite3.Connection) -> list[int]:
    """Every open error; the groups must count what the rows are."""
    rows = connection.execute("select fingerprint, resolution from errors").fetchall()
    still_open = Counter(row[0] for row in rows if row[1] == "open")
    told = errors.groups(connection, resolved=True)
    assert {group.fingerprint: group.total for group in told} == Counter(row[0] for row in rows)
    assert {group.fingerprint: group.open for group in told if group.open} == still_open
    assert sum(errors.open_by_class(connection).values()) == still_open.total()
    assert check.check(connection) == []
    return errors.ids(connection)


def resolutions(connection: sqlite3.Connection) -> Counter[Resolution]:
    return Counter(row[0] for row in connection.execute("select resolution from errors").fetchall())


def retry(connection: sqlite3.Connection, wanted: list[int]) -> int:
    return resolve.retry(connection, wanted, operator="ana", batch_size=BATCH, now=50)


def test_failures_of_one_cause_are_one_group_the_largest_first(
    connection: sqlite3.Connection, failed: list[int]
) -> None:
    first, second = errors.groups(connection)
    assert (first.title, first.open, first.klass, first.status) == ("bad e-mail", 3, "fixable", 422)
    assert (second.title, second.open, second.klass) == ("no answer", 2, "transient")
    assert first.example in failed
    assert errors.open_by_class(connection) == {"transient": 2, "fixable": 3, "permanent": 0, "conflict": 0}


def test_retry_makes_them_ready_and_sends_nothing(connection: sqlite3.Connection, failed: list[int]) -> None:
    assert retry(connection, failed[:2]) == 2
    assert journal.counts(connection, USER)["ready"] == 2
    assert groups_checked(connection) == failed[2:]
    assert retry(connection, failed[:2]) == 0, "only once"
    assert resolutions(connection) == {"open": 3, "retried": 2}


def test_who_fails_again_has_one_open_error_and_a_longer_history(
    connection: sqlite3.Connection, failed: list[int]
) -> None:
    retry(connection, failed[:1])
    people.settle(connection, people.claim(connection), "failed", failure=DOWN)
    assert len(groups_checked(connection)) == 5
    assert resolutions(connection) == {"open": 5, "retried": 1}


def test_who_arrives_after_a_retry_has_no_open_error(
    connection: sqlite3.Connection, failed: list[int]
) -> None:
    retry(connection, failed)
    people.settle(connection, people.claim(connection), "imported")
    assert groups_checked(connection) == []
    assert journal.counts(connection, USER)["imported"] == 5


def test_ignore_skips_them_with_name_and_reason(connection: sqlite3.Connection, failed: list[int]) -> None:
    assert (
        resolve.ignore(connection, failed[:2], operator="ana", reason="left us", batch_size=BATCH, now=60)
        == 2
    )
    assert journal.counts(connection, USER)["skipped"] == 2
    groups_checked(connection)
    record = errors.show(connection, failed[0])
    assert record is not None
    decided = (record.resolution, record.resolved_by, record.reason, record.state)
    assert decided == ("ignored", "ana", "left us", "skipped")
    (row,) = audit.tail(connection)
    assert (row.action, row.subject, row.why) == ("errors.ignore", "2 records", "left us")


def test_a_corrected_record_counts_as_fixed(connection: sqlite3.Connection, failed: list[int]) -> None:
    resolve.fixed(connection, "user", 1, 1, BATCH, 70)
    assert resolutions(connection) == {"open": 4, "fixed": 1}
    groups_checked(connection)


def test_what_is_decided_for_many_takes_more_than_one_query(connection: sqlite3.Connection) -> None:
    people.have(connection, *(person(number) for number in range(900)))
    people.settle(connection, people.claim(connection), "failed", failure=DOWN)
    assert retry(connection, errors.ids(connection)) == 900
    assert groups_checked(connection) == []


def test_errors_are_found_by_group_class_text_and_resolution(
    connection: sqlite3.Connection, failed: list[int]
) -> None:
    assert errors.ids(connection, Filter(fingerprint="422:email")) == failed[:3]
    assert errors.ids(connection, Filter(klass="transient")) == failed[3:]
    assert errors.ids(connection, Filter(search="user2@")) == failed[1:2]
    assert errors.ids(connection, Filter(search="100%")) == failed[3:]
    assert errors.ids(connection, Filter(search="0_")) == []
    retry(connection, failed[:1])
    assert errors.ids(connection, Filter(resolution="retried")) == failed[:1]
    assert errors.ids(connection, Filter(resolution=None)) == failed


def test_a_line_and_the_whole_of_an_error(connection: sqlite3.Connection, failed: list[int]) -> None:
    (line,) = errors.rows(connection, [failed[0], 999])
    assert (line.external_id, line.email, line.code) == ("auth0|000001", "user1@example.com", "email")
    record = errors.show(connection, failed[0])
    assert record is not None
    assert (record.source, record.request, record.body) == ('{"user_id": "auth0|000001"}', '{"a":1}', "{}")
    assert errors.show(connection, 999) is None
