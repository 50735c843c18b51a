"""Import: everybody arrives once, whatever the network does, and every reply is accounted for."""

from pathlib import Path

from cockpit.jobs import gates
from cockpit.records import Password
from cockpit.state import check
from tests.jobs.remote import Remote
from tests.jobs.world import World, person, seed


def sound(world: World) -> None:
    """The state is whole and its sums add up."""
    connection = world.read()
    assert check.check(connection) == []
    connection.close()


def test_everybody_arrives_as_mapped_with_the_hash(world: World, target: Remote) -> None:
    seed(world.state, [person(1), person(2, password=Password(), first_name=None, name="Zoë 🎉")])
    job = world.run("import")
    assert job.result is not None
    assert (job.result["exit"], job.result["imported"]) == (0, 2)
    one, two = target.get("auth0|000001"), target.get("auth0|000002")
    assert (one["email"], one["email_verified"], one["metadata"]) == (
        "user1@example.com",
        True,
        {"provider": "auth0"},
    )
    assert two["name"] == "Zoë 🎉"
    assert [user["password"] for user in target.users()] == ["bcrypt", None]
    assert world.ask("select target_id from operations order by id") == [one["id"], two["id"]]
    sound(world)


def test_two_thousand_arrive_through_many_faults(world: World, target: Remote) -> None:
    seed(world.state, [person(number) for number in range(2000)])
    target.configure(faults="many")
    job = world.run("import")
    assert job.result is not None
    assert job.result["exit"] == 0, job.result
    assert world.counts() == {"imported": 2000}
    external_ids = [user["external_id"] for user in target.users()]
    assert sorted(external_ids) == [person(number).source_id for number in range(2000)]
    assert world.ask("select count(*) from errors") == [0]
    injected = target.stats()["faults"]
    assert min(injected[fault] for fault in ("lost", "reset", "html", "unavailable")) > 10, injected
    confirmed, attempts = world.ask("select sum(confirmed), max(attempts) from operations")[0]
    assert confirmed >= injected["lost"] / 2, "a lost reply is learnt by asking"
    assert attempts > 1
    sound(world)


def test_a_limit_sends_so_many_and_the_next_run_goes_on(world: World, target: Remote) -> None:
    seed(world.state, [person(number) for number in range(250)])
    world.run_here("import", limit=120)
    assert world.counts() == {"imported": 120, "ready": 130}
    assert len(target.users()) == 120
    world.run_here("import")
    assert world.counts() == {"imported": 250}


def test_what_is_at_the_target_is_not_sent_again(world: World, target: Remote) -> None:
    seed(world.state, [person(number) for number in range(20)])
    world.run_here("import")
    before = target.stats()["writes"]
    job = world.run_here("import")
    assert job.result is not None
    assert job.result["exit"] == 0
    assert target.stats()["writes"] == before


def test_a_refused_record_is_an_error_with_request_and_response_and_no_hash(
    world: World, target: Remote
) -> None:
    seed(world.state, [person(1), person(2, metadata={"note": "x" * 700})])
    job = world.run_here("import")
    assert job.result is not None
    assert (job.result["exit"], job.result["failed"]) == (3, 1)
    assert "see: cockpit errors list" in job.result["hint"]
    ((status, klass, request, body, request_id),) = world.ask(
        "select status, class, request, body, request_id from errors"
    )
    assert (status, klass) == (400, "fixable")
    assert '"password_hash": "***"' in request
    assert "invalid_metadata" in body
    assert request_id
    sound(world)


def test_the_loopback_is_recognised(tmp_path: Path) -> None:
    for url in ("http://localhost:1", "http://127.0.0.2", "http://[::1]:80", "https://LOCALHOST"):
        assert gates.on_loopback(url), url
    for url in ("https://api.workos.com", "http://10.0.0.1", "http://localhost.example", "nonsense"):
        assert not gates.on_loopback(url), url
