"""cockpit connections as a person runs it: from a CSV file, offline, and what it refuses."""

import csv
import json
import stat
from pathlib import Path

import pytest

from tests.cli.shell import Shell
from tests.connections.keys import private_pem
from tests.jobs.connections.files import COLUMNS, oidc, saml
from tests.jobs.connections.living import certificate

ROWS = [
    saml(1, certificate()),
    saml(2, certificate(), nameIdFormat="persistent"),
    saml(3, certificate(), customAcsUrl="https://acme.eu.auth0.com/login/callback"),
    saml(4, private_pem(), x509Cert=private_pem()),
    oidc(5),
]


def write(file: Path, *rows: dict[str, str]) -> None:
    with file.open("w", newline="") as opened:
        writer = csv.DictWriter(opened, COLUMNS, restval="")
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


@pytest.fixture
def checked(shell: Shell) -> Shell:
    write(shell.folder / "ours.csv", *ROWS)
    assert shell.run("connections", "export", "--csv", "ours.csv").returncode == 0
    assert shell.run("connections", "check", "--offline").returncode == 3
    return shell


def test_the_path_from_a_file_to_a_hand_over(checked: Shell) -> None:
    rows = {row["source_id"]: row for row in checked.json("connections", "list")}
    assert {ident: row["verdict"] for ident, row in rows.items()} == {
        "con_1": "transparent",
        "con_2": "review",
        "con_3": "portal",
        "con_4": "stop",
        "con_5": "transparent",
    }
    status = checked.json("status")["connections"]
    assert status == {"total": 5, "manual": 3, "legacy": 2, "canary": 0, "workos": 0, "held": 0}
    plan = checked.json("connections", "plan")
    assert (plan["total"], plan["capable"], plan["strategy"]) == (5, 2, "portal")
    override = ("connections", "override", "con_2", "--verdict", "transparent", "--reason", "tried it")
    assert checked.run(*override).returncode == 0
    files = ("--saml", "out/saml.csv", "--oidc", "out/oidc.csv", "--secrets", "out/secrets.json")
    checked.json("connections", "csv", *files)
    out = checked.folder / "out"
    with (out / "saml.csv").open(newline="") as file:
        assert [row["externalId"] for row in csv.DictReader(file)] == ["con_1", "con_2"]
    assert stat.S_IMODE((out / "secrets.json").stat().st_mode) == 0o600
    assert json.loads((out / "secrets.json").read_text()) == {"con_5": {"clientSecret": "hush-5"}}
    assert "persistent" in (out / "handoff_notes.md").read_text()
    written = checked.json("connections", "list", "--handoff", "written")
    assert [row["source_id"] for row in written] == ["con_1", "con_2", "con_5"]
    mark = ("connections", "mark", "con_1", "imported", "--workos-id", "conn_1", "--callback", "https://a/1")
    assert checked.run(*mark).returncode == 0
    shown = checked.json("connections", "show", "conn_1")
    assert (shown["source_id"], shown["callback_endpoint"]) == ("con_1", "https://a/1")


def test_nothing_secret_is_ever_shown(checked: Shell) -> None:
    lines = private_pem().splitlines()[1:-1]
    for ident in ("con_4", "con_5"):
        for form in ((), ("--json",)):
            said = checked.run("connections", "show", ident, *form).stdout
            assert "hush" not in said
            assert not any(line in said for line in lines)
    check = checked.run("connections", "check", "--offline", "--json")
    assert "hush" not in check.stdout
    assert not any(line in check.stdout for line in lines)


def test_every_finding_names_connection_field_what_and_what_to_do(checked: Shell) -> None:
    done = checked.run("connections", "check", "--offline", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    found = [event for event in events if event["event"] == "finding"]
    assert {event["connection"] for event in found} == {"con_2", "con_3", "con_4", "con_5"}
    assert all(event["what"] and event["todo"] for event in found)
    assert events[-1]["exit"] == done.returncode == 3


def test_where_the_counts_disagree_the_lead_chooses(checked: Shell) -> None:
    (checked.folder / "cockpit.toml").write_text("[connections]\nproxy_from = 4\n")
    assert checked.json("connections", "plan")["strategy"] is None
    assert "reason" in checked.refused("connections", "plan", "--choose", "portal", code=2)
    chosen = checked.json("connections", "plan", "--choose", "transparent", "--reason", "they grow")
    assert (chosen["strategy"], chosen["agree"]) == ("transparent", False)
    assert checked.json("connections", "plan")["strategy"] == "transparent"


def test_overrides_can_be_withdrawn_and_need_a_reason(checked: Shell) -> None:
    decide = ("connections", "override", "con_4", "--verdict", "review")
    assert "--reason" in checked.refused(*decide, code=2)
    checked.run(*decide, "--reason", "asked them")
    assert checked.json("connections", "show", "con_4")["overridden"] is True
    checked.run("connections", "override", "con_4", "--withdraw", "--reason", "no")
    assert checked.json("connections", "show", "con_4")["verdict"] == "stop"
    nothing = ("connections", "override", "con_4", "--reason", "no")
    assert "--withdraw" in checked.refused(*nothing, code=2)


def test_what_is_refused_says_why(checked: Shell) -> None:
    assert "no connection 'nope'" in checked.refused("connections", "show", "nope", code=1)
    assert "--reason" in checked.refused("connections", "mark", "con_1", "flagged", code=2)
    assert "--email" in checked.refused("connections", "invite", "con_1", code=2)
    files = ("--saml", "a.csv", "--oidc", "b.csv")
    assert "--read-only" in checked.refused("--read-only", "connections", "csv", *files, code=2)
    (checked.folder / "bad.csv").write_text("a,b\n1,2\n")
    assert "no column" in checked.refused("connections", "export", "--csv", "bad.csv", code=1)


def test_a_line_that_can_not_be_taken_is_named(shell: Shell) -> None:
    write(shell.folder / "ours.csv", saml(1, certificate()), saml(1, certificate()))
    done = shell.run("connections", "export", "--csv", "ours.csv")
    assert done.returncode == 3
    assert "line 3 left out: the id 'con_1' came before" in done.stdout


def test_a_provider_without_connections_says_so(shell: Shell) -> None:
    said = shell.refused(
        "connections", "export", "--source", "better_auth", code=2, DATABASE_URL="sqlite:x.db"
    )
    assert "connections" in said
