"""Users whom the target had before: ask, adopt or skip; and never a stranger's."""

from pathlib import Path

import pytest

from cockpit.state import check, summary, users
from tests.jobs.remote import Remote
from tests.jobs.world import UNLIMITED, World, person, seed

OURS = {"external_id": person(1).source_id, "email": person(1).email}
BY_EMAIL = {"email": f" {str(person(1).email).upper()}"}
STRANGER = {"email": person(1).email, "external_id": "crm-77"}
OTHER_EMAIL = {"email": "moved@example.com", "external_id": person(1).source_id}

BEFORE = "a user with this e-mail was at the target before"
THEIRS = "the e-mail belongs to a user with another external id"
MOVED = "the external id belongs to a user with another e-mail"


def imported(folder: Path, target: Remote, on_conflict: str, **there: object) -> World:
    """Two users imported, the first of whom the target had in this shape."""
    target.create(**there)
    world = World(folder, target.base_url, f'{UNLIMITED}[import]\non_conflict = "{on_conflict}"\n')
    seed(world.state, [person(1), person(2)])
    world.run_here("import")
    connection = world.read()
    assert check.check(connection) == []
    connection.close()
    return world


@pytest.mark.parametrize("there", [OURS, BY_EMAIL], ids=["by id", "by e-mail"])
@pytest.mark.parametrize(
    ("on_conflict", "state", "exit_code"),
    [("ask", "failed", 3), ("adopt", "adopted", 0), ("skip", "skipped", 0)],
)
def test_somebody_who_was_there_is_left_to_a_person_adopted_or_skipped(
    tmp_path: Path, target: Remote, on_conflict: str, state: str, exit_code: int, there: dict[str, str]
) -> None:
    world = imported(tmp_path, target, on_conflict, **there)
    assert world.counts() == {state: 1, "imported": 1}
    assert (world.job("import").result or {})["exit"] == exit_code
    assert len(target.users()) == 2
    if state == "failed":
        assert world.ask("select class, title from errors") == [("conflict", BEFORE)]
    else:
        assert world.ask("select target_id is not null from operations") == [1, 1]


def test_who_is_adopted_by_email_is_linked_and_keeps_what_was_theirs(tmp_path: Path, target: Remote) -> None:
    imported(tmp_path, target, "adopt", **BY_EMAIL, first_name="Theirs")
    linked = target.get(person(1).source_id)
    assert (linked["email"], linked["first_name"]) == (person(1).email, "Theirs")
    assert [user["password"] for user in target.users()] == [None, "bcrypt"]


def test_who_is_skipped_is_not_touched(tmp_path: Path, target: Remote) -> None:
    imported(tmp_path, target, "skip", **BY_EMAIL)
    assert target.users()[0]["external_id"] is None


@pytest.mark.parametrize("on_conflict", ["ask", "adopt", "skip"])
@pytest.mark.parametrize(("there", "why"), [(STRANGER, THEIRS), (OTHER_EMAIL, MOVED)])
def test_somebody_elses_user_is_never_taken_for_ours(
    tmp_path: Path, target: Remote, on_conflict: str, there: dict[str, str], why: str
) -> None:
    world = imported(tmp_path, target, on_conflict, **there)
    assert world.counts() == {"failed": 1, "imported": 1}
    assert world.ask("select class, title from errors") == [("conflict", why)]
    assert {user["external_id"] for user in target.users()} == {there["external_id"], person(2).source_id}


def test_the_password_of_an_adopted_user_is_not_shown_as_carried(tmp_path: Path, target: Remote) -> None:
    world = imported(tmp_path, target, "adopt", **OURS)
    connection = world.read()
    told = summary.read(connection).passwords
    connection.close()
    assert (told.carried, told.unsupported) == (1, 1)
    assert told.by_reason == {users.ADOPTED: 1}


def test_a_conflict_that_was_settled_at_the_target_goes_by_retry(tmp_path: Path, target: Remote) -> None:
    world = imported(tmp_path, target, "ask", **STRANGER)
    (stranger,) = [user for user in target.users() if user["external_id"] == "crm-77"]
    target.call("DELETE", f"/user_management/users/{stranger['id']}")
    (tmp_path / "errors.jsonl").rename(tmp_path / "some.jsonl")
    job = world.run_here("import", only=str(tmp_path / "some.jsonl"))
    assert job.result is not None
    assert job.result["exit"] == 0
    assert world.counts() == {"imported": 2}
