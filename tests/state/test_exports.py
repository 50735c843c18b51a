"""Exports: a page is stored whole, counted right, and may be read again."""

import json
import sqlite3

from cockpit.state import check, exports, journal, users
from cockpit.state.journal import USER
from cockpit.terms import RawItem
from tests.jobs.world import person
from tests.state import people
from tests.state.people import BATCH, page, raw


def commit(connection: sqlite3.Connection, *items: RawItem, **more: str | None) -> tuple[int, int]:
    """Commit a page of the export that is open; the sums must hold."""
    export = exports.begin(connection, 1).id
    counted = exports.commit_page(connection, export, page(*items, **more), BATCH, 2)  # type: ignore[arg-type]
    assert check.check(connection) == []
    return counted


def bodies(connection: sqlite3.Connection) -> dict[str, str]:
    return dict(connection.execute("select source_id, body from raw").fetchall())


def test_fresh_records_are_ready_at_once(connection: sqlite3.Connection) -> None:
    assert commit(connection, raw("a"), raw("b")) == (2, 0)
    assert journal.counts(connection, USER)["ready"] == 2
    assert exports.records(connection) == (2, 0, 0)


def test_records_are_kept_byte_for_byte(connection: sqlite3.Connection) -> None:
    odd = '{"user_id":  "a",\t"n": 1.50, "n": "\\u00e9 é \\u0000 \U0001f600"}'
    commit(connection, RawItem("a", odd))
    assert bodies(connection) == {"a": odd}


def test_the_same_id_twice_in_a_page_is_one_user_and_one_merged(connection: sqlite3.Connection) -> None:
    assert commit(connection, raw("a"), raw("b"), raw("a", later=True)) == (2, 1)
    assert exports.records(connection) == (3, 1, 0)
    assert '"later": true' in bodies(connection)["a"]


def test_a_record_without_an_id_is_held_and_counted(connection: sqlite3.Connection) -> None:
    assert commit(connection, raw("a"), RawItem("", '{"email": "nobody"}')) == (1, 0)
    assert exports.records(connection) == (2, 0, 1)
    assert connection.execute("select reason, body from held").fetchall() == [
        ("no id", '{"email": "nobody"}')
    ]


def test_a_page_that_is_read_again_changes_nothing_but_what_was_read(connection: sqlite3.Connection) -> None:
    commit(connection, raw("a"), raw("b"), following="1")
    people.save(connection, [person(0, source_id=key) for key in "ab"])
    assert commit(connection, raw("a"), raw("b"), following="1") == (0, 2)
    assert users.unmapped(connection, 0, 10) == []
    assert exports.records(connection) == (4, 2, 0)
    one, two = exports.page_rows(connection, exports.page_ids(connection))
    assert (one.checksum, one.fresh, two.fresh) == (two.checksum, 2, 0)


def test_a_changed_record_replaces_the_stored_one_and_is_mapped_anew(connection: sqlite3.Connection) -> None:
    commit(connection, raw("a"), raw("b"))
    people.save(connection, [person(0, source_id=key) for key in "ab"])
    assert commit(connection, raw("a"), raw("b", plan="pro")) == (0, 2)
    assert [record.source_id for record in users.unmapped(connection, 0, 10)] == ["b"]


def test_each_chain_goes_on_where_its_last_page_left_it(connection: sqlite3.Connection) -> None:
    export = exports.begin(connection, 1).id
    assert exports.position(connection, export, "x") == (False, None)
    commit(connection, raw("a"), chain="x", cursor="0", following="1")
    commit(connection, raw("b"), chain="y", cursor="0", following=None)
    assert exports.position(connection, export, "x") == (False, "1")
    assert exports.position(connection, export, "y") == (True, None)


def test_an_export_goes_on_until_it_is_complete_and_then_a_new_one_begins(
    connection: sqlite3.Connection,
) -> None:
    first = exports.begin(connection, 1)
    assert exports.begin(connection, 2).id == first.id
    exports.complete(connection, first.id, "complete", 0, 3)
    second = exports.begin(connection, 4)
    assert second.id > first.id
    assert exports.position(connection, second.id, "") == (False, None)


