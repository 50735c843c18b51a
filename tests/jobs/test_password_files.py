"""passwords load: whose hash it is, what is refused and shown of it, and which load has the last word."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock
from cockpit.jobs import passwords
from cockpit.jobs.passwords import TOO_LATE, LoadReport
from cockpit.records import Password
from cockpit.settings import SettingsError, load
from cockpit.state import check, password_plan, users
from cockpit.state.database import open_state, transaction
from cockpit.state.users import STALE
from tests.jobs.remote import Remote
from tests.jobs.world import HASH, World, person, seed

LOST = Password.unsupported("no hash in the export")
OTHER = HASH[:-1] + "a"
PHPASS = "$P$BabcdefghIJKLMNOPqrstuvwxyz0123"


@pytest.fixture
def world(tmp_path: Path, target: Remote) -> World:
    """Users 1 to 3 of the connection Users and 4 of none lost their hashes; 5 never had a password."""
    world = World(tmp_path, target.base_url)
    lost = [person(n, password=LOST, connection="Users") for n in (1, 2, 3)]
    seed(world.state, [*lost, person(4, password=LOST), person(5, password=Password())])
    return world


def line(number: int | None, hashed: str = HASH, **fields: Any) -> bytes:
    """A line of Auth0's file; without a number it names nobody."""
    named = {} if number is None else {"_id": {"$oid": f"{number:06}"}}
    return json.dumps({**named, "passwordHash": hashed, **fields}).encode() + b"\n"


def load_file(
    world: World, content: bytes, name: str = "hashes.ndjson", *, dated: int | None = None
) -> LoadReport:
    """The file loaded; the state is sound afterwards."""
    file = world.state.parent / name
    file.write_bytes(content)
    settings = load(world.config, world.state)
    clock = SystemClock()
    report = passwords.load(world.state, settings, file, operator="ada", clock=clock, dated=dated)
    connection = world.read()
    assert check.check(connection) == []
    connection.close()
    return report


def standing(world: World, number: int) -> Any:
    """What is known of a user's password: state, type, reason."""
    query = "select password_state, password_type, password_reason from users where external_id = ?"
    (row,) = world.ask(query, f"auth0|{number:06}")
    return row


def kept(world: World, number: int) -> Any:
    """The hash that is kept for a user and the file it is from, if any."""
    query = "select hash, origin from passwords join users u on u.id = user where external_id = ?"
    return next(iter(world.ask(query, f"auth0|{number:06}")), None)


CARRIED = ("carried", "bcrypt", None)
STILL_LOST = ("unsupported", None, "no hash in the export")


def test_a_hash_belongs_to_the_user_of_its_id_whatever_its_email_says(world: World) -> None:
    report = load_file(world, line(1, email="user2@example.com", connection="Users"))
    assert (report.matched, report.replaced, report.unmatched_file, report.unmatched_users) == (1, 0, 0, 3)
    assert standing(world, 1) == CARRIED
    assert kept(world, 1) == (HASH, "hashes.ndjson")
    assert standing(world, 2) == STILL_LOST


@pytest.mark.parametrize("ident", [None, 99])
def test_where_there_is_no_such_id_the_email_within_its_connection_tells(
    world: World, ident: int | None
) -> None:
    report = load_file(world, line(ident, email=" USER2@Example.com", connection="Users"))
    assert report.matched == 1
    assert standing(world, 2) == CARRIED


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "user2@example.com", "connection": "Others"},
        {"email": "user2@example.com"},
        {"email": "user4@example.com", "connection": "Users"},
        {"email": "nobody@example.com", "connection": "Users"},
    ],
)
def test_an_email_of_another_connection_is_nobody(world: World, fields: dict[str, str]) -> None:
    report = load_file(world, line(None, **fields))
    assert (report.matched, report.unmatched_file, report.unmatched_users) == (0, 1, 4)


def test_where_neither_the_file_nor_the_user_has_a_connection_the_email_is_enough(world: World) -> None:
    assert load_file(world, line(None, email="user4@example.com")).matched == 1
    assert standing(world, 4) == CARRIED


