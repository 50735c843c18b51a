"""Conflicts that a reviewer settles, roles that one chooses, hashes left out, and who is written to."""

import json
from pathlib import Path
from typing import Any

import pytest

from cockpit.jobs import lint
from cockpit.jobs.block import block
from cockpit.jobs.lint import SourceMapping
from cockpit.rules.fields import DROPPED
from cockpit.rules.fixes import made
from cockpit.rules.lint import Finding
from cockpit.state import fix, resets, users
from cockpit.state.fix import Edit, NotFixable
from tests.jobs import reviewing
from tests.jobs.companies import MAPPERS, membership, organization, store
from tests.jobs.remote import Remote
from tests.jobs.reviewing import record, still_open, undo, writing
from tests.jobs.world import HASH, UNLIMITED, World, person, seed

THERE = {"email": "user1@example.com", "first_name": "Theirs"}
STRANGER = {**THERE, "external_id": "crm-1"}


def merge(world: World, choice: Any, *errors: int) -> int:
    with writing(world) as connection:
        return fix.merge(
            connection, errors or still_open(world), choice, operator="ana", batch_size=100, now=50
        )


def exit_of(world: World, kind: Any = "import", **args: Any) -> int:
    result = world.run_here(kind, **args).result
    assert result is not None
    return int(result["exit"])


def in_conflict(world: World, target: Remote, **there: str) -> None:
    """Users 1 and 2 are exported; the target has the first one's e-mail."""
    target.create(**there)
    reviewing.export(world, [record(1), record(2)])
    assert exit_of(world) == 3
    assert world.counts() == {"failed": 1, "imported": 1}


@pytest.fixture
def world(tmp_path: Path, target: Remote) -> World:
    return World(tmp_path, target.base_url, UNLIMITED)


def test_adopted_the_user_at_the_target_is_ours(world: World, target: Remote) -> None:
    in_conflict(world, target, **THERE)
    assert merge(world, "adopt") == 1
    assert world.counts() == {"ready": 1, "imported": 1}
    assert exit_of(world) == 0
    assert world.counts() == {"adopted": 1, "imported": 1}
    assert target.get("auth0|1")["first_name"] == "Theirs"
    assert len(target.users()) == 2


def test_adopting_does_not_take_a_strangers_user(world: World, target: Remote) -> None:
    in_conflict(world, target, **STRANGER)
    merge(world, "adopt")
    assert exit_of(world) == 3
    assert target.get("crm-1")["email"] == "user1@example.com"


def test_linked_the_operation_has_that_users_id_and_nothing_there_changes(
    world: World, target: Remote
) -> None:
    in_conflict(world, target, **STRANGER)
    merge(world, "link")
    assert exit_of(world) == 0
    before = target.get("crm-1")
    ((state, target_id),) = world.ask("select state, target_id from operations where subject = 1")
    assert (state, target_id) == ("adopted", before["id"])
    reviewing.export(world, [record(1, given_name="Changed")])
    assert exit_of(world, kinds=["user", "user update"]) == 0
    assert target.get("crm-1") == before, "a later sync writes nothing to it either"


def test_until_it_is_sent_a_merge_is_undone(world: World, target: Remote) -> None:
    in_conflict(world, target, **STRANGER)
    merge(world, "link")
    assert undo(world).restored == 1
    assert world.counts() == {"failed": 1, "imported": 1}
    assert exit_of(world) == 3
    assert world.counts() == {"failed": 1, "imported": 1}, "it was not linked"


def test_skipped_it_is_left_behind(world: World, target: Remote) -> None:
    in_conflict(world, target, **STRANGER)
    merge(world, "skip")
    assert world.counts() == {"skipped": 1, "imported": 1}
    assert exit_of(world) == 0


def test_of_two_users_of_the_source_the_second_is_linked_once_the_first_has_arrived(
    world: World, target: Remote
) -> None:
    reviewing.export(world, [record(1), record(2, email="USER1@example.com")])
    world.run_here("lint")
    with pytest.raises(NotFixable, match="not at the target yet"):
        merge(world, "link")
    with pytest.raises(NotFixable, match="both users are of this source"):
        merge(world, "adopt")
    assert exit_of(world) == 3
    merge(world, "link")
    assert exit_of(world) == 0
    assert world.counts() == {"imported": 1, "adopted": 1}
    (user,) = target.users()
    assert world.ask("select target_id from operations order by id") == [user["id"], user["id"]]


def test_only_open_conflicts_of_users_are_merged(world: World, target: Remote) -> None:
    reviewing.export(world, [record(1, email="bad@@")])
    world.run_here("lint")
    with pytest.raises(NotFixable, match="no open conflict"):
        merge(world, "link")


def person_of(raw: Any) -> Any:
    return person(int(str(raw["user_id"]).rpartition("|")[2]))


