"""Steps of the sequence at work: what each takes for a proof, and what it does not."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.clock import millis
from cockpit.jobs import lock
from cockpit.sandbox import standins
from cockpit.state import audit, diffs, meta, webhook_steps
from cockpit.state.database import open_state, transaction
from cockpit.state.tank import TANK, arrivals, beside
from cockpit.state.tank.arrivals import Arrival
from cockpit.webhooks.sequence import Standing, Step
from tests.clocks import LeapingClock
from tests.jobs.remote import Remote
from tests.jobs.world import World
from tests.sandbox.running import Running

SETTINGS = "[webhooks]\nsettle_min = 30\nquiet_min = 10\nbake_days = 7\n"
DAY_MS = 86_400_000
OFF: tuple[Step, ...] = ("baseline", "legacy_off", "workos_off")
HOOKS = "/webhook_endpoints"


class Place:
    """A state that is bound to Clerk, whose webhooks only a person can switch, and a clock to move."""

    def __init__(self, folder: Path, base_url: str) -> None:
        self.remote = Remote(base_url)
        self.world = World(folder, base_url, SETTINGS)
        self.world.environment |= standins.find("clerk").environment(base_url, folder)
        self.clock = LeapingClock()
        connection = open_state(self.world.state, create=True)
        with transaction(connection):
            meta.bind_source(connection, "clerk:test")
        connection.close()

    def next(self, step: Step) -> tuple[int, str]:
        """One step; its exit code, and all that it says."""
        result = self.world.run_here("webhooks", self.clock, step=step).result
        assert result is not None
        return result["exit"], f"{result['message']}\n{result['hint']}"

    def say(self, step: Step, reason: str) -> None:
        connection = open_state(self.world.state)
        with transaction(connection):
            webhook_steps.record(connection, step, "attested", "ada", self.now(), reason, life_ms=DAY_MS)
        connection.close()

    def now(self) -> int:
        return millis(self.clock.now())

    def wait(self, minutes: float) -> None:
        asyncio.run(self.clock.sleep(minutes * 60))

    def hear(self, source: str, *names: str, refused: int = 0) -> None:
        """The tank listens to a source, and that much comes now."""
        connection = open_state(beside(self.world.state), create=True, kind=TANK)
        with transaction(connection):
            arrivals.listening(connection, {source: "none"}, "127.0.0.1:1", self.now())
            found = (
                Arrival(source, name, "user.updated", "", "", None, self.now(), "{}", b"{}") for name in names
            )
            arrivals.keep(connection, [*found])
            if refused:
                arrivals.refused(connection, {(source, "no signature"): refused}, self.now())
        connection.close()

    def standing(self, step: Step) -> Standing:
        connection = self.world.read()
        found = webhook_steps.standing(connection, self.now())[step]
        connection.close()
        return found


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    with Running("--source", "clerk", "--users", "30", "--limits", "off") as found:
        yield found


@pytest.fixture
def place(running: Running, tmp_path: Path) -> Place:
    found = Place(tmp_path, running.base_url)
    found.remote.call("POST", "/_sandbox/reset")
    return found


@pytest.fixture
def tank(place: Place) -> Iterator[None]:
    """A tank is up, by its lock."""
    place.hear("clerk")
    with lock.held(beside(place.world.state), "tank"):
        yield


def test_what_only_a_dashboard_can_do_is_told_and_waits_to_be_said(place: Place) -> None:
    place.world.prove("baseline")
    code, said = place.next("legacy_off")
    assert code == 3
    assert "in the Clerk dashboard, disable every webhook endpoint" in said
    assert "never DELETE /webhooks/svix" in said and "webhooks attest legacy_off" in said


def test_said_and_silent_for_the_settle_time_is_a_proof_that_shows_what_it_rests_on(
    place: Place, tank: None
) -> None:
    place.world.prove("baseline")
    place.say("legacy_off", "switched off by the team")
    code, said = place.next("legacy_off")
    assert (code, "30 min more" in said) == (3, True)
    place.wait(31)
    code, said = place.next("legacy_off")
    assert (code, "nothing came to the tank since ada said" in said) == (0, True), said
    assert place.standing("legacy_off").attested


def test_said_is_no_proof_where_no_tank_is_up(place: Place) -> None:
    place.world.prove("baseline")
    place.hear("clerk")  # there is a file, but nobody fills it
    place.say("legacy_off", "switched off")
    place.wait(31)
    code, said = place.next("legacy_off")
    assert (code, "no tank observes it" in said) == (3, True)
    assert not place.standing("legacy_off").valid


def test_pointed_at_the_tank_is_off_too_and_what_it_refuses_is_not(place: Place, tank: None) -> None:
    place.world.prove("baseline")
    place.say("legacy_off", "pointed at the tank")
    place.wait(31)
    place.hear("clerk", refused=2)
    code, said = place.next("legacy_off")
    assert (code, "does not let in" in said) == (3, True)
    place.say("legacy_off", "with the right secret now")
    place.wait(31)
    place.hear("clerk", "evt_1", "evt_2")
    code, said = place.next("legacy_off")
    assert (code, "go to the tank: 2 events" in said) == (0, True), said


def test_endpoints_of_workos_are_switched_off_one_by_one_and_audited(place: Place) -> None:
    place.world.prove("baseline")
    for name in ("a", "b"):
        body = {"endpoint_url": f"https://{name}.example/", "events": ["user.created"]}
        place.remote.call("POST", HOOKS, body)
    code, said = place.next("workos_off")
    assert (code, "2 endpoints, none of them on" in said) == (0, True), said
    assert {row["status"] for row in place.remote.call("GET", HOOKS)["data"]} == {"disabled"}
    switched = place.world.ask("select why from audit where action = 'webhooks.turn_off' order by id")
    assert switched == ["https://a.example/", "https://b.example/"]
    assert place.remote.call("GET", "/organizations")["data"] == []


def test_what_workos_sends_to_the_tank_all_the_same_speaks_against_it(place: Place) -> None:
    place.world.prove("baseline", "workos_off")
    place.wait(1)
    place.hear("workos", "event_1")
    place.clock = LeapingClock()  # the canary is looked for by WorkOS's time
    code, said = place.next("workos_off")
    assert (code, "the tank was sent something by WorkOS" in said) == (3, True), said
    assert place.standing("workos_off").state == "refuted"


def test_a_source_is_quiet_by_two_looks_that_are_far_enough_apart(place: Place) -> None:
    place.world.prove(*OFF)
    assert place.next("quiet")[0] == 3
    code, said = place.next("quiet")
    assert (code, "look again in 10 min" in said) == (3, True), said
    place.wait(11)
    code, said = place.next("quiet")
    assert (code, "30 users" in said) == (0, True), said
    detail = place.standing("quiet").evidence
    assert detail is not None and detail.detail["last_write"] == detail.detail["changed_at"]


def test_a_look_that_shows_a_change_begins_anew(place: Place) -> None:
    place.world.prove(*OFF)
    place.next("quiet")
    place.remote.call("POST", "/_sandbox/source/sign-up")
    place.wait(11)
    code, said = place.next("quiet")
    assert (code, "it changed: 30 users" in said, "31 users" in said) == (3, True, True)
    assert place.standing("quiet").state == "watching"


def test_of_files_a_person_says_that_what_they_were_made_from_rests(place: Place, tmp_path: Path) -> None:
    file = tmp_path / "users.csv"
    file.write_text("id,email\n1,ana@example.com\n", encoding="utf-8")
    connection = open_state(place.world.state)
    with transaction(connection):
        meta.put(connection, "bound.source", f"csv:{file}")
    connection.close()
    place.world.prove(*OFF)
    code, said = place.next("quiet")
    assert (code, "webhooks attest quiet" in said) == (3, True), said
    place.say("quiet", "sign-ups are closed since noon")
    assert place.next("quiet")[0] == 0
    assert place.standing("quiet").attested


def test_an_import_is_proven_by_a_clean_diff_that_was_begun_after_it(place: Place) -> None:
    place.world.prove(*OFF, "quiet")
    assert "nothing was imported yet" in place.next("import")[1]
    place.world.run_here("import", place.clock)
    assert "were not compared since" in place.next("import")[1]
    connection = open_state(place.world.state)
    with transaction(connection):
        diffs.finish(connection, diffs.begin(connection, place.now()), 0, 0, place.now())
    connection.close()
    assert place.next("import")[0] == 0


def test_without_sso_connections_a_person_says_that_it_is_cut_over(place: Place) -> None:
    place.world.prove(*OFF, "quiet", "import")
    assert place.next("cutover")[0] == 3
    place.say("cutover", "the application signs in by AuthKit since noon")
    code, said = place.next("cutover")
    assert (code, "no SSO connections; said by ada" in said) == (0, True)


def test_a_backlog_is_decided_by_a_person_and_gone_when_nothing_is_held(place: Place, tank: None) -> None:
    place.world.prove(*OFF, "quiet", "import", "cutover", "event_flow")
    place.hear("clerk", "evt_1")
    code, said = place.next("backlog")
    assert (code, "1 event held: 1 user.updated" in said) == (3, True), said
    place.say("backlog", "drain it")
    assert place.next("backlog")[0] == 0
    code, said = place.next("drained")
    assert (code, "1 event held still" in said) == (3, True), said


def test_in_the_end_nothing_may_come_for_days(place: Place, tank: None) -> None:
    place.world.prove(*OFF, "quiet", "import", "cutover", "event_flow", "backlog", "drained")
    place.wait(6 * 24 * 60)
    place.hear("clerk", "evt_late")
    place.wait(6 * 24 * 60)
    code, said = place.next("legacy_stays_off")
    assert (code, "nothing for 6 days" in said) == (3, True), said
    place.wait(24 * 60 + 1)
    assert place.next("legacy_stays_off")[0] == 0


def test_out_of_turn_is_refused_as_by_a_gate(place: Place) -> None:
    code, said = place.next("import")
    assert (code, said.splitlines()[0]) == (5, "import waits for legacy_off and workos_off and quiet")
    connection = place.world.read()
    assert not any(row.action.startswith("webhooks.") for row in audit.tail(connection))
    connection.close()
