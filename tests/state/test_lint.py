"""Lint findings as stored, and who keeps an e-mail that two users share."""

import sqlite3

import pytest

from cockpit.records import User
from cockpit.state import lint
from tests.jobs.world import person
from tests.state import people


def duplicates(connection: sqlite3.Connection) -> list[tuple[int, int]]:
    return [(user, keeper) for user, keeper, _ in lint.duplicates(connection)]


def shared(number: int, email: str = "ana@example.com", verified: bool = True) -> User:
    return person(number, email=email, email_verified=verified)


def test_who_shares_no_email_is_no_duplicate(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1), person(2), person(3, email=None), person(4, email=None))
    assert duplicates(connection) == []


def test_an_email_is_the_same_trimmed_and_in_lower_case(connection: sqlite3.Connection) -> None:
    people.have(connection, shared(1, " Ana@Example.com"), shared(2, "ana@EXAMPLE.com "), shared(3))
    assert lint.duplicates(connection) == [(2, 1, "ana@example.com"), (3, 1, "ana@example.com")]


def test_the_oldest_keeps_it_among_equals(connection: sqlite3.Connection) -> None:
    people.have(connection, shared(1, verified=False), shared(2, verified=False))
    assert duplicates(connection) == [(2, 1)]


def test_a_verified_one_keeps_it_before_an_older_one(connection: sqlite3.Connection) -> None:
    people.have(connection, shared(1, verified=False), shared(2))
    assert duplicates(connection) == [(1, 2)]


@pytest.mark.parametrize("state", ["imported", "adopted", "sending"])
def test_who_is_at_the_target_keeps_it_before_all_others(connection: sqlite3.Connection, state: str) -> None:
    people.have(connection, shared(1, verified=False))
    claimed = people.claim(connection)
    if state != "sending":
        people.settle(connection, claimed, state)
    people.have(connection, shared(2))
    assert duplicates(connection) == [(2, 1)]


def test_who_was_skipped_does_not_keep_it_from_the_other(connection: sqlite3.Connection) -> None:
    people.have(connection, shared(1))
    people.settle(connection, people.claim(connection), "skipped")
    people.have(connection, shared(2, verified=False))
    assert duplicates(connection) == [(1, 2)]


def test_findings_are_those_of_the_last_look(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1), person(2))
    lint.replace(
        connection,
        [1, 2],
        [
            (1, "cut", "warning", "a", "x"),
            (1, "cut", "warning", "b", "y"),
            (1, "email_syntax", "error", "email", "z"),
            (2, "cut", "warning", "a", "x"),
        ],
    )
    told = [(count.rule, count.severity, count.users) for count in lint.counts(connection)]
    assert told == [("email_syntax", "error", 1), ("cut", "warning", 2)]
    lint.replace(connection, [1], [])
    assert [(count.rule, count.users) for count in lint.counts(connection)] == [("cut", 1)]


def test_an_id_that_two_users_have_is_kept_by_one_of_them_and_an_empty_one_by_nobody(
    connection: sqlite3.Connection,
) -> None:
    people.have(connection, person(1, email_verified=False), person(2), person(3), person(4))
    connection.execute("update users set external_id = 'shared' where id in (1, 2)")
    connection.execute("update users set external_id = '' where id in (3, 4)")
    assert lint.duplicates(connection, "external_id") == [(1, 2, "shared")]
