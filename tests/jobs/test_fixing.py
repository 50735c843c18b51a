"""Edits and rules over what the source says: kept across exports, undone until they are sent."""

import json
from pathlib import Path
from typing import Any

import pytest

from cockpit.rules.fields import NotEditable
from cockpit.rules.fixes import made
from cockpit.rules.toml import rule_tables
from cockpit.state import decisions, fix, overlays
from cockpit.state.decisions import NotUndone
from cockpit.state.fix import Edit, NotFixable
from tests.jobs import reviewing
from tests.jobs.remote import Remote
from tests.jobs.reviewing import METADATA, by_rule, edit, record, requests, still_open, undo, writing
from tests.jobs.world import UNLIMITED, World

LONG = {"app_metadata": {"bio": "x" * 700, "plan": "team"}}
TOO_LONG = "lint:metadata_value_too_long"
CUT = made(TOO_LONG, "cut", "metadata.bio")


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Four users: one well, one without a usable e-mail, two whose bio is too long."""
    world = World(tmp_path, "http://127.0.0.1:9", METADATA)
    reviewing.export(world, [record(1), record(2, email="bad@@"), record(3, **LONG), record(4, **LONG)])
    world.run_here("lint")
    assert world.counts() == {"ready": 1, "failed": 3}
    return world


def error_of(world: World, number: int) -> int:
    (error,) = still_open(world, search=f"auth0|{number}")
    return error


def test_an_edit_is_laid_over_the_record_and_makes_it_ready(world: World) -> None:
    before = reviewing.raws(world)
    edit(world, error_of(world, 2), email="bo@example.com", first_name="Bo")
    assert world.counts() == {"ready": 2, "failed": 2}
    assert requests(world)["2"] == {
        "email": "bo@example.com", "email_verified": True, "first_name": "Bo", "external_id": "auth0|2",
        "metadata": {"provider": "auth0"},
    }  # fmt: skip
    assert reviewing.raws(world) == before
    ((resolution,), *_) = [world.ask("select resolution from errors where subject = 2")]
    assert resolution == "fixed"
    ((operator, subject, before_, after),) = world.ask(
        "select operator, subject, before, after from audit where action = 'errors.fix'"
    )
    assert (operator, subject) == ("ana", "user auth0|2: email, first_name")
    assert json.loads(before_) == {"email": "bad@@", "first_name": None}
    assert json.loads(after) == {"email": "bo@example.com", "first_name": "Bo"}


def test_it_outlives_a_new_export_and_what_else_changed_goes_along(world: World) -> None:
    edit(world, error_of(world, 2), email="bo@example.com")
    reviewing.export(world, [record(2, email="still@@bad", given_name="Bo")])
    world.run_here("lint")
    assert requests(world)["2"]["email"] == "bo@example.com"
    assert requests(world)["2"]["first_name"] == "Bo"
    assert world.counts() == {"ready": 2, "failed": 2}


def test_the_fingerprint_is_that_of_what_is_sent(world: World) -> None:
    before = world.ask("select fingerprint from users where id = 2")
    edit(world, error_of(world, 2), email="bo@example.com")
    assert world.ask("select fingerprint from users where id = 2") != before


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"email": "bo@example.com", "external_id": "é"}, "external_id_not_ascii"),
        ({"metadata.note": "é"}, "metadata_not_ascii"),
        ({"email": "bad@@"}, "nothing differs"),
    ],
)
def test_an_edit_that_breaks_another_rule_is_not_saved(
    world: World, values: dict[str, Any], said: str
) -> None:
    with pytest.raises(NotFixable, match=said), writing(world) as connection:
        fix.edit(connection, error_of(world, 2), Edit(values), operator="ana", now=50)
    assert world.ask("select count(*) from overlays") == [0]
    assert world.ask("select count(*) from decisions") == [0]


def test_what_is_no_field_is_refused(world: World) -> None:
    with pytest.raises(NotEditable, match="no field 'phone'"), writing(world) as connection:
        fix.edit(connection, error_of(world, 2), Edit({"phone": "1"}), operator="ana", now=50)


def test_a_form_is_told_what_the_rules_say_as_one_types(world: World) -> None:
    connection = world.read()
    subject = overlays.subject(connection, error_of(world, 2))
    connection.close()
    assert subject is not None
    assert [f.rule for f in fix.checked(subject, {"email": "bo@"}).blocking] == ["email_syntax"]
    assert fix.checked(subject, {"email": "bo@example.com"}).blocking == []


def test_purged_records_and_those_without_shape_are_not_edited(world: World) -> None:
    reviewing.export(world, [{"user_id": "auth0|9", "app_metadata": 5, "email": "x"}])
    with writing(world) as connection:
        connection.execute("update raw set body = '{}' where id = 2")
    with pytest.raises(NotFixable, match="its raw record was purged"), writing(world) as connection:
        fix.edit(connection, error_of(world, 2), Edit({"email": "a@b.co"}), operator="ana", now=50)


def test_an_edit_is_undone_and_the_error_is_there_again(world: World) -> None:
    edit(world, error_of(world, 2), email="bo@example.com")
    assert undo(world).restored == 1
    assert requests(world)["2"]["email"] == "bad@@"
    assert world.counts() == {"ready": 1, "failed": 3}
    assert len(still_open(world, search="auth0|2")) == 1
    with pytest.raises(NotUndone, match="undone already, by bo"):
        undo(world)


def test_two_edits_are_undone_one_after_the_other(world: World) -> None:
    error = error_of(world, 2)
    with writing(world) as connection:
        fix.edit(connection, error, Edit({"email": "bo@example.com"}), operator="ana", now=50)
        fix.edit(connection, error, Edit({"email": "cy@example.com"}), operator="ana", now=51)
    with pytest.raises(NotUndone, match="decision 2 builds upon 1"):
        undo(world, 1)
    undo(world, 2)
    assert requests(world)["2"]["email"] == "bo@example.com"
    undo(world, 1)
    assert requests(world)["2"]["email"] == "bad@@"
    assert world.counts() == {"ready": 1, "failed": 3}


def test_a_field_is_the_sources_again_once_it_is_reverted(world: World) -> None:
    error = error_of(world, 3)
    with writing(world) as connection:
        fix.edit(connection, error, Edit({"first_name": "Cy"}), operator="ana", now=50)
        fix.edit(connection, error, Edit({}, ["first_name"]), operator="ana", now=51)
    world.run_here("lint")
    assert "first_name" not in requests(world)["3"]
    undo(world)
    assert requests(world)["3"]["first_name"] == "Cy"


def test_a_rule_fixes_the_group_and_whoever_fails_for_its_cause_later(world: World) -> None:
    before = reviewing.raws(world)
    by_rule(world, CUT)
    assert world.counts() == {"ready": 3, "failed": 1}
    assert [len(requests(world)[who]["metadata"]["bio"]) for who in "34"] == [600, 600]
    assert reviewing.raws(world) == before
    reviewing.export(world, [record(5, **LONG)])
    world.run_here("lint")
    assert world.counts() == {"ready": 4, "failed": 1}


def test_a_rule_follows_the_source_and_an_edit_wins_over_it(world: World) -> None:
    with writing(world) as connection:
        edited = Edit({"metadata.bio": "short"})
        fix.edit(connection, error_of(world, 3), edited, operator="ana", now=50)
    by_rule(world, CUT)
    reviewing.export(
        world, [record(3, app_metadata={"bio": "z" * 900}), record(4, app_metadata={"bio": "y" * 800})]
    )
    world.run_here("lint")
    assert requests(world)["3"]["metadata"]["bio"] == "short"
    assert requests(world)["4"]["metadata"]["bio"] == "y" * 600


def test_a_removed_rule_leaves_everything_as_before(world: World) -> None:
    before, counts = requests(world), world.counts()
    number = by_rule(world, CUT)
    with writing(world) as connection:
        assert fix.remove_rule(connection, number, operator="bo", batch_size=100, now=60) == 2
    world.run_here("lint")
    assert (requests(world), world.counts()) == (before, counts)
    assert world.ask("select count(*) from fixes") == [0]
    with pytest.raises(NotFixable, match="no rule 1 is in force"), writing(world) as connection:
        fix.remove_rule(connection, number, operator="bo", batch_size=100, now=60)


def test_a_rule_that_skips_leaves_the_group_behind_until_it_is_removed(world: World) -> None:
    number = by_rule(world, made("lint:email_syntax", "skip", value="nobody knows them"))
    assert world.counts() == {"ready": 1, "failed": 2, "skipped": 1}
    assert world.ask("select reason from errors where resolution = 'ignored'") == [
        f"rule {number}: nobody knows them"
    ]
    undo(world)
    assert world.counts() == {"ready": 1, "failed": 3}


def test_a_rehearsals_rules_carry_over_by_the_settings(tmp_path: Path) -> None:
    (folder := tmp_path / "real").mkdir()
    real = World(folder, "http://127.0.0.1:9")
    skip = made("lint:email_syntax", "skip", value="nobody knows them")
    real.config.write_text(METADATA + rule_tables([CUT, skip]))
    reviewing.export(real, [record(1), record(2, email="bad@@"), record(3, **LONG)])
    real.run_here("lint")
    assert real.counts() == {"ready": 2, "skipped": 1}
    with pytest.raises(NotFixable, match=r"is in cockpit\.toml"), writing(real) as connection:
        fix.remove_rule(connection, 1, operator="bo", batch_size=100, now=60)
    real.config.write_text(METADATA)
    real.run_here("lint")
    assert real.counts() == {"ready": 1, "failed": 1, "skipped": 1}, "what is skipped stays decided"


def test_interrupted_a_rule_goes_on_where_it_was(world: World) -> None:
    reviewing.export(world, [record(n, **LONG) for n in range(10, 1300)])
    world.run_here("lint")
    with writing(world) as connection:
        number = fix.add_rule(connection, CUT, operator="ana", now=50)
        first = fix.apply(connection, number, CUT, operator="ana", batch_size=100, now=51)
    assert first == (500, 500)
    assert by_rule(world, CUT) == number
    assert world.counts() == {"ready": 1293, "failed": 1}
    assert world.ask("select count(*) from fixes") == [1292]
    assert undo(world).restored == 1292
    assert world.counts() == {"ready": 1, "failed": 1293}


def test_an_edit_made_while_its_record_is_mapped_is_not_lost(world: World, monkeypatch: Any) -> None:
    from cockpit.jobs import lint

    error, store = error_of(world, 2), lint._store
    waiting = [Edit({"email": "bo@example.com"})]

    def edited_meanwhile(connection: Any, *args: Any) -> None:
        if waiting:
            fix.edit(connection, error, waiting.pop(), operator="ana", now=50)
        store(connection, *args)

    monkeypatch.setattr(lint, "_store", edited_meanwhile)
    with writing(world) as connection:
        connection.execute("update users set page = 0 where id = 2")
    world.run_here("lint")
    world.run_here("lint")
    assert requests(world)["2"]["email"] == "bo@example.com"
    assert world.counts() == {"ready": 2, "failed": 2}


@pytest.fixture
def refusing(tmp_path: Path, target: Remote) -> World:
    """Two users whom only the target refuses: it takes no such metadata key."""
    world = World(tmp_path, target.base_url, UNLIMITED + METADATA)
    reviewing.export(world, [record(1), record(2), record(3)])
    target.create(email="user2@example.com", external_id="crm-2")
    assert (world.run_here("import").result or {})["exit"] == 3
    assert world.counts() == {"imported": 2, "failed": 1}
    return world


def test_what_the_target_refused_is_fixed_undone_fixed_and_sent(refusing: World, target: Remote) -> None:
    (error,) = still_open(refusing)
    edit(refusing, error, email="other2@example.com")
    assert refusing.counts() == {"imported": 2, "ready": 1}
    undo(refusing)
    assert refusing.counts() == {"imported": 2, "failed": 1}
    assert still_open(refusing) == [error], "undoing is no cure"
    edit(refusing, error, email="other2@example.com")
    assert (refusing.run_here("import").result or {})["exit"] == 0
    assert target.get("auth0|2")["email"] == "other2@example.com"
    with pytest.raises(NotUndone, match="sent since"):
        undo(refusing)


def test_a_rule_mends_what_the_target_refuses_within_the_same_import(refusing: World, target: Remote) -> None:
    cause = refusing.ask("select fingerprint from errors")[0]
    with writing(refusing) as connection:
        rule = made(cause, "email_from", value="user_metadata.second")
        fix.add_rule(connection, rule, operator="ana", now=50)
    target.create(email="user4@example.com", external_id="crm-4")
    reviewing.export(refusing, [record(4, user_metadata={"second": "four@example.com"})])
    assert (refusing.run_here("import").result or {})["exit"] == 3, "user 2 has no second address"
    assert refusing.counts() == {"imported": 3, "failed": 1}
    assert target.get("auth0|4")["email"] == "four@example.com"


def test_an_edit_of_who_arrived_is_sent_by_the_next_sync(refusing: World, target: Remote) -> None:
    with writing(refusing) as connection:
        overlays.lay(connection, "user", 1, "first_name", "Ana", "ana", 50)
    refusing.run_here("import", kinds=["user update"])
    assert target.get("auth0|1")["first_name"] == "Ana"


def test_a_refused_update_is_fixed_undone_and_sent(refusing: World, target: Remote) -> None:
    reviewing.export(refusing, [record(1, email="user2@example.com", given_name="Ana")])
    assert (refusing.run_here("import", kinds=["user update"]).result or {})["exit"] == 3
    (error,) = still_open(refusing, search="auth0|1")
    edit(refusing, error, email="one@example.com")
    assert refusing.ask("select state from operations where kind = 'user update'") == ["ready"]
    undo(refusing)
    assert refusing.ask("select state from operations where kind = 'user update'") == ["failed"]
    assert still_open(refusing, search="auth0|1") == [error]
    edit(refusing, error, email="one@example.com")
    refusing.run_here("import", kinds=["user update"])
    found = target.get("auth0|1")
    assert (found["email"], found["first_name"]) == ("one@example.com", "Ana")


def test_after_a_purge_what_is_undone_is_not_mapped_from_nothing(world: World) -> None:
    edit(world, error_of(world, 2), email="bo@example.com")
    with writing(world) as connection:
        connection.execute("update raw set body = '{}'")
    undo(world)
    assert world.ask("select count(*) from errors where fingerprint = 'lint:unmappable'") == [0]


def test_decisions_are_a_feed_for_colleagues(world: World) -> None:
    edit(world, error_of(world, 2), email="bo@example.com")
    by_rule(world, CUT)
    connection = world.read()
    told = [(d.operator, d.action, d.subject) for d in decisions.since(connection, 1)]
    connection.close()
    assert told == [("ana", "rules.add", f"{TOO_LONG}: cut metadata.bio")]
