"""Reset e-mails: one for each person who lost the password, and never a second one by itself."""

import json
import sys
from pathlib import Path
from typing import Any

from cockpit.records import Password
from cockpit.state import check, journal
from cockpit.state.claims import RESETS
from cockpit.state.database import open_state, transaction
from cockpit.state.resets import RESET
from cockpit.state.start_over import start_over
from tests.jobs.remote import Remote
from tests.jobs.world import UNLIMITED, World, person, seed

LOST = Password.unsupported("md5, which the target does not take")
NEVER = Password()
KEEPS_LINKS = "import sys; open({file!r}, 'a').write(sys.stdin.read())"


def settings(mailer: object, choice: str = "email") -> str:
    named = f"mailer = {json.dumps(mailer)}\n" if mailer else ""
    return f'{UNLIMITED}[passwords]\nwithout_hash = "{choice}"\nresets_per_min = 3000\n{named}'


def arrived(folder: Path, target: Remote, mailer: object = "workos", lost: int = 3) -> World:
    """Users who lost their password, and one who never had any, all at the target."""
    world = World(folder, target.base_url, settings(mailer))
    people = [person(n, password=LOST) for n in range(1, lost + 1)]
    seed(world.state, [*people, person(lost + 1, password=NEVER)])
    result = world.run_here("import").result
    assert result is not None and result["exit"] == 0
    return world


def reset(world: World, **args: Any) -> dict[str, Any]:
    result = world.run_here("reset", **args).result
    assert result is not None
    connection = world.read()
    assert check.check(connection) == []
    connection.close()
    return result


def to_python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_each_who_lost_the_password_is_written_to_once(tmp_path: Path, target: Remote) -> None:
    world = arrived(tmp_path, target)
    assert reset(world)["sent"] == 3
    assert reset(world) == {"exit": 0, "message": "3 sent, 0 ready, 0 failed, 0 unknown", "hint": None,
                            "sent": 3, "ready": 0, "failed": 0, "unknown": 0}  # fmt: skip
    assert target.stats()["resets"] == {f"user{n}@example.com": 1 for n in (1, 2, 3)}


def test_nothing_is_sent_while_nobody_knows_who_sends(tmp_path: Path, target: Remote) -> None:
    world = arrived(tmp_path, target, mailer=None)
    told = reset(world)
    assert told["exit"] == 2 and "--user" in told["message"]
    assert target.stats()["resets"] == {}


def test_a_mailer_that_is_no_program_is_refused_before_anything_is_sent(
    tmp_path: Path, target: Remote
) -> None:
    told = reset(arrived(tmp_path, target, mailer=["no-such-mailer"]))
    assert told["exit"] == 2 and "no-such-mailer" in told["message"]
    assert target.stats()["resets"] == {}


def test_groups_decided_otherwise_are_left_alone(tmp_path: Path, target: Remote) -> None:
    world = arrived(tmp_path, target)
    world.config.write_text(settings("workos", "silent"))
    assert reset(world)["sent"] == 0
    assert target.stats()["resets"] == {}


def test_a_limit_leaves_the_rest_for_the_next_run(tmp_path: Path, target: Remote) -> None:
    world = arrived(tmp_path, target)
    assert reset(world, limit=2)["ready"] == 1
    assert reset(world)["sent"] == 3


def test_a_send_without_an_outcome_is_in_doubt_and_goes_out_again_only_when_asked(
    tmp_path: Path, target: Remote
) -> None:
    world = arrived(tmp_path, target)
    reset(world, limit=1)
    connection = open_state(world.state)
    with transaction(connection):
        run = journal.next_run(connection)
        assert len(journal.claim(connection, RESETS, 0, 1, run, 1)) == 1  # and then the process died
    connection.close()
    told = reset(world)
    assert (told["exit"], told["sent"], told["unknown"]) == (3, 2, 1)
    assert target.stats()["resets"] == {f"user{n}@example.com": 1 for n in (1, 3)}
    assert reset(world, again=True)["sent"] == 3


def test_with_faults_no_person_is_written_to_twice(tmp_path: Path, target: Remote) -> None:
    world = arrived(tmp_path, target, lost=120)
    target.configure(faults="many")
    told = reset(world)
    sent = set(
        world.ask(
            "select u.email from operations o join users u on u.id = o.subject "
            "where o.kind = ? and o.state = 'imported'",
            RESET,
        )
    )
    asked = target.stats()["resets"]
    assert set(asked.values()) == {1}
    assert sent <= asked.keys()
    assert told["sent"] + told["unknown"] + told["failed"] == 120
    assert told["unknown"] > 0, "a lost reply leaves it in doubt"


def test_the_operators_mailer_is_given_a_link_that_works_and_nothing_keeps_it(
    tmp_path: Path, target: Remote
) -> None:
    links = tmp_path / "outside" / "links"
    links.parent.mkdir()
    world = arrived(tmp_path, target, mailer=to_python(KEEPS_LINKS.format(file=str(links))))
    assert reset(world)["sent"] == 3
    given = [json.loads(line) for line in links.read_text().splitlines()]
    assert [link["email"] for link in given] == [f"user{n}@example.com" for n in (1, 2, 3)]
    token = given[0]["url"].rpartition("token=")[2]
    answer = target.call(
        "POST",
        "/user_management/password_reset/confirm",
        {"token": token, "new_password": "another battery staple"},
    )
    assert answer["user"]["email"] == "user1@example.com"
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("cockpit.db*"))
    assert all(link["url"].rpartition("token=")[2].encode() not in kept for link in given)


def test_a_mailer_that_refuses_is_an_error_and_three_in_a_row_end_the_run(
    tmp_path: Path, target: Remote
) -> None:
    world = arrived(tmp_path, target, mailer=to_python("raise SystemExit(7)"), lost=5)
    told = reset(world)
    assert told["exit"] == 2 and "3 times in a row" in told["message"]
    ((message, failed),) = world.ask("select message, count(*) from errors where kind = ? group by 1", RESET)
    assert (message, failed) == ("the mailer ended with exit code 7", 3)
    world.config.write_text(settings("workos"))
    assert reset(world, again=True)["sent"] == 5


def test_a_mailer_that_is_killed_leaves_it_in_doubt(tmp_path: Path, target: Remote) -> None:
    killed = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    told = reset(arrived(tmp_path, target, mailer=to_python(killed)))
    assert (told["exit"], told["unknown"]) == (3, 3)


def test_a_target_that_begins_anew_forgets_who_was_written_to(tmp_path: Path, target: Remote) -> None:
    world = arrived(tmp_path, target)
    reset(world)
    connection = open_state(world.state)
    with transaction(connection):
        start_over(connection)
    connection.close()
    assert world.ask("select count(*) from operations where kind = ?", RESET) == [0]
