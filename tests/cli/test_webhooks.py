"""cockpit webhooks: what becomes of held events, as a person or a script decides it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.state.database import open_readonly
from cockpit.state.tank import TANK, beside, counts
from tests.cli.shell import Shell
from tests.webhooks.filled import event, fill
from tests.webhooks.holding import SECRET, Ends

EVENTS = [
    event(0, "user.created", "brief"),
    event(1, "user.deleted", "brief"),
    event(2, "user.updated", "ana"),
    event(3, "user.updated", "ana"),
    event(4, "session.created", "sess_1", user_id="ana"),
    event(5, "session.created", "sess_2", user_id="ana"),
]


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(tmp_path, CLERK_WEBHOOK_SECRET=SECRET)
    fill(made.state, EVENTS)
    return made


@pytest.fixture(scope="module")
def running() -> Iterator[Ends]:
    with Ends() as ends:
        yield ends


@pytest.fixture
def ends(running: Ends) -> Ends:
    return running.well()


def held(shell: Shell) -> dict[str, int]:
    connection = open_readonly(beside(shell.state), kind=TANK)
    found = counts.total(connection)
    assert found == counts.counted(connection)
    connection.close()
    return {"held": found.held, **found.states}


def test_a_dry_run_counts_what_each_choice_leaves_out_and_sends_nothing(shell: Shell, ends: Ends) -> None:
    plan = shell.json("webhooks", "drain", "--to", ends.hook, "--dry-run", "--coalesce")
    assert {line["class"]: line for line in plan["classes"]}["user.updated"] == {
        "class": "user.updated",
        "held": 2,
        "superseded": 1,
        "paired": 0,
        "stale": 0,
        "to_send": 1,
    }
    assert (plan["held"], plan["to_send"]) == (6, 3)
    told = shell.run("webhooks", "drain", "--to", ends.hook, "--dry-run").stdout
    assert "6 held, 6 to send" in told and "at 50/s that takes" in told
    assert ends.call("consumer")["requests"] == 0
    assert held(shell) == {"held": 6}


def test_discard_then_drain_and_the_trail_of_both(shell: Shell, ends: Ends) -> None:
    gone = shell.json("webhooks", "discard", "--class", "session.created", "--reason", "nobody listens")
    assert gone == {"discarded": {"session.created": 2}, "held": 4}
    done = shell.run("webhooks", "drain", "--to", ends.hook, "--coalesce", "--ramp", "0", "--json")
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [lines[0]["event"], lines[-1]["event"]] == ["plan", "result"]
    assert lines[-1]["delivered"] == 1
    assert held(shell) == {"held": 0, "discarded": 2, "paired": 2, "superseded": 1, "delivered": 1}
    connection = open_readonly(shell.state)
    trail = connection.execute("select action, why from audit order by id").fetchall()
    connection.close()
    assert trail == [("webhooks.discard", "nobody listens"), ("drain.start", None)]


def test_dead_letters_are_listed_with_why_and_sent_again(shell: Shell, ends: Ends) -> None:
    ends.call("consumer", refuse_users=["ana"])
    done = shell.run("webhooks", "drain", "--to", ends.hook, "--ramp", "0", "--tries", "1")
    assert done.returncode == 3, done.stderr
    dead = shell.json("webhooks", "dead")
    assert [(row["event"], row["status"], row["reason"]) for row in dead] == [
        (f"msg_{number:06}", 422, "HTTP 422") for number in range(2, 6)
    ]
    assert "HTTP 422" in shell.run("webhooks", "dead").stdout
    assert "1 held again" in shell.run("webhooks", "redrive", str(dead[0]["id"])).stdout
    assert "3 held again" in shell.run("webhooks", "redrive").stdout
    ends.call("consumer", refuse_users=[])
    assert shell.run("webhooks", "drain", "--to", ends.hook, "--ramp", "0").returncode == 0
    assert held(shell) == {"held": 0, "delivered": 6}


def test_what_can_not_work_is_refused_before_anything_is_sent(shell: Shell, ends: Ends) -> None:
    assert "http(s) URL" in shell.refused("webhooks", "drain", "--to", "nowhere", code=2)
    assert "the tank itself" in shell.refused("webhooks", "drain", "--to", "http://127.0.0.1:9/x", code=2)
    secretless = shell.refused("webhooks", "drain", "--to", ends.hook, code=2, CLERK_WEBHOOK_SECRET="")
    assert "CLERK_WEBHOOK_SECRET" in secretless
    assert "no event of class" in shell.refused(
        "webhooks", "discard", "--class", "user.knighted", "--reason", "x", code=2
    )
    shell.refused("webhooks", "discard", "--reason", "x", code=2)
    assert "has no source" in shell.refused(
        "webhooks", "drain", "--to", ends.hook, "--source", "stytch", code=2
    )
    assert "there is no job drain" in shell.refused("webhooks", "pause", code=1)
    assert "--read-only" in shell.refused("--read-only", "webhooks", "redrive", code=2)
    assert held(shell) == {"held": 6}


def test_without_a_tank_it_says_how_to_get_one(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    for command in (("dead",), ("redrive",), ("drain", "--to", "http://127.0.0.1:9/x")):
        assert "webhooks hold" in shell.refused("webhooks", *command, code=1)
    assert not shell.state.exists()
