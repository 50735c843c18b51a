"""Gates before the import: what closes them, what opens them, and what passing over one leaves behind."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SystemClock, millis
from cockpit.jobs import canary, gates
from cockpit.jobs.context import JobContext
from cockpit.jobs.gates import Gate, GateClosed
from cockpit.settings import PasswordSettings, TargetSettings, load
from cockpit.state import exports, password_plan, users, webhook_steps
from cockpit.state.database import open_state, transaction
from cockpit.state.writer import Writer
from cockpit.terms import Outcome
from tests.jobs.world import World, person, seed

FAR, NEAR = "https://workos.invalid", "http://127.0.0.1:9"


def world_after(folder: Path, outcome: Outcome, missing: int | None) -> World:
    """Two users, by an export that came to that."""
    world = World(folder, FAR)
    seed(world.state, [person(1), person(2)])
    connection = open_state(world.state)
    with transaction(connection):
        export = exports.latest(connection)
        assert export is not None
        exports.complete(connection, export.id, outcome, missing, 5)
    connection.close()
    return world


def go_through(world: World, gate: Gate, base_url: str = FAR, **args: Any) -> None:
    async def go() -> None:
        writer = Writer(world.state)
        await writer.open()
        settings = replace(
            load(world.config, world.state), target=TargetSettings.model_construct(base_url=base_url)
        )
        try:
            context = JobContext(1, args, "ada", world.state, settings, SystemClock(), writer)
            await gates.passed(context, gate)
        finally:
            await writer.close()

    asyncio.run(go())


def audited(world: World) -> list[Any]:
    return world.ask("select operator, action, subject, before, why from audit")


def test_an_export_that_found_everybody_opens_the_gate(tmp_path: Path) -> None:
    go_through(world_after(tmp_path, "complete", 0), gates.SOURCE_SETTLED)


@pytest.mark.parametrize(
    ("outcome", "missing", "said"),
    [("open", 3, "open (delta +3)"), ("open", -2, "open (delta -2)"), ("unverified", None, "unverified")],
)
def test_one_that_may_lack_users_closes_it_and_says_the_way_out(
    tmp_path: Path, outcome: Outcome, missing: int | None, said: str
) -> None:
    with pytest.raises(GateClosed) as closed:
        go_through(world_after(tmp_path, outcome, missing), gates.SOURCE_SETTLED)
    assert said in str(closed.value) and "--live-source" in str(closed.value)
    assert "--override" in str(closed.value)


def test_a_live_source_is_said_and_audited(tmp_path: Path) -> None:
    world = world_after(tmp_path, "open", 3)
    go_through(world, gates.SOURCE_SETTLED, live_source=True)
    assert audited(world) == [("ada", "source.live", "export 1", "open (delta +3)", "--live-source")]


def test_passing_over_a_gate_needs_a_reason_that_is_kept(tmp_path: Path) -> None:
    world = world_after(tmp_path, "open", 1)
    go_through(world, gates.SOURCE_SETTLED, override="rehearsal")
    ((who, action, gate, before, why),) = audited(world)
    assert (who, action, gate, why) == ("ada", "gate.override", "source", "rehearsal")
    assert "open (delta +1)" in before


def test_on_loopback_a_closed_gate_is_a_warning(tmp_path: Path) -> None:
    world = world_after(tmp_path, "unverified", None)
    go_through(world, gates.SOURCE_SETTLED, NEAR)
    assert audited(world) == []
    ((level, text),) = world.ask("select level, text from notices")
    assert level == "warn" and "only a warning" in text


def test_webhooks_that_are_not_proven_off_close_every_import(tmp_path: Path) -> None:
    world = world_after(tmp_path, "complete", 0)
    with pytest.raises(GateClosed, match="WorkOS's webhook endpoints") as closed:
        go_through(world, gates.WEBHOOKS_OFF)
    assert "cockpit webhooks next" in str(closed.value)
    world.prove("baseline", "legacy_off")
    with pytest.raises(GateClosed) as half:
        go_through(world, gates.WEBHOOKS_OFF)
    assert "old provider" not in str(half.value)
    world.prove("workos_off")
    go_through(world, gates.WEBHOOKS_OFF)
    assert [gate.name for gate in gates.of_import(["organization"])] == ["webhooks", "quiet"]


def test_a_canary_floods_nobody(tmp_path: Path) -> None:
    world = world_after(tmp_path, "complete", 0)
    for gate in (gates.WEBHOOKS_OFF, gates.SOURCE_QUIET):
        go_through(world, gate, users=[1])
    assert audited(world) == []


def test_a_source_is_proven_quiet_or_said_to_be_live_once(tmp_path: Path) -> None:
    world = world_after(tmp_path, "complete", 0)
    with pytest.raises(GateClosed, match="--live-source"):
        go_through(world, gates.SOURCE_QUIET)
    world.prove("baseline", "legacy_off", "workos_off")
    for _ in range(2):  # a sync imports several times
        go_through(world, gates.SOURCE_QUIET, live_source=True)
    waived = ("ada", "webhooks.waived", "quiet", "open", None)
    assert [row for row in audited(world) if row[0] == "ada"] == [waived]
    connection = world.read()
    assert webhook_steps.standing(connection, millis(SystemClock().now()))["quiet"].state == "waived"
    connection.close()
    world.prove("quiet")
    go_through(world, gates.SOURCE_QUIET)


def test_a_live_source_before_its_turn_is_audited_and_no_evidence(tmp_path: Path) -> None:
    world = world_after(tmp_path, "complete", 0)
    go_through(world, gates.SOURCE_QUIET, live_source=True)
    ((_, action, step, before, _),) = audited(world)
    assert (action, step, before) == ("webhooks.waived", "quiet", "quiet waits for legacy_off and workos_off")
    assert world.ask("select count(*) from webhook_steps") == [0]


def test_firebase_hashes_wait_for_a_canary_and_others_do_not(tmp_path: Path) -> None:
    world = world_after(tmp_path, "complete", 0)
    go_through(world, gates.CANARY_SANG)  # bcrypt
    connection = open_state(world.state)
    with transaction(connection):
        users.load_password(connection, 1, "firebase-scrypt", "$firebase-scrypt$", "a test")
    connection.close()
    with pytest.raises(GateClosed, match="users canary"):
        go_through(world, gates.CANARY_SANG)
    go_through(world, gates.CANARY_SANG, users=[1])
    settings = load(world.config, world.state)
    bird = canary.choose(world.state, "user1@example.com")
    canary.sang(world.state, settings, bird, operator="ada", clock=SystemClock())
    go_through(world, gates.CANARY_SANG)
    assert audited(world)[0][:3] == ("ada", "users.canary", bird.email)


def test_a_proof_holds_for_the_form_that_it_was_made_in(tmp_path: Path) -> None:
    phc = load(None, tmp_path)
    flat = replace(phc, passwords=PasswordSettings(firebase_format="flat"))
    assert canary.fact("firebase-scrypt", phc) != canary.fact("firebase-scrypt", flat)


def test_a_choice_for_a_group_wins_over_the_policy_and_can_be_taken_back(tmp_path: Path) -> None:
    world = world_after(tmp_path, "complete", 0)
    connection = open_state(world.state)
    with transaction(connection):
        users.not_carried(connection, [1], "md5")
        users.not_carried(connection, [2], "phpass")
    with pytest.raises(GateClosed, match="2 users"):
        go_through(world, gates.PASSWORDS_DECIDED)
    choices: list[tuple[str, password_plan.Choice]] = [("md5", "hold"), ("phpass", "silent")]
    for reason, choice in choices:
        group = next(g for g in password_plan.groups(connection, "ask") if g.reason == reason)
        with transaction(connection):
            password_plan.choose(connection, group, choice, "ada", 9, "agreed")
    states = "select state from operations order by subject"
    world.run_here("lint")
    go_through(world, gates.PASSWORDS_DECIDED)
    assert world.ask(states) == ["skipped", "ready"]
    assert world.ask("select count(*) from audit where action = 'users.hold'") == [1]
    held = next(g for g in password_plan.groups(connection, "ask") if g.reason == "md5")
    assert held.choice == "hold"
    with transaction(connection):
        password_plan.choose(connection, held, "email", "ada", 10, None)
    connection.close()
    world.run_here("lint")
    go_through(world, gates.PASSWORDS_DECIDED)
    assert world.ask(states) == ["ready", "ready"]
