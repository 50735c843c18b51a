"""cockpit rollout as a person runs it: the worked example of its help, the kill switch, refusals."""

import re
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from cockpit.state import jobs
from cockpit.state.database import open_state
from cockpit.state.jobs import ACTIVE
from tests.cli.shell import Shell
from tests.jobs.conftest import bare, target
from tests.jobs.connections.files import oidc, saml
from tests.jobs.connections.living import certificate
from tests.jobs.remote import KEY, Remote
from tests.jobs.rollout.ready import Ready

__all__ = ["bare", "target"]

PAGE = (resources.files("cockpit.docs") / "rollout.md").read_text(encoding="utf-8")
WAIT_S = 30.0


class Rollout(Shell):
    """A folder whose connections are at WorkOS and may be flipped."""

    def __init__(self, ready: Ready) -> None:
        super().__init__(ready.world.state.parent, WORKOS_BASE_URL=ready.target.base_url, WORKOS_API_KEY=KEY)
        self.ready = ready

    def done(self, *args: str) -> str:
        """What a command says that goes well."""
        ended = self.run(*args)
        assert ended.returncode == 0, (args, ended.returncode, ended.stdout, ended.stderr)
        return ended.stdout

    def wait(self, what: str, condition: Callable[[], bool]) -> None:
        """Until it is so, for at most WAIT_S."""
        deadline = time.monotonic() + WAIT_S
        while not condition():
            assert time.monotonic() < deadline, f"not in {WAIT_S:.0f} s: {what}; {self.ready.columns()}"
            time.sleep(0.05)

    def customers_sign_in(self) -> None:
        """Somebody of each connection that is a canary."""
        for ident, column in self.ready.columns().items():
            if column == "canary":
                self.ready.sign_in(ident, "started", "succeeded")

    def wave(self, name: str) -> dict[str, Any]:
        """A wave as the command tells of it."""
        (found,) = [wave for wave in self.json("rollout", "wave", "list") if wave["name"] == name]
        return dict(found)

    def watched(self) -> bool:
        """Whether a watch is at work, or about to be: it takes a moment until it names its process."""
        with closing(open_state(self.state)) as connection:
            return any(job.state in ACTIVE for job in jobs.listed(connection))

    def end_watch(self) -> None:
        """Stop the watch that a command started, and wait for its end."""
        if self.watched():
            self.run("stop", "rollout")
            self.wait("the end of the watch", lambda: not self.watched())


@pytest.fixture
def shell(tmp_path: Path, target: Remote) -> Iterator[Rollout]:
    made = Rollout(Ready.prepared(tmp_path, target))
    yield made
    made.end_watch()


def blocks(language: str) -> list[str]:
    """The fenced blocks of the page in one language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def commands() -> list[list[str]]:
    """The command lines of the worked example, in their order."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    assert all(line.startswith("cockpit ") for line in lines)
    return [[word.strip('"') for word in re.findall(r'"[^"]*"|\S+', line)[1:]] for line in lines]


@pytest.fixture
def example(tmp_path: Path, target: Remote) -> Iterator[Rollout]:
    """24 connections, by the settings of the page."""
    (settings,) = blocks("toml")
    rows = [saml(number, certificate()) if number % 4 else oidc(number) for number in range(1, 25)]
    made = Rollout(Ready.prepared(tmp_path, target, settings, rows))
    yield made
    made.end_watch()


def test_the_worked_example_goes_as_the_page_says(example: Rollout) -> None:
    sizes = {"canary": 1, "5%": 1, "25%": 4, "100%": 18}
    for args in commands():
        if args[1] == "checklist":
            example.wait("the canary", lambda: "canary" in example.ready.columns().values())
            example.customers_sign_in()
            example.wait("its proof", lambda: example.ready.columns()["con_1"] == "workos")
            assert example.run(*args).returncode == 3, "nobody has looked at the dashboard yet"
            continue
        before = example.ready.columns()
        said = example.done(*args) if args[1] != "decommission" else example.run(*args).stdout
        match args[1:3]:
            case ["wave", "start"]:
                name = args[3]
                assert f"wave {name}: running, {sizes[name]} of {sizes[name]} armed" in said
                if name == "canary":
                    continue

                def is_done(name: str = name) -> bool:
                    example.customers_sign_in()
                    return bool(example.wave(name)["state"] == "done")

                example.wait(f"the end of wave {name}", is_done)
                moved = {
                    ident for ident, column in example.ready.columns().items() if column != before[ident]
                }
                assert len(moved) == sizes[name]
            case ["kill", "con_7"]:
                assert said.startswith("con_7 back to legacy from the next request on")
                assert example.ready.columns()["con_7"] == "held"
            case ["flip", "con_7"]:
                assert example.ready.columns()["con_7"] == "canary"
    assert [*example.ready.columns().values()].count("workos") == 23
    assert "**blocked**: no proxy has counted" in (example.folder / "proof.md").read_text()
    checked = example.json_of("rollout", "checklist", "con_1", code=3)
    assert {item["what"]: item["done"] for item in checked} == {
        "event": True,
        "session": False,  # the control API signs in nobody whom the target knows
        "webhook": None,  # no tank takes them here
        "dashboard": True,
    }


def test_status_counts_where_logins_go(shell: Rollout) -> None:
    shell.done("rollout", "flip", "con_1")
    shell.done("rollout", "kill", "con_2")
    told = shell.json("status")["connections"]
    assert told == {"total": 4, "manual": 0, "legacy": 2, "canary": 1, "workos": 0, "held": 1}
    found = shell.json("rollout", "status")
    assert (found["columns"]["canary"], found["watched"]) == (1, True)
    assert [flip["stage"] for flip in found["flips"]] == ["verifying"]
    (line,) = [line for line in shell.json("rollout", "board") if line["connection"] == "con_1"]
    assert (line["column"], line["verdict"], line["moved_by"]) == ("canary", "inconclusive", line["moved_by"])


