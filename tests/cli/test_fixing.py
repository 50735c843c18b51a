"""errors fix, undo, claim, export and import, rules, report: what a reviewer types and is told."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.jobs import reviewing
from tests.jobs.reviewing import METADATA, record
from tests.jobs.world import World

TOO_LONG = "lint:metadata_value_too_long"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """Four users: 1 is well, 2 has no usable e-mail, the bio of 3 and 4 is too long."""
    shell = Shell(tmp_path)
    world = World(tmp_path, "http://127.0.0.1:9", METADATA)
    long = {"app_metadata": {"bio": "x" * 700}}
    reviewing.export(
        world, [record(1), record(2, email="bad@@\x1b[31m"), record(3, **long), record(4, **long)]
    )
    world.run_here("lint")
    return shell


def states(shell: Shell) -> dict[str, int]:
    assert shell.json("state", "check")["ok"]
    return {name: n for name, n in shell.json("status")["users"].items() if n and name != "exported"}


def test_groups_tell_share_advice_and_who_is_on_them(shell: Shell) -> None:
    assert shell.run("errors", "claim", "--group", TOO_LONG, "--operator", "ana").returncode == 0
    refused = shell.refused("errors", "claim", "--group", TOO_LONG, "--operator", "bo", code=1)
    assert "ana on " in refused
    first, second = shell.json("errors", "list")
    assert (first["fingerprint"], first["open"], first["share"]) == (TOO_LONG, 2, 0.6667)
    assert (first["reviewer"], first["actions"]) == ("ana", ["cut", "drop"])
    assert (second["reviewer"], second["actions"]) == (None, ["trim", "email_from", "skip"])
    assert [row["external_id"] for row in shell.json("errors", "list", "--reviewer", "ana")] == [
        "auth0|3",
        "auth0|4",
    ]
    assert shell.run("errors", "claim", "--group", TOO_LONG, "--release", "--operator", "ana").returncode == 0
    assert shell.run("errors", "claim", "--group", TOO_LONG, "--operator", "bo").returncode == 0


def test_a_record_is_edited_checked_and_undone(shell: Shell) -> None:
    (error,) = [row["id"] for row in shell.json("errors", "list", "--search", "auth0|2")]
    dry = shell.run("errors", "fix", str(error), "--set", "email=no", "--dry-run")
    assert dry.returncode == 3 and "nothing was saved" in dry.stdout and "it has no @" in dry.stdout
    worse = shell.refused("errors", "fix", str(error), "--set", "external_id=é", code=1)
    assert "external_id_not_ascii" in worse
    done = shell.run("errors", "fix", str(error), "--set", "email=a@example.com", "--set", "first_name=A=B")
    assert done.returncode == 0, done.stderr
    assert "1 edited; next: cockpit users import" in done.stdout
    assert states(shell) == {"ready": 2, "failed": 2}
    assert shell.json("users", "show", "auth0|2")["request"]["first_name"] == "A=B"
    (decision,) = shell.json("errors", "decisions")
    assert (decision["action"], decision["subject"]) == ("errors.fix", "user auth0|2: email, first_name")
    assert "1 records as before" in shell.run("errors", "undo").stdout
    assert states(shell) == {"ready": 1, "failed": 3}
    assert "decided nothing" in shell.refused("errors", "undo", code=1)


def test_a_group_is_previewed_fixed_by_a_rule_and_the_rule_removed(shell: Shell) -> None:
    rule = ("--group", TOO_LONG, "--rule", "cut", "--field", "metadata.bio")
    told = shell.run("errors", "fix", *rule, "--dry-run").stdout
    assert "changes 2 of 2" in told and "metadata.bio: 'xxx" in told
    assert states(shell) == {"ready": 1, "failed": 3}
    assert shell.json("errors", "fix", *rule)["fixed"] == 2
    assert states(shell) == {"ready": 3, "failed": 1}
    (listed,) = shell.json("rules", "list")
    assert (listed["cause"], listed["action"], listed["marked"]) == (TOO_LONG, "cut", 2)
    tables = tomllib.loads(shell.run("rules", "export").stdout)["rules"]
    assert tables == [{"cause": TOO_LONG, "action": "cut", "field": "metadata.bio"}]
    assert "2 records are as before" in shell.run("rules", "remove", "1").stdout
    assert states(shell) == {"ready": 1, "failed": 3}
    assert shell.json("rules", "list") == []


def test_exported_rules_are_settings(shell: Shell) -> None:
    added = shell.run("rules", "add", "skip", "--cause", "lint:email_syntax", "--value", "left us")
    assert added.returncode == 0, added.stderr
    assert shell.run("rules", "export", "cockpit.toml").returncode == 0
    assert shell.run("users", "lint").returncode == 3
    assert states(shell) == {"ready": 1, "failed": 2, "skipped": 1}
    assert tomllib.loads((shell.folder / "cockpit.toml").read_text())["rules"][0]["value"] == "left us"


def test_errors_go_to_a_file_and_come_back(shell: Shell) -> None:
    assert shell.run("errors", "export", "some.jsonl", "--group", TOO_LONG).returncode == 0
    file = shell.folder / "some.jsonl"
    first, second = [json.loads(line) for line in file.read_text().splitlines()]
    first["request"]["metadata"]["bio"] = "short"
    second["decision"] = {"do": "ignore", "reason": "left us"}
    file.write_text("".join(json.dumps(line) + "\n" for line in (first, second, {"external_id": "nobody"})))
    done = shell.run("errors", "import", "some.jsonl")
    assert done.returncode == 3, done.stderr
    assert "1 edited, 1 decided, 0 as they were" in done.stdout
    assert "line 3: user nobody has no open error" in done.stdout
    assert states(shell) == {"ready": 2, "failed": 1, "skipped": 1}


def test_secrets_are_revealed_only_when_asked_and_it_is_kept(shell: Shell) -> None:
    assert shell.run("errors", "export", "some.jsonl", "--reveal", "--operator", "ana").returncode == 0
    assert "errors.reveal" in shell.run("report").stdout
    assert "read-only" in shell.refused("errors", "export", "x.jsonl", "--reveal", "--read-only", code=2)


def test_the_report_is_written_to_a_file(shell: Shell) -> None:
    assert shell.run("report", "ticket.md").returncode == 0
    text = (shell.folder / "ticket.md").read_text()
    assert text.startswith("# Migration report\n") and "\x1b" not in text
    assert "no/where" in shell.refused("report", "no/where/ticket.md", code=1)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ("errors fix 1", "one of: --set"),
        ("errors fix 1 --set email=a --reset", "one of: --set"),
        ("errors fix --set email=a", "which errors?"),
        ("errors fix 1 --rule lower --field email", "--rule goes with --group"),
        (f"errors fix --group {TOO_LONG} --rule lower --field colour", "named 'colour'"),
        ("errors fix 1 --rule shout", "shout"),
        ("errors fix 1 --reset --dry-run", "--dry-run goes with"),
        ("errors claim", "name an error"),
        ("rules add drop --cause x --field email", "drop can't be done to email"),
    ],
)
def test_wrong_usage_is_told(shell: Shell, args: str, said: str) -> None:
    assert said in shell.refused(*args.split(), code=2)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ("errors fix 99 --set email=a", "no error 99"),
        ("errors fix 1 --set email", "write FIELD=VALUE"),
        ("errors fix 1 --set phone=1", "no field 'phone'"),
        ("errors fix 1 --merge link", "no open conflict"),
        ("errors undo 99", "no decision 99"),
        ("rules remove 99", "no rule 99"),
    ],
)
def test_what_can_not_be_done_is_told_and_changes_nothing(shell: Shell, args: str, said: str) -> None:
    assert said in shell.refused(*args.split(), code=1)
    assert states(shell) == {"ready": 1, "failed": 3}


def test_a_rule_that_changes_nothing_is_not_kept(shell: Shell) -> None:
    rule = ("--group", TOO_LONG, "--rule", "drop", "--field", "metadata.nothing")
    assert "changes nothing" in shell.refused("errors", "fix", *rule, code=3)
    assert shell.json("rules", "list") == []