@pytest.fixture
def companies(world: World, target: Remote, monkeypatch: pytest.MonkeyPatch) -> World:
    """Two members of an organization with two roles each, at a target that allows one."""

    async def mapping(_: object) -> SourceMapping:
        return SourceMapping(person_of, MAPPERS)

    monkeypatch.setattr(lint, "mapping_of", mapping)
    target.configure(multiple_roles=False)
    seed(world.state, [person(1), person(2)])
    store(world.state, "organization", [organization(1)])
    store(world.state, "membership", [membership(n, 1, ("admin", "member")) for n in (1, 2)])
    assert exit_of(world) == 3
    return world


def roles(world: World) -> list[Any]:
    return [json.loads(text) for text in world.ask("select request from resources where kind = 'membership'")]


def test_a_role_is_chosen_for_one_membership(companies: World, target: Remote) -> None:
    first, second = still_open(companies)
    with writing(companies) as connection:
        fix.edit(connection, first, Edit({"role_slugs": ["member"]}), operator="ana", now=50)
    assert exit_of(companies) == 3
    assert roles(companies) == [{"role_slug": "member"}, {"role_slugs": ["admin", "member"]}]
    assert still_open(companies) == [second]
    assert target.stats()["memberships"] == 1


def test_of_a_whole_group_the_first_role_is_kept(companies: World, target: Remote) -> None:
    (cause,) = set(companies.ask("select fingerprint from errors"))
    reviewing.by_rule(companies, made(cause, "first", "role_slugs"))
    assert exit_of(companies) == 0
    assert roles(companies) == [{"role_slug": "admin"}] * 2
    assert target.stats()["memberships"] == 2


def test_what_the_target_refused_of_a_membership_is_undone(companies: World, target: Remote) -> None:
    (cause,) = set(companies.ask("select fingerprint from errors"))
    reviewing.by_rule(companies, made(cause, "first", "role_slugs"))
    assert undo(companies).restored == 2
    assert len(still_open(companies)) == 2
    assert roles(companies) == [{"role_slugs": ["admin", "member"]}] * 2


def test_roles_that_nobody_defines_are_not_edited_here(companies: World) -> None:
    with writing(companies) as connection:
        connection.execute("update resources set mapped = 0 where kind = 'membership'")
    companies.run_here("lint")
    with writing(companies) as connection:
        operation, subject = connection.execute(
            "select o.id, o.subject from operations o where o.kind = 'role'"
        ).fetchone()
        rule = Finding("slug_missing", "error", "no letter", "slug")
        block(connection, "role", operation, subject, rule, 100, 50)
    (error,) = still_open(companies, kind="role")
    with pytest.raises(NotFixable, match="others only name it"), writing(companies) as connection:
        fix.edit(connection, error, Edit({"name": "X"}), operator="ana", now=50)


def test_left_out_a_hash_is_not_sent_and_comes_back_when_it_is_undone(world: World, target: Remote) -> None:
    reviewing.export(world, [record(1, email="bad@@")])
    world.run_here("lint")
    with writing(world) as connection:
        assert users.load_password(connection, 1, "bcrypt", HASH, "hashes.ndjson")
        (error,) = still_open(world)
        values = {"email": "a@example.com", "password_hash": None}
        fix.edit(connection, error, Edit(values), operator="ana", now=50)
    world.run_here("lint")
    assert world.ask("select password_state, password_reason from users") == [("unsupported", DROPPED)]
    undo(world)
    assert world.ask("select password_state, password_type from users") == [("carried", "bcrypt")]
    reviewing.edit(world, still_open(world)[0], email="a@example.com", password_hash=None)
    assert exit_of(world) == 0
    assert [user["password"] for user in target.users()] == [None]


def test_whoever_is_marked_is_written_to_once_arrived(world: World, target: Remote) -> None:
    world.config.write_text(f'{UNLIMITED}[passwords]\nmailer = "workos"\nresets_per_min = 3000\n')
    in_conflict(world, target, **THERE)
    with writing(world) as connection:
        assert fix.mark_for_reset(connection, still_open(world), operator="ana", now=50) == 1
        assert fix.mark_for_reset(connection, still_open(world), operator="ana", now=50) == 0
    assert exit_of(world, "reset") == 0
    assert target.stats()["resets"] == {}
    merge(world, "adopt")
    exit_of(world)
    connection = world.read()
    assert resets.standings(connection, "ask") == [(resets.MARKED, 1, 0, 0, 0)]
    connection.close()
    assert exit_of(world, "reset") == 0
    assert target.stats()["resets"] == {"user1@example.com": 1}


def test_a_mark_is_undone(world: World, target: Remote) -> None:
    in_conflict(world, target, **THERE)
    with writing(world) as connection:
        fix.mark_for_reset(connection, still_open(world), operator="ana", now=50)
    undo(world)
    assert world.ask("select count(*) from reset_marks") == [0]
