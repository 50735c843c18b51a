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
from cockpit.state import check
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


def load_file(world: World, content: bytes, name: str = "hashes.ndjson") -> LoadReport:
    """The file loaded; the state is sound afterwards."""
    file = world.state.parent / name
    file.write_bytes(content)
    settings = load(world.config, world.state)
    report = passwords.load(world.state, settings, file, operator="ada", clock=SystemClock())
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