def test_batches_hold_neighbours_whatever_page_they_came_in(connection: sqlite3.Connection) -> None:
    for start in range(0, 25, 7):
        commit(connection, *(raw(f"{n:03}") for n in range(start, min(start + 7, 25))), cursor=str(start))
    totals = connection.execute("select n, total from batches order by n").fetchall()
    assert totals == [(0, 10), (1, 10), (2, 5)]


def test_an_export_knows_its_bytes_pages_and_the_sources_own_total(connection: sqlite3.Connection) -> None:
    export = exports.begin(connection, 1).id
    for total in (None, 77, None):
        exports.commit_page(connection, export, page(raw("a"))._replace(total=total), BATCH, 2)
    latest = exports.latest(connection)
    assert latest is not None
    assert (latest.pages, latest.bytes, latest.total, latest.read) == (3, 300, 77, 3)


def part(person: str, name: str, **fields: str) -> RawItem:
    return RawItem(person, json.dumps({"name": name, **fields}), name)


def test_records_of_one_person_are_one_user_with_all_of_them(connection: sqlite3.Connection) -> None:
    assert commit(connection, part("ana", "m1"), part("bo", "m2"), following="1") == (2, 0)
    assert commit(connection, part("ana", "m3"), cursor="1") == (0, 1)
    assert json.loads(bodies(connection)["ana"]) == {"m1": {"name": "m1"}, "m3": {"name": "m3"}}
    assert exports.records(connection) == (3, 1, 0)
    assert exports.seen(connection, 1) == 3


def test_a_record_of_a_person_that_changed_replaces_itself_alone(connection: sqlite3.Connection) -> None:
    commit(connection, part("ana", "m1"), part("ana", "m3"))
    commit(connection, part("ana", "m1", role="admin"))
    assert json.loads(bodies(connection)["ana"]) == {
        "m1": {"name": "m1", "role": "admin"},
        "m3": {"name": "m3"},
    }
    assert exports.seen(connection, 1) == 2


def names(connection: sqlite3.Connection) -> dict[int, tuple[str, set[str]]]:
    """Every raw record: its row, whose it is, and the records in it."""
    rows = connection.execute("select id, source_id, body from raw").fetchall()
    return {row: (person, set(json.loads(body))) for row, person, body in rows}


def test_who_changes_the_email_of_every_record_stays_the_same_user(connection: sqlite3.Connection) -> None:
    commit(connection, part("ana", "m1"), part("ana", "m2"), part("bo", "m3"))
    people.save(connection, [person(0, source_id=key) for key in ("ana", "bo")])
    assert commit(connection, part("anna", "m1"), part("anna", "m2"), part("bo", "m3")) == (0, 3)
    assert names(connection) == {1: ("anna", {"m1", "m2"}), 2: ("bo", {"m3"})}
    assert [left.source_id for left in users.unmapped(connection, 0, 10)] == ["anna"]


def test_a_record_that_becomes_another_persons_leaves_the_one_it_was_of(
    connection: sqlite3.Connection,
) -> None:
    commit(connection, part("ana", "m1"), part("ana", "m2"), part("bo", "m3"))
    people.save(connection, [person(0, source_id=key) for key in ("ana", "bo")])
    assert commit(connection, part("ana", "m1"), part("bo", "m2"), part("bo", "m3")) == (0, 3)
    assert names(connection) == {1: ("ana", {"m1"}), 2: ("bo", {"m2", "m3"})}
    assert [left.source_id for left in users.unmapped(connection, 0, 10)] == ["ana", "bo"]


def test_whose_only_record_went_to_somebody_else_is_left_for_the_diff_to_find(
    connection: sqlite3.Connection,
) -> None:
    commit(connection, part("ana", "m1"), part("bo", "m2"))
    assert commit(connection, part("bo", "m1"), part("bo", "m2")) == (0, 2)
    assert names(connection) == {1: ("ana", {"m1"}), 2: ("bo", {"m1", "m2"})}


def test_what_an_export_has_seen_is_counted_once_and_anew_the_next_time(
    connection: sqlite3.Connection,
) -> None:
    commit(connection, raw("a"), raw("b"), raw("a"), following="1")
    commit(connection, raw("b"), raw("c"), cursor="1")
    assert exports.seen(connection, 1) == 3
    exports.complete(connection, 1, "open", -1, 3)
    commit(connection, raw("a"), raw("c"), raw("d"))
    assert exports.seen(connection, 2) == 3
    latest = exports.latest(connection)
    assert latest is not None and latest.standing == "not finished"