def test_two_users_with_that_email_and_connection_are_not_told_apart(tmp_path: Path, target: Remote) -> None:
    world = World(tmp_path, target.base_url)
    twins = [person(n, password=LOST, email="twin@example.com", connection="Users") for n in (1, 2)]
    seed(world.state, twins)
    report = load_file(world, line(None, email="twin@example.com", connection="Users"))
    assert (report.matched, report.unmatched_file, report.unmatched_users) == (0, 1, 2)


def test_a_line_without_an_email_is_not_everybody_without_one(tmp_path: Path, target: Remote) -> None:
    world = World(tmp_path, target.base_url)
    seed(world.state, [person(1, password=LOST, email=None)])
    assert load_file(world, line(99)).unmatched_file == 1


def test_a_hash_that_is_refused_is_counted_by_reason_and_shown_as_the_users(world: World) -> None:
    report = load_file(world, line(1, PHPASS) + line(2, PHPASS) + line(3) + b"{broken\n")
    reason = "not bcrypt: it does not begin with $2a$, $2b$ or $2y$"
    assert report.refused == {reason: 2, "not JSON": 1}
    assert (report.matched, report.unmatched_users) == (1, 3)
    assert standing(world, 1) == ("unsupported", None, reason)
    assert kept(world, 1) is None
    assert world.ask("select n from password_counts where reason = ?", reason) == [2]


def test_what_is_refused_of_a_stranger_is_only_unmatched(world: World) -> None:
    report = load_file(world, line(99, PHPASS))
    assert (report.unmatched_file, report.refused) == (1, {})


def test_a_user_thought_to_have_none_had_a_password_after_all(world: World) -> None:
    load_file(world, line(5))
    assert standing(world, 5) == CARRIED


def test_a_second_file_replaces_the_first(world: World) -> None:
    load_file(world, line(1) + line(2), "first.ndjson")
    report = load_file(world, line(1, OTHER) + line(3), "second.ndjson.gz")
    assert (report.matched, report.replaced, report.unmatched_users) == (2, 1, 1)
    assert kept(world, 1) == (OTHER, "second.ndjson.gz")
    assert kept(world, 2) == (HASH, "first.ndjson")


def test_a_refused_hash_does_not_take_a_good_one_away(world: World) -> None:
    load_file(world, line(1))
    assert sum(load_file(world, line(1, PHPASS)).refused.values()) == 1
    assert standing(world, 1) == CARRIED
    assert kept(world, 1) == (HASH, "hashes.ndjson")


def test_a_good_hash_takes_the_place_of_a_refused_one(world: World) -> None:
    load_file(world, line(1, PHPASS))
    report = load_file(world, line(1))
    assert (report.matched, report.replaced) == (1, 0)
    assert standing(world, 1) == CARRIED


def test_the_same_file_again_changes_nothing(world: World) -> None:
    content = gzip.compress(line(1) + line(2, PHPASS) + line(99))
    first, again = load_file(world, content), load_file(world, content)
    assert (first.replaced, again.replaced) == (0, 1)
    assert sum(first.refused.values()) == 1
    assert (again.matched, again.unmatched_file, again.refused) == (1, 1, first.refused)


def test_a_hash_comes_too_late_for_whom_the_target_has_without_it_or_with_another(
    world: World, target: Remote
) -> None:
    load_file(world, line(1))
    result = world.run_here("import").result
    assert result is not None and result["exit"] == 0
    report = load_file(world, line(1, OTHER) + line(2))
    assert report.refused == {TOO_LATE: 2}
    assert standing(world, 1) == CARRIED
    assert standing(world, 2) == STILL_LOST


def test_a_file_that_breaks_off_keeps_what_was_read_and_says_so(world: World) -> None:
    with pytest.raises(SettingsError, match="breaks off"):
        load_file(world, gzip.compress(line(1))[:-9])
    assert standing(world, 2) == STILL_LOST