def test_a_kill_needs_neither_the_state_nor_settings(shell: Rollout) -> None:
    shell.done("rollout", "flip", "con_1")
    shell.end_watch()
    (shell.folder / "cockpit.toml").write_text("this is not TOML")
    writer = sqlite3.connect(shell.state, isolation_level=None)
    writer.execute("begin exclusive")
    assert "con_1 back to legacy" in shell.done("rollout", "kill", "con_1", "--reason", "locked")
    writer.execute("rollback")
    writer.close()
    assert shell.ready.columns()["con_1"] == "held"
    away = shell.state.rename(shell.folder / "away.db")
    assert "0 connections back" in shell.done("rollout", "kill", "--all", "--hard")
    shell.state.write_bytes(b"not a database at all" * 400)
    assert "con_2: no logins at WorkOS to take back" in shell.done("rollout", "kill", "con_2")
    away.rename(shell.state)


def test_kill_all_takes_everything_disarms_everything_halts_everything(shell: Rollout) -> None:
    shell.done("rollout", "flip", "con_1")
    shell.done("rollout", "flip", "con_2")
    watches = [job for job in shell.json("jobs") if job["kind"] == "rollout"]
    assert len(watches) == 1, "the second flip finds the watch of the first, started or about to be"
    shell.end_watch()
    shell.done("rollout", "wave", "plan")
    shell.done("rollout", "wave", "start", "100%", "--override", "rehearsal")
    shell.done("rollout", "wave", "hold", "100%")
    shell.end_watch()
    told = shell.json("rollout", "kill", "--all", "--reason", "outage")
    assert {*told["back"]} >= {"con_1", "con_2"}
    assert told["halted"] == ["100%"]
    assert "workos" not in shell.ready.columns().values() and "canary" not in shell.ready.columns().values()
    trail = shell.json("rollout", "audit")
    assert {
        entry["why"] for entry in trail if entry["action"] == "route.move" and entry["after"] == "held"
    } == {"outage"}


def test_what_is_refused_says_why_and_what_to_do(shell: Rollout) -> None:
    assert "no connection 'con_9'" in shell.refused("rollout", "flip", "con_9", code=1)
    assert "name connections, or --all" in shell.refused("rollout", "kill", code=2)
    assert "--read-only" in shell.refused("--read-only", "rollout", "kill", "--all", code=2)
    assert "cockpit rollout wave plan" in shell.refused("rollout", "wave", "start", "5%", code=1)
    shell.ready.compare(age_ms=30 * 3_600_000)
    said = shell.refused("rollout", "flip", "con_1", code=5)
    assert "cockpit users diff" in said and '--override "why"' in said
    assert shell.ready.columns()["con_1"] == "legacy"
    shell.done("rollout", "flip", "con_1", "--override", "known")
    assert "already" in shell.refused("rollout", "flip", "con_1", code=5)


def test_two_people_by_two_names(shell: Rollout) -> None:
    with (shell.folder / "cockpit.toml").open("a") as file:
        file.write("two_person = true\n")
    approve = ("rollout", "approve", "con_1")
    assert "a second person" in shell.refused("rollout", "flip", "con_1", "--operator", "ana", code=5)
    shell.done(*approve, "--operator", "ana")
    assert "a second person" in shell.refused("rollout", "flip", "con_1", "--operator", "ana", code=5)
    shell.done(*approve, "--operator", "bob")
    shell.done("rollout", "flip", "con_1", "--operator", "ana")
    trail = shell.json("rollout", "audit", "con_1")
    assert [entry["operator"] for entry in trail if entry["action"] == "approve"] == ["bob", "ana"]


def test_the_trail_tells_when_it_was_tampered_with(shell: Rollout) -> None:
    shell.done("rollout", "kill", "con_1")
    assert "the chain is whole" in shell.done("rollout", "audit", "--verify")
    with shell.ready.rollout() as rollout:
        rollout.execute("drop trigger audit_is_append_only")
        rollout.execute("update audit set operator = 'nobody' where id = 1")
    assert "entry 1 of the audit trail" in shell.refused("rollout", "audit", "--verify", code=1)


def test_the_way_of_one_flip_by_hand(shell: Rollout) -> None:
    assert "armed" in shell.done("rollout", "flip", "con_1", "--arm")
    shell.wait("the watch flips it", lambda: shell.ready.columns()["con_1"] == "canary")
    assert "rolled back" in shell.done("rollout", "cancel", "con_1")
    assert "legacy" in shell.done("rollout", "release", "con_1", "--reason", "found")
    assert "not held" in shell.refused("rollout", "release", "con_1", "--reason", "x", code=1)
    assert "validating" in shell.done("rollout", "ask", "con_1")


def test_looking_writes_nothing_when_that_is_asked_for(shell: Rollout) -> None:
    before = shell.ready.columns()
    shell.done("--read-only", "rollout", "board")
    shell.done("--read-only", "rollout", "status")
    assert shell.ready.columns() == before


def test_without_a_state_it_says_how_to_begin(tmp_path: Path) -> None:
    empty = Shell(tmp_path)
    assert "no state at" in empty.refused("rollout", "board", code=1)
    assert "no rollout at" in empty.refused("rollout", "kill", "--all", code=1)
