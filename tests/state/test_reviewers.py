"""Who is on what."""

import sqlite3

from cockpit.state import reviewers
from cockpit.state.error_filter import LEASE_MS


def test_one_is_on_a_group_until_one_releases_it(connection: sqlite3.Connection) -> None:
    assert reviewers.take(connection, "group", "422:x", "ana", 1000) is None
    other = reviewers.take(connection, "group", "422:x", "bo", 2000)
    assert other is not None
    assert (other.operator, other.at) == ("ana", 1000)
    assert reviewers.take(connection, "error", "7", "bo", 2000) is None
    assert [(r.scope, r.key, r.operator) for r in reviewers.alive(connection, 2000)] == [
        ("error", "7", "bo"),
        ("group", "422:x", "ana"),
    ]
    assert not reviewers.release(connection, "group", "422:x", "bo")
    assert reviewers.release(connection, "group", "422:x", "ana")
    assert reviewers.take(connection, "group", "422:x", "bo", 3000) is None


def test_without_a_sign_of_life_it_ends(connection: sqlite3.Connection) -> None:
    reviewers.take(connection, "group", "422:x", "ana", 1000)
    reviewers.take(connection, "group", "422:x", "ana", 5000)
    assert reviewers.take(connection, "group", "422:x", "bo", 1000 + LEASE_MS) is not None
    assert reviewers.alive(connection, 5000 + LEASE_MS) == []
    assert reviewers.take(connection, "group", "422:x", "bo", 5000 + LEASE_MS) is None
