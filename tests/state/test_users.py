"""Users: their mappings, what is known of their passwords, and how they are found."""

import sqlite3
from collections import Counter

import pytest

from cockpit.records import Password, User
from cockpit.state import exports, users
from cockpit.state.start_over import start_over
from tests.jobs.world import HASH, person
from tests.state import people

OTHER_HASH = HASH[:-1] + "x"
LOST = Password.unsupported("no hash to be had")


def password_counts(connection: sqlite3.Connection) -> Counter[tuple[str, str, str]]:
    """The counters, checked against the rows."""
    told: Counter[tuple[str, str, str]] = Counter()
    for state, kind, why, n in users.passwords_by(connection):
        told[state, kind, why] = n
    rows = connection.execute(
        "select password_state, coalesce(password_type, ''), coalesce(password_reason, '') from users"
    ).fetchall()
    assert told == Counter(rows)
    return told


def change(connection: sqlite3.Connection, user: User, **record: object) -> None:
    """The source's record changed, and this is what it maps to now."""
    number = connection.execute("select max(id) from exports").fetchone()[0]
    exports.commit_page(
        connection, number, people.page(people.raw(user.source_id, **record)), people.BATCH, 5
    )
    people.save(connection, [user])


def hash_sent(connection: sqlite3.Connection) -> str | None:
    return people.claim(connection)[0].hash


def test_a_record_waits_for_its_mapping_once(connection: sqlite3.Connection) -> None:
    people.export(connection, [person(1), person(2)])
    waiting = users.unmapped(connection, 0, 10)
    assert [(record.source_id, record.state, record.mapped_before) for record in waiting] == [
        ("auth0|000001", "ready", False),
        ("auth0|000002", "ready", False),
    ]
    assert [record.id for record in users.unmapped(connection, waiting[0].id, 10)] == [waiting[1].id]
    people.save(connection, [person(1), person(2)])
    assert users.unmapped(connection, 0, 10) == []


def test_a_changed_record_waits_again(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1))
    change(connection, person(1, email="new@example.com"), plan="pro")
    (row,) = users.rows(connection, [1])
    assert row.email == "new@example.com"


def test_password_counters_follow_every_mapping(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1), person(2, password=LOST), person(3, password=Password()))
    assert password_counts(connection) == {
        ("carried", "bcrypt", ""): 1,
        ("unsupported", "", "no hash to be had"): 1,
        ("absent", "", ""): 1,
    }
    change(connection, person(2), now="with a hash")
    assert password_counts(connection) == {("carried", "bcrypt", ""): 2, ("absent", "", ""): 1}


def test_a_hash_that_the_source_no_longer_has_is_not_sent(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1))
    change(connection, person(1, password=LOST), now="without")
    assert password_counts(connection) == {("unsupported", "", "no hash to be had"): 1}
    assert hash_sent(connection) is None


def test_a_hash_from_a_file_outlives_a_new_mapping(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1, password=LOST))
    assert users.load_password(connection, 1, "bcrypt", OTHER_HASH, "passwords.ndjson")
    assert password_counts(connection) == {("carried", "bcrypt", ""): 1}
    change(connection, person(1, password=LOST), plan="pro")
    assert password_counts(connection) == {("carried", "bcrypt", ""): 1}
    assert hash_sent(connection) == OTHER_HASH


def test_a_hash_that_comes_after_the_user_does_not_count_as_carried(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1, password=LOST))
    people.settle(connection, people.claim(connection), "imported")
    assert not users.load_password(connection, 1, "bcrypt", HASH, "passwords.ndjson")
    assert password_counts(connection) == {("unsupported", "", "no hash to be had"): 1}
    start_over(connection)  # to another target it goes along
    assert password_counts(connection) == {("carried", "bcrypt", ""): 1}


def test_the_password_of_an_adopted_user_never_counts_as_carried(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1), person(2, password=Password()))
    people.settle(connection, people.claim(connection), "adopted")
    adopted = {("unsupported", "", users.ADOPTED): 1, ("absent", "", ""): 1}
    assert password_counts(connection) == adopted
    change(connection, person(1), plan="pro")
    assert password_counts(connection) == adopted
    start_over(connection)
    assert password_counts(connection) == {("carried", "bcrypt", ""): 1, ("absent", "", ""): 1}
    assert hash_sent(connection) == HASH


def test_only_users_still_to_send_wait_for_a_decision(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1, password=LOST))
    assert users.without_hash(connection) == [("no hash to be had", 1)]
    people.settle(connection, people.claim(connection), "imported")
    assert users.without_hash(connection) == []


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("%", [1]),
        ("_", [2]),
        ("\\", [3]),
        ("100%", [1]),
        ("a_b", [2]),
        ("USER3@", [3]),
        ("auth0|00000", [1, 2, 3]),
        ("o'clock\" --", [4]),
        ("", [1, 2, 3, 4]),
    ],
)
def test_a_search_finds_the_text_itself(
    connection: sqlite3.Connection, search: str, found: list[int]
) -> None:
    people.have(
        connection,
        person(1, name="100% Ana"),
        person(2, email="a_b@example.com"),
        person(3, name="back\\slash"),
        person(4, source_id="x", email="four@example.com", name="five o'clock\" -- Díaz"),
    )
    assert users.ids(connection, search=search) == found


def test_a_list_has_the_order_and_the_states_asked_for(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1, email="b@x.example"), person(2, email="a@x.example"), person(3))
    people.settle(connection, people.claim(connection)[:1], "imported", target_id="user_1")
    assert users.ids(connection, order="email") == [2, 1, 3]
    assert users.ids(connection, state="imported") == [1]
    assert [row.id for row in users.rows(connection, [3, 99, 1])] == [3, 1]
    assert users.rows(connection, [1])[0].target_id == "user_1"


def test_a_user_is_found_by_id_and_by_email_in_any_case(connection: sqlite3.Connection) -> None:
    people.have(connection, person(1))
    assert users.find(connection, "auth0|000001") == 1
    assert users.find(connection, " USER1@Example.com") == 1
    assert users.find(connection, "nobody") is None


def test_a_user_is_shown_whole(connection: sqlite3.Connection) -> None:
    people.export(connection, [person(1)])
    bare = users.show(connection, 1)
    assert bare is not None
    assert (bare.source, bare.request, bare.row.email) == ('{"user_id": "auth0|000001"}', None, None)
    people.save(connection, [person(1)])
    whole = users.show(connection, 1)
    assert whole is not None
    assert '"email":"user1@example.com"' in str(whole.request)
    assert HASH not in repr(whole)
    assert users.show(connection, 99) is None