def test_there_is_no_such_file(world: World) -> None:
    settings = load(world.config, world.state)
    with pytest.raises(SettingsError, match="no such file"):
        passwords.load(
            world.state, settings, world.state.parent / "none", operator="ada", clock=SystemClock()
        )


def test_a_load_leaves_its_mark_and_no_hash_in_the_audit(world: World) -> None:
    load_file(world, line(1) + line(99))
    rows = world.ask("select operator, action, subject, after from audit where action = 'passwords.load'")
    assert rows == [("ada", "passwords.load", "hashes.ndjson", "1 matched, 1 unmatched")]


# passwords that were changed after the file's date

CHANGED = 1_772_359_200_000
"""2026-03-01 10:00 UTC: when the users of `changed` last changed their passwords."""
REFUSED = ("unsupported", None, STALE)


@pytest.fixture
def changed(tmp_path: Path, target: Remote) -> World:
    """Users 1 and 2, who changed their passwords at that moment, and 3, of whom nobody says so."""
    world = World(tmp_path, target.base_url)
    seed(
        world.state, [*(person(n, password=LOST.changed(CHANGED)) for n in (1, 2)), person(3, password=LOST)]
    )
    return world


@pytest.mark.parametrize(("dated", "refused"), [(CHANGED - 1, 2), (CHANGED, 0), (None, 0)])
def test_a_hash_is_refused_when_the_password_was_changed_after_the_files_date(
    changed: World, dated: int | None, refused: int
) -> None:
    report = load_file(changed, line(1) + line(2) + line(3), dated=dated)
    assert report.refused == ({STALE: refused} if refused else {})
    assert report.matched == 3 - refused
    assert standing(changed, 1) == (REFUSED if refused else CARRIED)
    assert kept(changed, 1) == (None if refused else (HASH, "hashes.ndjson"))
    assert standing(changed, 3) == CARRIED


def test_what_an_entry_says_of_its_date_goes_before_the_files(changed: World) -> None:
    same: Any = {"password_set_date": {"$date": "2026-03-01T09:59:59.700Z"}}  # noted twice
    older: Any = {"password_set_date": {"$date": "2026-02-01T00:00:00Z"}}
    report = load_file(changed, line(1, **same) + line(2, **older), dated=CHANGED + 1)
    assert (standing(changed, 1), standing(changed, 2)) == (CARRIED, REFUSED)
    assert report.refused == {STALE: 1}


def test_they_are_a_group_of_the_plan(changed: World) -> None:
    load_file(changed, line(1) + line(2) + line(3), dated=CHANGED - 1)
    connection = changed.read()
    (group,) = password_plan.groups(connection, "ask")
    connection.close()
    assert (group.reason, group.users) == (STALE, 2)


def again(world: World, number: int, at: int | None) -> None:
    """The user's record says so of the password now, and is mapped anew."""
    connection = open_state(world.state)
    with transaction(connection):
        (subject,) = connection.execute(
            "select id from raw where source_id = ?", (f"auth0|{number:06}",)
        ).fetchone()
        connection.execute("update users set page = 0 where id = ?", (subject,))
        raws = [raw for raw in users.unmapped(connection, 0, 10) if raw.id == subject]
        users.save(connection, [(raws[0], person(number, password=LOST.changed(at)))])
    connection.close()


def test_a_password_that_is_changed_after_the_load_takes_its_hash_with_it(changed: World) -> None:
    load_file(changed, line(1) + line(3), dated=CHANGED + 5)
    again(changed, 1, CHANGED)
    assert standing(changed, 1) == CARRIED
    for _ in range(2):  # the reason outlives another change of the record
        again(changed, 1, CHANGED + 6)
        assert (standing(changed, 1), kept(changed, 1)) == (REFUSED, None)
    assert standing(changed, 3) == CARRIED
    report = load_file(changed, line(1, OTHER), "newer.ndjson", dated=CHANGED + 7)
    assert (report.matched, standing(changed, 1)) == (1, CARRIED)
